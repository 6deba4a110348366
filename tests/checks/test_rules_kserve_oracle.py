"""The kinds beside InferenceService held against KServe's own webhooks: examples of all rules, and bent copies of them.

A kind is tried in all its versions, on every release of the module. As in ``test_kserve_oracle.py``, building the program takes minutes the first time: ``pytest -m oracle``.
"""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

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
BENT = int(os.environ.get("SERINUS_FUZZ", "5000")) // 4
"""How many bent documents a kind is tried with on each release."""

KINDS = {
    "InferenceGraph": "inferencegraphs",
    "TrainedModel": "trainedmodels",
    "ServingRuntime": "servingruntimes",
    "ClusterServingRuntime": "clusterservingruntimes",
    "LLMInferenceService": "llminferenceservices",
    "LLMInferenceServiceConfig": "llminferenceserviceconfigs",
    "LocalModelCache": "localmodelcaches",
}
ODD: list[Any] = [
    *(None, "", "x", "a.b", 0, -1, 1, 2, 101, 2**31, 2**40, 1.5, True, False, [], {}, [None], [{}], {"a": None}),
    *("100m", "1e1.5", "s3://m/x", "pvc://a", "Splitter", "Switch", "Sequence", "root", "v1", "v2", "PYTHONPATH"),
    *("PIPELINE_PARALLEL_SIZE", "kserve-container", "worker-container", "example.com/npu"),
    *(
        "hf://a b/c",
        "1:2",
        "..",
        "chat",
        "{{ .Spec.Model.Name }}",
        "{{ nothing }}",
        "{{ end }}",
        {"hpa": {}},
        {"refs": []},
    ),
]


@pytest.fixture(scope="module", params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    """A release; its program is built into the machine's cache."""
    if not SHARED.is_dir():
        pytest.skip("no CRDs beside the project")
    found: str = request.param
    oracles.build(f"kserve-{found}")
    return found


def crd(release: str, kind: str) -> Path:
    """The CRD of a kind; there is none in releases that don't have it."""
    return SHARED / "crds" / "kserve" / RELEASES[release] / f"{KINDS[kind]}.serving.kserve.io.json"


def documents(kind: str) -> list[Document]:
    """The documents of a kind in the corpus and in the examples of the rules."""
    texts: list[tuple[str | bytes, str]] = [
        (file.read_bytes(), file.name) for file in sorted(SHARED.glob("corpus/kserve/*.yaml"))
    ]
    texts += [(text, rule.id) for rule in registry().rules for text in (rule.bad, rule.good)]
    found = [entry for text, name in texts for entry in read(text, name)]
    versions = ("serving.kserve.io/v1alpha1", "serving.kserve.io/v1alpha2")
    return [
        entry
        for entry in found
        if isinstance(entry, Document) and entry.kind == kind and entry.api_version in versions and not entry.duplicates
    ]


def differences(release: str, kind: str, found: list[Document]) -> list[str]:
    """The documents on which we and KServe differ, with both reasons."""
    lines = (json.dumps({"id": "", "document": json.dumps(one.data)}) for one in found)
    program = oracles.build(f"kserve-{release}")
    done = subprocess.run(
        [program, crd(release, kind)], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    options = {"bare": Options(webhooks=False), "webhooks": Options()}
    differing = []
    for document, line in zip(found, done.stdout.splitlines(), strict=True):
        verdict = json.loads(line)
        for mode, option in options.items():
            findings = check([document], platforms=[f"kserve@{release}"], options=option).findings
            ours = [f"{one.rule} {one.path}: {one.message}" for one in findings if one.severity == Severity.ERROR]
            if bool(ours) != bool(verdict[mode]):
                differing.append(f"{mode}: ours {ours}, KServe's '{verdict[mode]}': {json.dumps(document.data)}")
    return differing


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ([path] if path else []) + [place for key, child in children for place in places(child, (*path, key))]


def bend(data: dict[str, Any], dice: random.Random) -> None:
    """Remove, misspell, retype or double one value."""
    *parents, last = dice.choice(places(data))
    holder: Any = data
    for step in parents:
        holder = holder[step]
    kind = dice.random()
    if kind < 0.2:
        del holder[last]
    elif kind < 0.7:
        holder[last] = copy.deepcopy(dice.choice(ODD))
    elif kind < 0.8 and isinstance(holder, dict):
        holder[f"{last}x"] = holder.pop(last)
    elif isinstance(holder, list):
        holder.insert(0, copy.deepcopy(holder[last]))


def bent(originals: list[Document], number: int) -> list[Document]:
    dice = random.Random(1)
    found: list[Document] = []
    while len(found) < number:
        original = dice.choice(originals).data
        data = copy.deepcopy(original)
        for _ in range(dice.choice((1, 1, 2, 3))):
            bend(data, dice)
        if (data.get("apiVersion"), data.get("kind")) == (original["apiVersion"], original["kind"]):
            found.append(Document(data, "bent"))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_corpus_and_examples(release: str, kind: str) -> None:
    if not crd(release, kind).is_file():
        pytest.skip(f"{release} has no {kind}")
    found = documents(kind)
    assert found or kind == "ClusterServingRuntime"
    assert differences(release, kind, found) == []


@pytest.mark.parametrize("kind", KINDS)
def test_bent_documents(release: str, kind: str) -> None:
    originals = documents(kind)
    if not originals or not crd(release, kind).is_file():
        pytest.skip(f"no {kind} to bend")
    found = differences(release, kind, bent(originals, BENT))
    assert not found, f"{len(found)} of {BENT}: {found[:3]}"
