"""Updates held against KServe's own webhooks: an object as it is, and what it is to become.

The old object is one that the cluster took; its status says what the controller writes there. As in
``test_kserve_oracle.py``, building the programs takes minutes the first time: ``pytest -m oracle``.
"""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import oracles
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.registry import registry
from generator.reading.documents import Document, read

pytestmark = pytest.mark.oracle

SHARED = Path(__file__).resolve().parents[3] / "shared"
RELEASES = {"0.20": "0.20.0", "0.19": "0.19.0", "0.17": "0.17.1", "0.16": "0.16.0", "0.15": "0.15.2"}
"""Releases of the module, and whose CRDs go with each: of 0.17 Go's proxy has 0.17.0, whose webhooks are those of 0.17.1."""
PAIRS = int(os.environ.get("SERINUS_FUZZ", "5000")) // 10
"""How many changed documents a kind is tried with on each release."""

MODE = "serving.kserve.io/deploymentMode"
MODES = ("Standard", "Knative", "ModelMesh", "RawDeployment", "Serverless")
NEW_NAMES = {"RawDeployment": "Standard", "Serverless": "Knative"}
KINDS = {
    "InferenceService": "inferenceservices",
    "InferenceGraph": "inferencegraphs",
    "TrainedModel": "trainedmodels",
    "ServingRuntime": "servingruntimes",
    "LLMInferenceService": "llminferenceservices",
    "LLMInferenceServiceConfig": "llminferenceserviceconfigs",
    "LocalModelCache": "localmodelcaches",
}
URIS = ("s3://models/digits/1", "s3://models/digits/2", "hf://example/chat-7b", "pvc://models/digits")
SIZES = ({}, {"tensor": 2}, {"data": 4, "dataLocal": 2}, {"data": 8, "dataLocal": 4}, {"data": 9, "dataLocal": 4})
MOVES: dict[str, tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...]] = {
    "InferenceService": (
        (("metadata", "annotations", MODE), (*MODES, "x")),
        (("spec", "predictor", "name"), ("first", "second", "")),
        (("spec", "predictor", "model", "storageUri"), URIS),
        (("spec", "predictor", "minReplicas"), (0, 1, 3)),
    ),
    "InferenceGraph": ((("spec", "nodes", "root", "routerType"), ("Sequence", "Ensemble", "Splitter")),),
    "TrainedModel": (
        (("spec", "model", "memory"), ("1Gi", "1024Mi", "1", "1000m", 1, 2, "0")),
        (("spec", "model", "storageUri"), URIS),
        (("spec", "model", "framework"), ("sklearn", "xgboost")),
    ),
    "ServingRuntime": (
        (("spec", "workerSpec"), (None, {}, {"containers": [{"name": "worker-container", "image": "x"}]})),
        (("spec", "disabled"), (True, False)),
    ),
    "LLMInferenceService": (
        (("spec", "parallelism"), (*SIZES, {"pipeline": 1}, {"pipeline": 2}, None)),
        (("spec", "prefill", "parallelism"), (*SIZES, {"pipeline": 2}, None)),
        (("spec", "prefill"), (None, {}, {"parallelism": {"data": 4, "dataLocal": 1}})),
        (("spec", "model", "uri"), URIS),
    ),
    "LLMInferenceServiceConfig": ((("spec", "baseRefs"), ([], [{"name": "x"}])), (("spec", "replicas"), (1, 2))),
    "LocalModelCache": (
        (("spec", "sourceModelUri"), URIS),
        (("spec", "modelSize"), ("1Gi", 5)),
        (("spec", "nodeGroups"), (["a"], ["b"], [])),
    ),
}
"""What an update changes: places that rules on updates look at, and their neighbours."""


class Update(NamedTuple):
    """An object as it is, and as it is to be."""

    old: dict[str, Any]
    new: dict[str, Any]


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    """A release; its program is built into the machine's cache."""
    if not SHARED.is_dir():
        pytest.skip("no CRDs beside the project")
    found: str = request.param
    oracles.build(f"kserve-{found}")
    return found


def ask(release: str, kind: str, questions: list[dict[str, Any]]) -> list[dict[str, str]]:
    """KServe's verdicts on documents, and on updates, in their order."""
    crd = SHARED / "crds" / "kserve" / RELEASES[release] / f"{KINDS[kind]}.serving.kserve.io.json"
    if not crd.is_file():
        pytest.skip(f"{release} has no {kind}")
    lines = "\n".join(json.dumps(one) for one in questions)
    done = subprocess.run(
        [oracles.build(f"kserve-{release}"), crd], input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def documents(text: str | bytes, kind: str) -> list[dict[str, Any]]:
    return [
        one.data
        for one in read(text, "text")
        if isinstance(one, Document)
        and one.kind == kind
        and one.api_version.startswith("serving.kserve.io/")
        and one.name
        and not one.duplicates
    ]


def accepted(release: str, kind: str) -> list[dict[str, Any]]:
    """The documents of the corpus and of the examples that the cluster takes: only such a one can be an old object."""
    texts: list[str | bytes] = [file.read_bytes() for file in sorted(SHARED.glob("corpus/kserve/*.yaml"))]
    texts += [text for rule in registry().rules for text in (rule.bad, rule.good, rule.before)]
    found = [one for text in texts for one in documents(text, kind)]
    verdicts = ask(release, kind, [{"document": json.dumps(one)} for one in found])
    return [one for one, verdict in zip(found, verdicts, strict=True) if not verdict["webhooks"]]


def settled(release: str, data: dict[str, Any]) -> dict[str, Any]:
    """An InferenceService with the mode in its status, as the controller of the release writes it.

    Since 0.16 that is the mode's new name. The cluster's own mode is Knative. A status that is there already stays.
    """
    if data["kind"] != "InferenceService" or (data.get("status") or {}).get("deploymentMode"):
        return data
    mode = annotated(data)
    new = mode if release == "0.15" else NEW_NAMES.get(mode, mode)
    known = mode in modes(release)
    return {**data, "status": {"deploymentMode": new if known else "Serverless" if release == "0.15" else "Knative"}}


def annotated(data: dict[str, Any]) -> str:
    return (data["metadata"].get("annotations") or {}).get(MODE) or ""


def modes(release: str) -> tuple[str, ...]:
    """The modes that a release knows; others are ignored."""
    return (*NEW_NAMES, "ModelMesh") if release == "0.15" else MODES


def without_status(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "status"}


def moved(data: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """A copy with one change, at a place that is made where it is missing."""
    copied = copy.deepcopy(data)
    path, values = dice.choice(MOVES[data["kind"]])
    holder: Any = copied
    for step in path[:-1]:
        if not isinstance(holder.get(step), dict):
            holder[step] = {}
        holder = holder[step]
    value = copy.deepcopy(dice.choice(values))
    if value is None or dice.random() < 0.15:
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = value
    return copied


def differences(release: str, kind: str, updates: list[Update]) -> list[str]:
    """The updates on which we and KServe differ, with both reasons; those whose old object can't be are left out."""
    questions = []
    for one in updates:
        old = json.dumps(settled(release, one.old))
        questions.append({"document": json.dumps(one.new), "old": old, "others": [old]})
    options = {"bare": Options(webhooks=False), "webhooks": Options()}
    taken = ask(release, kind, [{"document": json.dumps(without_status(one.old))} for one in updates])
    differing = []
    for update, created, verdict in zip(updates, taken, ask(release, kind, questions), strict=True):
        for mode, option in options.items():
            # What a cluster wouldn't have taken is no old object: unchanged parts of one aren't asked again.
            if created[mode] or verdict[mode].startswith("old: "):
                continue
            known = annotated(update.old) in modes(release)
            previous = json.dumps(update.old if known else settled(release, update.old))
            found = check([update.new], platforms=[f"kserve@{release}"], options=option, previous=previous).findings
            ours = [f"{one.rule} {one.path}: {one.message}" for one in found if one.severity == Severity.ERROR]
            if bool(ours) != bool(verdict[mode]):
                told = f"{mode}: ours {ours}, KServe's '{verdict[mode]}': {json.dumps(update.old)} -> "
                differing.append(told + json.dumps(update.new))
    return differing


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_rules_on_updates(release: str, kind: str) -> None:
    updates = [
        Update(old, new)
        for rule in registry().rules
        for old in documents(rule.before, kind)
        for text in (rule.bad, rule.good)
        for new in documents(text, kind)
        if new["metadata"]["name"] == old["metadata"]["name"]
    ]
    assert updates or kind in ("InferenceGraph", "LLMInferenceServiceConfig")
    assert differences(release, kind, updates) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_that_changes_nothing_is_taken(release: str, kind: str) -> None:
    found = accepted(release, kind)
    assert found
    assert differences(release, kind, [Update(one, one) for one in found]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_changed_documents(release: str, kind: str) -> None:
    dice = random.Random(1)
    originals = accepted(release, kind)
    olds = [moved(dice.choice(originals), dice) for _ in range(PAIRS)]
    updates = [Update(old, moved(old if dice.random() < 0.8 else moved(old, dice), dice)) for old in olds]
    found = differences(release, kind, updates)
    assert not found, f"{len(found)} of {len(updates)}: {found[:3]}"


def test_a_live_status_of_any_mode_under_any_annotation(release: str) -> None:
    """A status may be older than the modes' new names."""

    def service(mode: str | None) -> dict[str, Any]:
        annotations = {"annotations": {MODE: mode}} if mode else {}
        return {
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": {"name": "digits", **annotations},
            "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": URIS[0]}}},
        }

    updates = [
        Update({**service(old), "status": {"deploymentMode": status}}, service(new))
        for status in MODES
        for old in (None, *MODES)
        for new in (None, *MODES)
    ]
    assert differences(release, "InferenceService", updates) == []


def test_caches_of_one_model(release: str) -> None:
    """Some are there already, some are new: each new one meets what the cluster took before it."""
    dice = random.Random(1)

    def cache(name: str) -> dict[str, Any]:
        spec = {"sourceModelUri": dice.choice(URIS), "modelSize": "1Gi", "nodeGroups": ["gpus"]}
        return {
            "apiVersion": "serving.kserve.io/v1alpha1",
            "kind": "LocalModelCache",
            "metadata": {"name": name},
            "spec": spec,
        }

    for _ in range(PAIRS // 20):
        there = {one["spec"]["sourceModelUri"]: one for one in map(cache, "ab")}
        cluster = {one["metadata"]["name"]: one for one in there.values()}
        files = [cache(name) for name in dice.sample("abcd", 3)]
        previous = "\n---\n".join(json.dumps(one) for one in cluster.values())
        findings = check(files, platforms=[f"kserve@{release}"], previous=previous).findings
        ours = {one.name for one in findings if one.severity == Severity.ERROR}
        theirs = set()
        for one in files:
            name = one["metadata"]["name"]
            question = {"document": json.dumps(one), "others": [json.dumps(other) for other in cluster.values()]}
            if name in cluster:
                question["old"] = json.dumps(cluster[name])
            if ask(release, "LocalModelCache", [question])[0]["webhooks"]:
                theirs.add(name)
            else:
                cluster[name] = one
        assert ours == theirs, (previous, files)
