"""The facts that ship are what the platforms' own manifests say, byte by byte."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess

import pytest

from kit import ROOT
from oracles import NO_MODULES

pytestmark = pytest.mark.oracle


def test_the_facts_are_those_of_the_modules() -> None:
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    spec = importlib.util.spec_from_file_location("facts_of_modules", ROOT / "tests" / "packs" / "facts.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    try:
        made = {found.INTO / product / release / f"{part}.json": text for product, release, part, text in found.every()}
    except subprocess.CalledProcessError as error:
        if NO_MODULES.search(f"{error.stdout} {error.stderr}"):
            pytest.skip("the modules can't be had")
        raise
    assert set(found.INTO.rglob("*.json")) == set(made)
    for file, text in made.items():
        assert file.read_bytes() == text, file
