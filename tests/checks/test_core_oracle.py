"""Our verdict on Kubernetes' own kinds compared with the API server's own Go packages.

The program decodes strictly, fills in defaults and asks the kinds' strategies, hand-written and declarative validation
alike, at the newest release. Building it takes minutes the first time, so this runs on request: ``pytest -m oracle``.
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
from bending import WORDS, changed, grown, places, sent
from core_objects import OBJECTS
from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.registry import registry
from generator.checks.rule import Stage
from generator.reading.documents import Document, read
from generator.schemas import available, load
from generator.schemas.products import KUBERNETES, owned_groups
from kit import ROOT
from metadata_forms import METADATA, NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.checks.rule import Rule

pytestmark = pytest.mark.oracle

SHARED = Path(__file__).resolve().parents[3] / "shared"
CHANGED = int(os.environ.get("SERINUS_FUZZ", "4000"))
RULES = [
    rule
    for rule in registry().rules
    if rule.product == KUBERNETES and rule.until is None and rule.stage is not Stage.LATER
]
"""The rules on what the API server refuses; what it takes, and regrets later, is asked of nobody here."""


@pytest.fixture(scope="module")
def oracle() -> Iterator[Callable[..., tuple[str, list[str]]]]:
    """A function that asks the API server's packages; the program is built once into the machine's cache."""
    program = oracles.build("kubernetes")
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def ask(data: Any, previous: Any = None) -> tuple[str, list[str]]:
            question = {"object": data} | ({"previous": previous} if previous else {})
            stdin.write(json.dumps(sent(question)) + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline())
            return answer["verdict"], answer["errors"] or []

        yield ask


def ours(data: dict[str, Any], previous: dict[str, Any] | None = None) -> tuple[str, list[str]]:
    before = json.dumps(previous) if previous else ""
    found = check([data], previous=before).findings
    errors = [f"{entry.rule} {entry.path}: {entry.message}" for entry in found if entry.severity is Severity.ERROR]
    return "invalid" if errors else "valid", errors


def documents(text: str) -> list[dict[str, Any]]:
    return [entry.data for entry in read(text, "-") if isinstance(entry, Document)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_api_server_says_the_same_of_a_rules_examples(oracle: Callable[..., Any], rule: Rule) -> None:
    before = documents(rule.before)[0] if rule.before else None
    bad = [oracle(data, before)[0] for data in documents(rule.bad)]
    assert "invalid" in bad
    assert "not-served" not in bad
    assert [oracle(data, before) for data in documents(rule.good)] == [("valid", [])] * len(documents(rule.good))


def subjects() -> list[dict[str, Any]]:
    """Objects of Kubernetes' own kinds: ours, and those among the researched manifests."""
    found = [data for text in OBJECTS for data in documents(text)]
    for file in sorted((SHARED / "corpus").glob("*/*.yaml")):
        found += [
            entry.data
            for entry in read(file.read_bytes(), file.name)
            if isinstance(entry, Document) and not entry.duplicates and _own(entry)
        ]
    return found


def _own(document: Document) -> bool:
    group, slash, _ = document.api_version.partition("/")
    return (group if slash else "") in owned_groups(KUBERNETES) and bool(document.kind)


def test_the_api_server_says_the_same_of_real_objects(oracle: Callable[..., Any]) -> None:
    differences = []
    for data in subjects():
        theirs, why = oracle(data)
        mine, said = ours(data)
        if theirs not in (mine, "not-served"):
            differences.append((theirs, why, said, data))
    assert differences == []


RENDERED = sorted(
    [*(ROOT / "tests/golden/kubernetes").glob("*.yaml"), *(ROOT / "tests/golden/examples").glob("kubernetes-*.yaml")]
)


@pytest.mark.parametrize("golden", RENDERED, ids=lambda file: file.stem)
def test_the_api_server_takes_what_is_rendered(oracle: Callable[..., Any], golden: Path) -> None:
    asked = [oracle(data) for data in documents(golden.read_text())]
    assert ("valid", []) in asked
    assert [why for verdict, why in asked if verdict not in ("valid", "not-served")] == []


NUMBERS = [-1, 0, 1, 2, 3, 60, 100, 420, 511, 512, 1000, 3600, 30000, 32768, 65535, 65536, 86401, 100001, 2**31 - 1]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def by_key(pool: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """All values that stand under a key anywhere, so that a change can be of the right type."""
    found: dict[str, list[Any]] = {}
    for data in pool:
        for path in places(data):
            if isinstance(path[-1], str):
                found.setdefault(path[-1], []).append(at(data, path))
    return found


def bent(source: random.Random, data: dict[str, Any], values: dict[str, list[Any]]) -> dict[str, Any]:
    """A copy with one or two changes that mostly still decode: another word, number, or value of the same key."""
    result = copy.deepcopy(data)
    for _ in range(1 if source.random() < 0.7 else 2):
        found = [path for path in places(result) if path not in (("apiVersion",), ("kind",))]
        if not found:
            break
        path = source.choice(found)
        parent, last, kind = at(result, path[:-1]), path[-1], source.random()
        old = parent[last]
        if kind < 0.15:
            del parent[last]
        elif kind < 0.25 and isinstance(old, dict):
            key = source.choice(sorted(values))
            old[key] = copy.deepcopy(source.choice(values[key]))
        elif kind < 0.35 and isinstance(parent, list):
            parent.insert(last, copy.deepcopy(old))
        elif kind < 0.5 and isinstance(last, str) and last in values:
            parent[last] = copy.deepcopy(source.choice(values[last]))
        else:
            parent[last] = None if kind < 0.53 else other(source, old)
    return result


def other(source: random.Random, old: Any) -> Any:
    """Another value of the same type."""
    if isinstance(old, str):
        return source.choice(WORDS)
    if isinstance(old, bool):
        return not old
    if isinstance(old, int):
        return source.choice(NUMBERS)
    return type(old)() if isinstance(old, (dict, list)) and source.random() < 0.3 else old


def differences(oracle: Callable[..., Any], seed: int, count: int) -> Iterator[str]:
    source = random.Random(seed)
    pool = subjects() + [data for rule in RULES for data in documents(rule.good) if not rule.before]
    pool = [data for data in pool if len(json.dumps(data)) < 20_000]
    values = by_key(pool)
    for _ in range(count):
        original = source.choice(pool)
        data = changed(source, copy.deepcopy(original)) if source.random() < 0.3 else bent(source, original, values)
        if (data.get("apiVersion"), data.get("kind")) != (original["apiVersion"], original["kind"]):
            continue
        theirs, why = oracle(data)
        mine, said = ours(data)
        if theirs not in (mine, "not-served"):
            yield f"theirs {theirs} {why}\nours {said}\nin {json.dumps(data)[:3000]}"


def test_changed_objects_get_the_api_servers_verdict(oracle: Callable[..., Any]) -> None:
    assert list(differences(oracle, seed=11, count=CHANGED)) == []


def whole(oracle: Callable[..., Any]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Objects that the server takes, by their kinds."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for data in [*subjects(), *(data for rule in RULES for data in documents(rule.good) if not rule.before)]:
        if len(json.dumps(data)) < 20_000 and oracle(data)[0] == "valid":
            found.setdefault((data["apiVersion"], data["kind"]), []).append(data)
    return found


def off(oracle: Callable[..., Any], tried: Iterable[dict[str, Any]]) -> list[str]:
    found = []
    for data in tried:
        theirs, why = oracle(data)
        mine, said = ours(data)
        if theirs not in (mine, "not-served"):
            found.append(f"theirs {theirs} {why}\nours {said}\nin {json.dumps(data)[:1500]}")
    return found


def test_fields_that_the_schema_knows_get_the_api_servers_verdict_wherever_they_are_added(
    oracle: Callable[..., Any],
) -> None:
    source, kinds = random.Random(31), whole(oracle)
    pack = load(KUBERNETES, available()[KUBERNETES][-1])
    pool = by_key([data for each in kinds.values() for data in each])

    def objects() -> Iterator[dict[str, Any]]:
        for _ in range(CHANGED * 2):
            api_version, kind = source.choice(sorted(kinds))
            group, _, version = api_version.rpartition("/")
            known = pack.kind(group, version, kind)
            if known is not None:
                yield grown(source, source.choice(kinds[api_version, kind]), known.schema, pool, WORDS)

    assert off(oracle, objects()) == []


def test_every_kind_takes_the_names_that_the_api_server_takes(oracle: Callable[..., Any]) -> None:
    def objects() -> Iterator[dict[str, Any]]:
        for given in whole(oracle).values():
            for name in NAMES:
                for form in (
                    {"name": name},
                    {"generateName": name},
                    {"name": "a", "generateName": name},
                    {"name": name, "generateName": "a-"},
                ):
                    kept = {key: value for key, value in given[0]["metadata"].items() if key not in form}
                    if "name" not in form:
                        kept.pop("name", None)
                    yield {**given[0], "metadata": {**kept, **form}}

    assert off(oracle, objects()) == []


def test_the_rest_of_metadata_is_what_the_request_handler_leaves_of_it(oracle: Callable[..., Any]) -> None:
    kinds = whole(oracle).values()
    tried = ({**given[0], "metadata": {**given[0]["metadata"], **change}} for given in kinds for change in METADATA)
    assert off(oracle, tried) == []
