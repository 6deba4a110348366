"""Which releases are held against their controllers, and what is said of the others."""

from __future__ import annotations

import pytest

from generator.outcome.proven import PROVEN, unproven
from generator.schemas import parse_version
from kit import ROOT


def test_the_proven_releases_are_those_that_the_lab_runs() -> None:
    programs = [folder.name for folder in (ROOT / "tests" / "lab" / "servers").iterdir()]
    assert {name.removeprefix("kserve-") for name in programs if name.startswith("kserve-")} == PROVEN["kserve"]
    (module,) = list((ROOT / "tests" / "lab" / "servers" / "seldon-core-1").glob("go.mod"))
    assert f"operator v{max(PROVEN['seldon-core-1'])}." in module.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("product", "release", "words"),
    [
        ("kserve", "0.20", ""),
        ("kserve", "0.18", "what KServe 0.18 makes is computed by its sources"),
        ("kserve", "0.21", "what KServe 0.21 makes is computed by its sources"),
        ("seldon-core-1", "1.18.2", "held against the operator of 1.16"),
        ("seldon-core-2", "2.10", "no controller of that release was asked"),
    ],
)
def test_a_release_that_was_not_asked_is_said_to_be_such(product: str, release: str, words: str) -> None:
    said = unproven(product, parse_version(release))
    assert words in said
    assert bool(said) == bool(words)
