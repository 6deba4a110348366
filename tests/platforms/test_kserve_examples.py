"""The examples for KServe: each renders from a fresh clone, in each of its environments, and stands before our checks."""

from __future__ import annotations

import itertools

import pytest
import yaml

from generator.loading.load import load
from generator.plan import lock
from generator.platforms import platforms
from generator.platforms.base import Level
from generator.rendering.render import render
from kit import ROOT
from kserve_kit import complaints

FILES = sorted(
    file for file in (ROOT / "examples").glob("*/serinus.yaml") if "kind: kserve" in file.read_text(encoding="utf-8")
)


def services():
    """Every example, as it stands and in each of its environments."""
    for file in FILES:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
        for environment in (None, *written.get("environments", ())):
            yield file, environment


SERVICES = [pytest.param(*found, id=f"{found[0].parent.name}-{found[1]}") for found in services()]


@pytest.mark.parametrize(("file", "environment"), SERVICES)
def test_every_example_renders_and_is_valid(file, environment):
    service = load(str(file), environment=environment)
    assert complaints(render(service, lock.read(lock.path_of(service)))) == []


def test_every_row_that_can_be_done_has_an_example_in_each_mode_and_in_each_way():
    kserve, shown = platforms()["kserve"], set()
    for file, environment in services():
        service = load(str(file), environment=environment)
        for feature in service.strategy.chosen.features():
            shown |= {(feature, kserve.mode_of(service)), (feature, kserve.way(service))}
    able = [cell for cell in kserve.cells if cell.level is not Level.NO]
    wanted = {(cell.feature, cell.way) for cell in able}
    wanted |= {
        (cell.feature, mode)
        for cell, mode in itertools.product(able, kserve.modes)
        if not cell.modes or mode in cell.modes
    }
    assert wanted - shown == set()
