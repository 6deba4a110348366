"""The examples: each renders as it stands, in every environment, to what is valid; together they show every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.checks.api import Options, check
from generator.loading.load import load
from generator.plan import lock
from generator.platforms import platforms
from generator.platforms.base import FEATURES, Level
from generator.rendering.render import render
from generator.store.formats import formats
from goldens import golden
from kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((ROOT / "examples").glob("*/serinus.yaml"))
NAMES = [file.parent.name for file in FILES]
ALL = sorted(
    file for file in (ROOT / "examples").glob("*/*.yaml") if "kind: ModelService" in file.read_text(encoding="utf-8")
)
"""Those, and the services beside them that publish a part of their own."""


def environments(file: Path) -> list[str | None]:
    """None for the file as it stands, and every environment."""
    _, declared = load(file).origin().items.get("environments", (None, None))
    return [None, *(declared.items if declared else ())]


CALLS = [(file, environment) for file in ALL for environment in environments(file)]
IDS = [
    f"{file.relative_to(ROOT / 'examples')}{f'-{environment}' if environment else ''}" for file, environment in CALLS
]


def rendered(file: Path, environment: str | None = None):
    service = load(file, environment=environment)
    return render(service, lock.read(lock.path_of(service)))


@pytest.mark.parametrize(("file", "environment"), CALLS, ids=IDS)
def test_an_example_renders_to_what_is_valid_and_means_what_it_says(file, environment):
    report = check(rendered(file, environment).text, options=Options(strict=True))
    assert (report.summary.errors, report.summary.warnings, report.summary.skipped) == (0, 0, 0), report.findings
    assert report.summary.documents


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_golden_example(file):
    golden(f"examples/{file.parent.name}.yaml", rendered(file).text)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_example_says_at_its_top_what_it_shows(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 20


def shown() -> set[tuple[str, str]]:
    """Platform and row of the table, of all that an example shows."""
    services = [load(file) for file in FILES]
    return {(service.platform.kind, feature) for service in services for feature in service.strategy.chosen.features()}


@pytest.mark.parametrize("platform", platforms().values(), ids=list(platforms()))
def test_every_cell_that_is_no_refusal_has_an_example(platform):
    able = {
        feature
        for feature in FEATURES
        if any(cell.level is not Level.NO for cell in platform.cells if cell.feature == feature)
    }
    assert able <= {feature for name, feature in shown() if name == platform.id}


@pytest.mark.parametrize("model_format", formats())
def test_every_format_has_an_example(model_format):
    models = [load(file).model for file in FILES]
    assert any(model_format in (model.format, *(model.formats or ())) for model in models)
