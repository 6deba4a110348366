"""The verdict with webhooks compared with KServe's own, on the corpus, on every rule's examples and on bent copies of both.

``tests/oracle/kserve-*`` are small Go programs, one a release: the API server's packages, and between their stages KServe's
own webhooks. Building one takes minutes the first time, so these tests run on request: ``pytest -m oracle``.
"""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import oracles
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.registry import registry
from generator.reading.documents import Document, read
from generator.schemas import available

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.oracle

SHARED = Path(__file__).resolve().parents[3] / "shared"
PROGRAMS = Path(__file__).resolve().parents[1] / "oracle"
RELEASES = sorted((folder.name.removeprefix("kserve-") for folder in PROGRAMS.glob("kserve-*")), reverse=True)
BENT = int(os.environ.get("SERINUS_FUZZ", "5000"))
"""How many bent documents a release is tried with."""

ODD: list[Any] = [
    *(None, "", "x", 0, -1, 1, 2, 101, 2**31, 2**40, 0.1, 1.5, True, False, [], {}, [None], [{}], {"a": None}),
    *("100m", " 1 ", "1e3", "1e1.5", "0.5", "s3://m/x", "pvc://a", "/", "..", "v1", "v2", "tensorflow", "triton"),
    *("Standard", "Knative", "RawDeployment", "standard", "hpa", "keda", "none", "external", "cpu", "memory", "rps"),
    *("concurrency", "Utilization", "AverageValue", "Value", "Resource", "External", "PYTHONPATH", "STORAGE_URI"),
    *("PROTOCOL", "kserve-container", "transformer-container"),
]
ANNOTATIONS = {
    "serving.kserve.io/deploymentMode": ["Standard", "Knative", "RawDeployment", "Serverless", "ModelMesh", "x"],
    "serving.kserve.io/autoscalerClass": ["hpa", "keda", "none", "external", "kpa", ""],
    "autoscaling.knative.dev/class": ["hpa.autoscaling.knative.dev", "kpa.autoscaling.knative.dev"],
    "serving.kserve.io/gpu-resource-types": ['["example.com/npu"]', "[]", ""],
}

Verdict = dict[str, str]


@pytest.fixture(scope="module", params=RELEASES)
def oracle(request: pytest.FixtureRequest) -> tuple[str, Callable[[list[dict[str, Any]]], list[Verdict]]]:
    """A release, and a function that asks KServe's code of that release; its program is built into the machine's cache."""
    release: str = request.param
    full = next(version for version in available()["kserve"] if str(version).startswith(f"{release}."))
    crd = SHARED / "crds" / "kserve" / str(full) / "inferenceservices.serving.kserve.io.json"
    if not crd.is_file():
        pytest.skip("no CRDs beside the project")
    program = oracles.build(f"kserve-{release}")

    def ask(documents: list[dict[str, Any]]) -> list[Verdict]:
        lines = (json.dumps({"id": str(number), "document": json.dumps(data)}) for number, data in enumerate(documents))
        done = subprocess.run([program, crd], input="\n".join(lines), capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    return release, ask


def is_service(data: dict[str, Any]) -> bool:
    return (data.get("apiVersion"), data.get("kind")) == ("serving.kserve.io/v1beta1", "InferenceService")


def services(text: str | bytes, file: str) -> Iterator[Document]:
    """The InferenceServices in a text; a doubled key isn't in an object any more, so those with one are left out."""
    for entry in read(text, file):
        if isinstance(entry, Document) and not entry.duplicates and is_service(entry.data):
            yield entry


def corpus() -> list[Document]:
    return [
        one for file in sorted(SHARED.glob("corpus/kserve/*.yaml")) for one in services(file.read_bytes(), file.name)
    ]


def examples() -> list[Document]:
    return [one for rule in registry().rules for text in (rule.bad, rule.good) for one in services(text, rule.id)]


def differences(
    release: str, ask: Callable[[list[dict[str, Any]]], list[Verdict]], documents: list[Document]
) -> list[str]:
    """The documents on which we and KServe differ, with both reasons."""
    found = []
    options = {"bare": Options(webhooks=False), "webhooks": Options()}
    for document, verdict in zip(documents, ask([document.data for document in documents]), strict=True):
        for mode, option in options.items():
            findings = check([document], platforms=[f"kserve@{release}"], options=option).findings
            ours = [f"{one.rule} {one.path}: {one.message}" for one in findings if one.severity == Severity.ERROR]
            if bool(ours) != bool(verdict[mode]):
                found.append(f"{mode}: ours {ours}, KServe's '{verdict[mode]}': {json.dumps(document.data)}")
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places(child, (*path, key))
    return found


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


class Bender:
    """Makes documents that are wrong in one to three places: removed, misspelt, retyped, doubled, transplanted."""

    def __init__(self, documents: list[Document], seed: int) -> None:
        self.documents = documents
        self.dice = random.Random(seed)
        self.snippets: dict[str, list[Any]] = defaultdict(list)
        for document in documents:
            for path in places(document.data):
                if isinstance(path[-1], str):
                    self.snippets[path[-1]].append(at(document.data, path))

    def document(self) -> Document:
        while True:
            data = copy.deepcopy(self.dice.choice(self.documents).data)
            for _ in range(self.dice.choice((1, 1, 1, 2, 3))):
                self.bend(data)
            if is_service(data):
                return Document(data, "bent")

    def bend(self, data: dict[str, Any]) -> None:
        dice = self.dice
        found = places(data)
        if not found:
            return
        *parents, last = dice.choice(found)
        holder = at(data, tuple(parents))
        kind = dice.random()
        if kind < 0.2:
            del holder[last]
        elif kind < 0.5:
            holder[last] = copy.deepcopy(dice.choice(ODD))
        elif kind < 0.6 and isinstance(holder, dict):
            holder[f"{last}x"] = holder.pop(last)
        elif kind < 0.7 and isinstance(holder, list):
            holder.insert(0, copy.deepcopy(holder[last]))
        elif kind < 0.8 and isinstance(holder, dict):
            key = dice.choice(list(holder))
            holder[key] = copy.deepcopy(dice.choice(self.snippets.get(key, [1])))
        elif kind < 0.95:
            self.transplant(data)
        else:
            self.annotate(data)

    def transplant(self, data: dict[str, Any]) -> None:
        """A field of some document, put into a component of this one."""
        spec = data.get("spec")
        hosts = [value for path in places(spec) if isinstance(value := at(spec, path), dict) and len(path) < 5]
        if hosts:
            key = self.dice.choice(sorted(self.snippets))
            self.dice.choice(hosts)[key] = copy.deepcopy(self.dice.choice(self.snippets[key]))

    def annotate(self, data: dict[str, Any]) -> None:
        metadata = data.setdefault("metadata", {})
        notes = metadata.setdefault("annotations", {}) if isinstance(metadata, dict) else None
        if isinstance(notes, dict):
            key = self.dice.choice(sorted(ANNOTATIONS))
            notes[key] = self.dice.choice(ANNOTATIONS[key])


def test_corpus(oracle) -> None:
    documents = corpus()
    if not documents:
        pytest.skip("no corpus beside the project")
    assert differences(*oracle, documents) == []


def test_examples_of_the_rules(oracle) -> None:
    assert differences(*oracle, examples()) == []


@pytest.mark.parametrize("seed", range(1, 3))
def test_bent_documents(oracle, seed: int) -> None:
    bender = Bender([*corpus(), *examples()], seed)
    found = differences(*oracle, [bender.document() for _ in range(BENT // 2)])
    assert not found, f"{len(found)} of {BENT // 2}: {found[:3]}"


def test_the_comparison_can_fail(oracle) -> None:
    """A bent document that only the oracle sees bent is reported."""
    release, ask = oracle
    (document, *_) = examples()
    blind = [{"id": "0", "bare": "a reason", "webhooks": ""}]
    assert len(differences(release, lambda _: blind, [document])) == 1
    assert ask([document.data])
