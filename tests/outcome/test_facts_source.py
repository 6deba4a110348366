"""The facts that ship are what the platforms' own manifests say, byte by byte."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kit import ROOT
from oracles import NO_MODULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def source() -> ModuleType:
    """The module that makes the facts."""
    spec = importlib.util.spec_from_file_location("facts_of_modules", ROOT / "tests" / "packs" / "facts.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def made(source: ModuleType, every: Callable[[], Iterator[tuple[str, str, str, bytes]]]) -> dict[Path, bytes]:
    """Files and what should be in them."""
    try:
        return {source.INTO / product / release / f"{part}.json": text for product, release, part, text in every()}
    except subprocess.CalledProcessError as error:
        if NO_MODULES.search(f"{error.stdout} {error.stderr}") or "unable to access" in error.stderr:
            pytest.skip("the source can't be had")
        raise


def test_the_facts_are_those_of_the_modules(source: ModuleType) -> None:
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    files = made(source, source.every)
    assert {file for file in source.INTO.rglob("*.json") if file.parent.name != source.COMMIT[0]} == set(files)
    for file, text in files.items():
        assert file.read_bytes() == text, file


def test_the_facts_without_a_module_are_those_of_the_commit(source: ModuleType) -> None:
    files = made(source, source.of_commit)
    assert {file for file in source.INTO.rglob("*.json") if file.parent.name == source.COMMIT[0]} == set(files)
    for file, text in files.items():
        assert file.read_bytes() == text, file
