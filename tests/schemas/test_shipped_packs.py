"""The packs that ship are what the CRDs say, small, and licensed as we may ship them."""

from __future__ import annotations

import importlib.util
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from generator.schemas import available, load
from generator.schemas.catalog import SHIPPED

ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / ".." / "shared" / "crds"


@pytest.fixture(scope="module")
def tool() -> Any:
    spec = importlib.util.spec_from_file_location("packs", ROOT / "tests" / "packs" / "packs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def crds() -> Path:
    if not CRDS.is_dir():
        pytest.skip("no CRDs beside the project")
    return CRDS


def test_they_equal_a_fresh_import(tool: Any, crds: Path) -> None:
    fresh = tool.packs(crds)
    shipped = {(file.parent.name, file.stem): file.read_bytes() for file in SHIPPED.glob("*/*.pack")}
    assert sorted(fresh) == sorted(shipped)
    assert [key for key in fresh if fresh[key] != shipped[key]] == []


def test_releases_that_may_not_be_copied_have_the_facts_all_the_same(tool: Any, crds: Path) -> None:
    for product, release in tool.NOT_READ:
        published = tool.pack_of(tool.crds_of(crds / product / release))
        assert published == (SHIPPED / product / f"{release}.pack").read_bytes(), (product, release)


def test_every_release_beside_the_project_has_a_pack(crds: Path) -> None:
    folders = {(folder.parent.name, folder.name) for folder in crds.glob("*/*") if folder.is_dir()}
    assert folders == {(product, str(version)) for product, versions in available().items() for version in versions}


def test_all_packs_together_are_small_in_the_wheel() -> None:
    compressed = sum(len(zlib.compress(file.read_bytes())) for file in SHIPPED.glob("*/*.pack"))
    assert compressed < 400_000


def test_packs_hold_facts_only() -> None:
    for file in SHIPPED.glob("*/*.pack"):
        for line in file.read_text().splitlines()[1:]:
            node = json.loads(line)
            assert not isinstance(node.get("description"), str), file


def test_every_schema_of_every_pack_can_be_read() -> None:
    kinds = [
        kind.schema
        for product, versions in available().items()
        for version in versions
        for kind in load(product, version).kinds.values()
    ]
    assert len(kinds) > 200
    assert all(schema.type == "object" for schema in kinds)
