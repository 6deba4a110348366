"""Our verdicts on Kubeflow's training kinds compared with those of its own webhooks: the rules' examples, and bent copies.

``tests/oracle/kubeflow-training-operator`` and ``tests/oracle/kubeflow-trainer`` are small Go programs around the
products' published modules, with the API server's own packages in front. Run on request: ``pytest -m oracle``.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import oracles
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.registry import registry
from generator.checks.rules.kubeflow_trainer.spec import SHIPPED
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

pytestmark = pytest.mark.oracle

BENT = int(os.environ.get("SERINUS_FUZZ", "2000"))
KINDS = {
    "kubeflow-training-operator": ("TFJob", "PyTorchJob", "XGBoostJob", "PaddleJob", "JAXJob"),
    "kubeflow-trainer": ("TrainJob", "TrainingRuntime", "ClusterTrainingRuntime"),
}
MODULES = {
    "kubeflow-training-operator": ("github.com/kubeflow/training-operator", "v1.9.0", "manifests/base/crds"),
    "kubeflow-trainer": ("github.com/kubeflow/trainer/v2", "v2.3.0", "manifests/base/crds"),
}
RELEASES = {product: version.removeprefix("v") for product, (_, version, _) in MODULES.items()}
UNKNOWN = {"KFT111", "KFT136"}
"""Notes on what the set doesn't hold: the oracle's cluster holds nothing else, so its webhook refuses."""
BEYOND = {"K8S047"}
"""Errors about the scale subresource, which the oracle's API server doesn't look at."""

ODD: list[Any] = [
    *(None, "", "x", 0, 1, 2, -1, True, False, [], {}, [None], [{}], 1.0, "1", "auto", "true"),
    *("Worker", "Master", "Chief", "worker", "tensorflow", "pytorch", "xgboost", "paddle", "jax", "node", "trainer"),
    *("kubeflow.org/training-operator", "kueue.x-k8s.io/multikueue", "a.b/c", "A.b/c", "a/", "2nd", "a.b", "a" * 64),
    *("dataset-initializer", "model-initializer", "initializer", "launcher", "flux-installer", "TrainingRuntime"),
    *("PET_NNODES", "DMLC_TASK_ID", "OMPI_MCA_plm_rsh_args", "deprecated", "digits", "torchtune-qwen2.5-1.5b"),
    *({"nvidia.com/gpu": "1"}, {"torch": {}}, {"mpi": {"runLauncherAsNode": True}}, {"flux": {}}, {"xgboost": {}}),
    *(["tune", "run"], ["model.quantize_base=true"], ["model.lora_attn_modules=q"], ["tokenizer.path=/x"], "system-node-critical"),
]  # fmt: skip


class Case(NamedTuple):
    """An object, what it replaces, and what is beside it in the cluster."""

    new: dict[str, Any]
    old: dict[str, Any] | None
    others: tuple[dict[str, Any], ...]


def _packs() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "packs" / "modules.py"
    spec = importlib.util.spec_from_file_location("packs_modules", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=KINDS)
def product(request: pytest.FixtureRequest) -> str:
    """A product; its program is built into the machine's cache."""
    found: str = request.param
    oracles.build(found)
    return found


@pytest.fixture(scope="module")
def crds(product: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of the product's CRDs, by kind, from its Go module."""
    packs, folder = _packs(), tmp_path_factory.mktemp(product)
    found = {}
    for document in packs.crds(packs.Module(*MODULES[product])):
        kind = document.data["spec"]["names"]["kind"]
        found[kind] = folder / f"{kind}.json"
        found[kind].write_text(json.dumps(document.data))
    return found


def cases(product: str, kind: str) -> list[Case]:
    """The objects of a kind in the examples of the rules, each with what it stands beside."""
    found = []
    for rule in (one for one in registry().rules if one.product == product):
        before = {one["metadata"].get("name"): one for one in objects(rule.before) if one["kind"] == kind}
        for text in (rule.bad, rule.good):
            every = objects(text)
            for number, one in enumerate(every):
                if one["kind"] == kind:
                    others = tuple(every[:number] + every[number + 1 :])
                    found.append(Case(one, before.get(one["metadata"].get("name")), others))
    return found


def objects(text: str) -> list[dict[str, Any]]:
    return [one.data for one in read(text, "text") if isinstance(one, Document)]


def ours(product: str, case: Case, *, webhooks: bool) -> list[str]:
    """What we hold against an object: errors, and what we can't know where the oracle's cluster does."""
    documents = [Document(one, "others") for one in case.others]
    report = check(
        [*documents, Document(case.new, "new")],
        platforms=[f"{product}@{RELEASES[product]}"],
        previous=json.dumps(case.old) if case.old else "",
        options=Options(webhooks=webhooks),
    )
    return [
        f"{one.rule} {one.path}: {one.message}"
        for one in report.findings
        if one.file == "new" and (one.severity == Severity.ERROR or one.rule in UNKNOWN) and one.rule not in BEYOND
    ]


def differences(product: str, crd: Path, asked: list[Case]) -> list[str]:
    """The objects on which we and Kubeflow differ, with both reasons."""
    lines = [
        json.dumps(
            {
                "id": "",
                "document": json.dumps(case.new),
                "old": json.dumps(case.old) if case.old else "",
                "others": [json.dumps(one) for one in case.others],
            }
        )
        for case in asked
    ]
    done = subprocess.run(
        [oracles.build(product), crd], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    found = []
    for case, line in zip(asked, done.stdout.splitlines(), strict=True):
        verdict = json.loads(line)
        for mode in ("bare", "webhooks"):
            told = ours(product, case, webhooks=mode == "webhooks")
            if bool(told) != bool(verdict[mode]) and not verdict[mode].startswith("old: "):
                found.append(f"{mode}: ours {told}, Kubeflow's '{verdict[mode]}': {json.dumps(case)}")
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def bend(data: dict[str, Any], dice: random.Random) -> None:
    """Remove, rename, change or double one value below spec, or change the name."""
    found = [path for path in places(data) if path[0] in ("spec", "metadata") and len(path) > 1]
    if not found:
        return
    *parents, last = dice.choice(found)
    holder: Any = data
    for step in parents:
        holder = holder[step]
    action = dice.random()
    if action < 0.25:
        del holder[last]
    elif action < 0.7:
        holder[last] = copy.deepcopy(dice.choice(ODD))
    elif action < 0.85 and isinstance(holder, dict):
        holder[dice.choice([one for one in ODD if isinstance(one, str) and one])] = holder.pop(last)
    elif isinstance(holder, list):
        holder.insert(0, copy.deepcopy(holder[last]))


def bent(product: str, originals: list[Case], number: int, seed: int = 7) -> list[Case]:
    """Copies that are wrong in one to three places; what stands beside one is bent too, where it stays valid."""
    dice, found = random.Random(seed), []
    while len(found) < number:
        new, old, others = copy.deepcopy(dice.choice(originals))
        if others and dice.random() < 0.4:
            bend(others[0], dice)
            if ours(product, Case(others[0], None, ()), webhooks=True):
                continue
        for _ in range(dice.choice((0, 1, 1, 2, 3)) if others else dice.choice((1, 1, 2, 3))):
            bend(new, dice)
        metadata = new.get("metadata")
        if isinstance(metadata, dict) and not metadata.get("namespace") and new.get("kind") != "ClusterTrainingRuntime":
            metadata["namespace"] = "models"  # where kubectl puts the others too
        same = old is not None and new.get("metadata") == old.get("metadata")
        found.append(Case(new, old if same else None, others))
    return found


def test_verdicts_on_the_examples_are_kubeflows(product: str, crds: dict[str, Path]) -> None:
    for kind in KINDS[product]:
        asked = cases(product, kind)
        assert asked
        assert differences(product, crds[kind], asked) == []


def test_verdicts_on_bent_examples_are_kubeflows(product: str, crds: dict[str, Path]) -> None:
    for kind in KINDS[product]:
        asked = bent(product, cases(product, kind), BENT // len(KINDS[product]))
        known = [case for case in asked if not _shipped(case)]
        assert differences(product, crds[kind], known) == []


def _shipped(case: Case) -> bool:
    """Whether a job names a runtime that we take to be there, and the oracle's cluster hasn't."""
    spec = case.new.get("spec")
    ref = spec.get("runtimeRef") if isinstance(spec, dict) else None
    name = ref.get("name") if isinstance(ref, dict) else None
    return (
        isinstance(name, str) and name in SHIPPED and name not in [one["metadata"].get("name") for one in case.others]
    )
