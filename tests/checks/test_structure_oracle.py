"""The structural verdict compared with the API server's own Go packages, on changed copies of the corpus.

Building the program takes minutes the first time, so this runs on request: ``pytest -m oracle``.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import oracles
from bending import changed
from generator.checks.structure.verdict import Code, fast_valid, unknown_and_duplicate, violations
from generator.reading.documents import Document, read
from generator.schemas import load, parse_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.schemas import KindSchema

SHARED = Path(__file__).resolve().parents[3] / "shared"
pytestmark = pytest.mark.oracle

CHANGED = int(os.environ.get("SERINUS_FUZZ", "1200"))


@pytest.fixture(scope="module")
def oracle() -> Iterator[Callable[[Path, Any], tuple[str, str]]]:
    """A function that asks the API server's packages; the program is built once into the machine's cache."""
    if not (SHARED / "crds").is_dir():
        pytest.skip("no CRDs beside the project")
    with oracles.structure() as ask:
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
