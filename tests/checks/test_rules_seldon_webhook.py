"""Our verdict on SeldonDeployments compared with the webhook's own, on the corpus, on the rules' examples, on bent copies.

``tests/oracle/seldon-core-1`` is a small Go program around the operator's published module of 1.16.0, a release under
Apache-2.0 whose webhook has the rules of 1.17 and 1.18. Run on request: ``pytest -m oracle``.
"""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import oracles
from generator.checks.api import Options, check
from generator.checks.finding import Severity
from generator.checks.registry import registry
from generator.reading.documents import Document, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.oracle

SHARED = Path(__file__).resolve().parents[3] / "shared"
PROGRAM = Path(__file__).resolve().parents[1] / "oracle" / "seldon-core-1"
BENT = int(os.environ.get("SERINUS_FUZZ", "5000"))
RELEASES = ("1.17.1", "1.18.2")

ODD: list[Any] = [
    *(None, "", "x", 0, 1, -50, 50, 100, 150, 2**31, True, False, [], {}, [None], [{}], "0.5e1.5", "1e3"),
    *("REST", "GRPC", "rest", "grpc", "seldon", "tensorflow", "kfserving", "v2", "kafka", "rpc", "all", "true"),
    *("SKLEARN_SERVER", "HUGGINGFACE_SERVER", "TENSORFLOW_SERVER", "SIMPLE_MODEL", "RANDOM_ABTEST", "MODEL"),
    *("UNKNOWN_IMPLEMENTATION", "UNKNOWN_TYPE", "ROUTER", "KAFKA_BROKER", "KAFKA_INPUT_TOPIC", "KAFKA_OUTPUT_TOPIC"),
]


def is_deployment(data: dict[str, Any]) -> bool:
    return str(data.get("apiVersion")).startswith("machinelearning.seldon.io/v1") and data["kind"] == "SeldonDeployment"


def deployments(text: str | bytes, file: str) -> Iterator[Document]:
    """The SeldonDeployments of a text; a doubled key isn't in an object any more, so those with one are left out."""
    for entry in read(text, file):
        if isinstance(entry, Document) and not entry.duplicates and is_deployment(entry.data):
            yield entry


def corpus() -> list[Document]:
    folder = SHARED / "corpus" / "seldon-core-1"
    return [one for file in sorted(folder.glob("*.yaml")) for one in deployments(file.read_bytes(), file.name)]


def examples() -> list[Document]:
    mine = [rule for rule in registry().rules if rule.id.startswith("SC1")]
    return [one for rule in mine for text in (rule.bad, rule.good) for one in deployments(text, rule.id)]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for key, child in children for place in places(child, (*path, key)))]


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def bent(document: Document, dice: random.Random, donors: list[Document]) -> Document:
    """A copy with one to three fields removed, given another value, doubled, or taken from another document."""
    data = copy.deepcopy(document.data)
    for _ in range(dice.choice((1, 1, 2, 3))):
        found = [path for path in places(data.get("spec"), ("spec",)) if len(path) > 1]
        if not found:
            break
        *parents, last = dice.choice(found)
        holder = at(data, tuple(parents))
        action = dice.randrange(4)
        if action == 0:
            del holder[last]
        elif action == 1:
            holder[last] = copy.deepcopy(dice.choice(ODD))
        elif action == 2 and isinstance(holder, list):
            holder.insert(0, copy.deepcopy(holder[last]))
        else:
            donor = dice.choice(donors).data
            same = [path for path in places(donor) if path[-1] == last]
            if same:
                holder[last] = copy.deepcopy(at(donor, dice.choice(same)))
    return Document(data, "bent")


def servers(documents: list[Document]) -> list[str]:
    """All implementations that the documents name: a cluster's ConfigMap may have any, so the oracle's has them all."""
    found = [at(document.data, path) for document in documents for path in places(document.data) if path[-1] == KEY]
    return sorted({name for name in found if isinstance(name, str)} | {name for name in ODD if isinstance(name, str)})


KEY = "implementation"


@pytest.fixture(scope="module")
def oracle() -> Callable[[list[Document]], list[str]]:
    """Asks the webhook; an empty answer allows. The program is built into the machine's cache."""
    program = oracles.build("seldon-core-1")

    def ask(documents: list[Document]) -> list[str]:
        lines = "\n".join(json.dumps({"id": str(i), "document": one.data}) for i, one in enumerate(documents))
        command = [program, *servers(documents)]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line)["refused"] for line in done.stdout.splitlines()]

    return ask


def errors(document: Document, release: str, *, webhooks: bool) -> list[str]:
    options = Options(webhooks=webhooks)
    findings = check([document], platforms=[f"seldon-core-1@{release}"], options=options).findings
    return [f"{one.rule} {one.path}: {one.message}" for one in findings if one.severity == Severity.ERROR]


def differences(
    ask: Callable[[list[Document]], list[str]], documents: list[Document], release: str
) -> tuple[int, list[str]]:
    """How many documents reach the webhook (the API server takes them), and those on which we and it differ."""
    asked = [document for document in documents if not errors(document, release, webhooks=False)]
    found = []
    for document, theirs in zip(asked, ask(asked), strict=True):
        ours = errors(document, release, webhooks=True)
        if bool(ours) != bool(theirs):
            found.append(f"{document.file}: ours {ours}, the webhook's '{theirs}': {json.dumps(document.data)}")
    return len(asked), found


@pytest.mark.parametrize("release", RELEASES)
def test_corpus(oracle, release: str) -> None:
    documents = corpus()
    if not documents:
        pytest.skip("no corpus beside the project")
    asked, found = differences(oracle, documents, release)
    assert asked > len(documents) / 2
    assert found == []


@pytest.mark.parametrize("release", RELEASES)
def test_examples_of_the_rules(oracle, release: str) -> None:
    assert differences(oracle, examples(), release)[1] == []


@pytest.mark.parametrize("seed", range(1, 3))
def test_bent_documents(oracle, seed: int) -> None:
    dice = random.Random(seed)
    donors = [*corpus(), *examples()]
    made = [bent(dice.choice(donors), dice, donors) for _ in range(BENT // 2)]
    asked, found = differences(oracle, made, RELEASES[-1])
    assert asked > BENT // 8
    assert not found, f"{len(found)} of {asked}: {found[:3]}"


def test_the_comparison_can_fail(oracle) -> None:
    (document, *_) = corpus() or examples()
    assert len(differences(lambda documents: ["a reason"] * len(documents), [document], RELEASES[0])[1]) == 1
    assert oracle([document]) == [""]
