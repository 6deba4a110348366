"""The structural verdict compared with the API server's own Go packages, on changed copies of the corpus.

Building the program takes minutes the first time, so this runs on request: ``pytest -m oracle``.
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
from generator.checks.structure import Code, fast_valid, unknown_and_duplicate, violations
from generator.documents import Document, read
from generator.schemas import load, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.schemas import KindSchema

SHARED = Path(__file__).resolve().parents[3] / "shared"
ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "structure"
pytestmark = pytest.mark.oracle

CHANGED = int(os.environ.get("SERINUS_FUZZ", "1200"))

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**31 - 1, -(2**31), 2**40, 1.5, 1.0, 0.1, -0.5, 1e20, 70000),
    *(
        "",
        "a",
        "A",
        "yes",
        "1",
        "100m",
        "1Gi",
        "-1",
        "a b",
        "x" * 64,
        "x" * 300,
        "a.b",
        "a_b",
        "-a",
        "a/b",
        "é",
        "10s",
        "1h",
    ),
    *(
        "2020-01-01T00:00:00Z",
        "2020-13-01",
        "HTTP",
        "Exact",
        "http://a.b/c",
        "*.example.com",
        "10.0.0.1",
        "::1",
        "aGk=",
        "\n",
    ),
    *([], {}, [None], [1], ["a", "a"], {"a": 1}, [{}], {"name": "a"}, [{"name": "a"}, {"name": "a"}], {"": ""}),
]
KEYS = [
    "a",
    "name",
    "namespace",
    "kind",
    "apiVersion",
    "metadata",
    "spec",
    "type",
    "value",
    "labels",
    "port",
    "Name",
    "",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from places(child, (*path, key))


def changed(source: random.Random, data: dict[str, Any]) -> dict[str, Any]:  # noqa: C901 (one branch for each change)
    """A copy with one to three changes: a field gone, misspelt, of another type, null, out of bounds, an item twice."""
    result = copy.deepcopy(data)
    for _ in range(source.randint(1, 3)):
        found = list(places(result))
        if not found:
            break
        path = source.choice(found)
        parent: Any = result
        for part in path[:-1]:
            parent = parent[part]
        last = path[-1]
        kind = source.random()
        if kind < 0.2:
            del parent[last]
        elif kind < 0.3 and isinstance(parent, dict):
            parent[str(last) + source.choice("sxX")] = parent.pop(last)
        elif kind < 0.4 and isinstance(parent, dict):
            parent[source.choice(KEYS)] = source.choice(VALUES)
        elif kind < 0.55 and isinstance(parent, list):
            parent.append(copy.deepcopy(source.choice(parent)))
        elif kind < 0.6 and isinstance(parent[last], int) and not isinstance(parent[last], bool):
            parent[last] += source.choice([-1, 1, 100, -100, 10**6, 0.5, 0.0])
        elif kind < 0.65 and isinstance(parent[last], str):
            text = parent[last]
            at = source.randrange(len(text) + 1)
            parent[last] = (
                text[:at] + source.choice(["A", "-", ".", "_", "/", " ", "é", "%2F", "//", "#", "\n"]) + text[at:]
            )
        elif kind < 0.7 and isinstance(parent[last], (dict, list)):
            parent[last] = type(parent[last])()
        else:
            parent[last] = copy.deepcopy(source.choice(VALUES))
    return result


@pytest.fixture(scope="module")
def oracle() -> Iterator[Callable[[Path, Any], tuple[str, str]]]:
    """A function that asks the API server's packages; the program is built once into the machine's cache."""
    if not (SHARED / "crds").is_dir():
        pytest.skip("no CRDs beside the project")
    program = oracles.build("structure")
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def ask(release: Path, data: Any) -> tuple[str, str]:
            stdin.write(json.dumps({"release": str(release), "object": data}) + "\n")
            stdin.flush()
            answer = json.loads(stdout.readline())
            return answer["verdict"], "; ".join(answer["errors"] or [])

        yield ask


def kinds_of(product: str, data: dict[str, Any]) -> Iterator[tuple[Path, KindSchema]]:
    group, _, version = str(data.get("apiVersion")).rpartition("/")
    for folder in sorted((SHARED / "crds" / product).iterdir()):
        kind = load(product, parse_version(folder.name)).kind(group, version, str(data.get("kind")))
        if kind is not None:
            yield folder, kind


def ours(data: dict[str, Any], kind: KindSchema) -> str:
    found = unknown_and_duplicate(Document(data, "f"), kind) + violations(data, kind)
    assert Code.CEL_UNCHECKED not in {problem.code for problem in found}
    return "invalid" if found else "valid"


def subjects() -> list[tuple[str, dict[str, Any]]]:
    files = sorted((SHARED / "corpus").glob("*/*.yaml"))
    found = [(file.parent.name, document) for file in files for document in read(file.read_bytes(), file.name)]
    return [(product, d.data) for product, d in found if isinstance(d, Document) and not d.duplicates]


def differences(oracle: Callable[[Path, Any], tuple[str, str]], seed: int, count: int) -> Iterator[str]:
    source = random.Random(seed)
    pool = subjects()
    for _ in range(count):
        product, original = source.choice(pool)
        releases = list(kinds_of(product, original))
        if not releases:
            continue
        folder, kind = source.choice(releases)
        data = changed(source, original)
        if (data.get("apiVersion"), data.get("kind")) != (original["apiVersion"], original["kind"]):
            continue
        theirs, why = oracle(folder, data)
        mine = ours(data, kind)
        if theirs != mine:
            yield f"{folder.parent.name}/{folder.name} theirs {theirs}, ours {mine}: {why[:300]} in {json.dumps(data)[:1500]}"
        elif fast_valid(data, kind) and mine != "valid":
            yield f"the fast lane takes what is refused: {json.dumps(data)[:1500]}"


def test_changed_documents_get_the_api_servers_verdict(oracle: Callable[[Path, Any], tuple[str, str]]) -> None:
    assert list(differences(oracle, seed=11, count=CHANGED)) == []
