"""Every task in every format: held, with the difference that the page tells, or refused with the reason that it tells.

The page is printed from a run: ``SERINUS_GOLDEN=write pytest -m tensorflow tests/trainer/test_trainer_matrix.py``.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from networks import of_task_by_default

from kit import ROOT
from trainer import formats, parity, tasks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "formats.md"
FORMATS = ("savedmodel", "keras", "onnx", "pmml")
ROW = re.compile(r"^\| ([a-z-]+) \|" + r" ([^|\n]*) \|" * len(FORMATS) + "$", re.MULTILINE)
TOLD = 1e-5
"""No difference that was measured is as large; the tolerance is ten times that."""


def rows() -> dict[str, dict[str, str]]:
    """What the page says: task to format to its cell."""
    found = {match[1]: dict(zip(FORMATS, match.groups()[1:], strict=True)) for match in ROW.finditer(PAGE.read_text())}
    return {name: cells for name, cells in found.items() if name in tasks.tasks()}


def test_the_page_has_a_row_a_task_and_a_column_a_format() -> None:
    assert list(rows()) == list(tasks.tasks())
    assert set(FORMATS) == set(formats.exporters())


@pytest.mark.parametrize("name", tasks.tasks())
def test_the_page_tells_the_reason_of_each_refusal_and_a_number_for_the_rest(name: str) -> None:
    for model_format, cell in rows()[name].items():
        reason = formats.find(model_format).cannot.get(name)
        assert cell == f"no: {reason}" if reason else float(cell) < TOLD


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", tasks.tasks())
def test_each_format_holds_the_network_or_refuses_it(name: str, tmp_path: Path) -> None:
    made = of_task_by_default(name)
    cells = {}
    for model_format in FORMATS:
        exporter = formats.find(model_format)
        refused = exporter.refusal(made)
        assert bool(refused) == (name in exporter.cannot), refused
        if refused:
            cells[model_format] = f"no: {exporter.cannot[name]}"
            continue
        (tmp_path / model_format).mkdir()
        exporter.write(made, tmp_path / model_format / exporter.entry)
        held = parity.demand(made, exporter.read(tmp_path / model_format / exporter.entry), model_format)
        assert held["largestDifference"] < TOLD
        cells[model_format] = f"{held['largestDifference']:.1e}" if held["largestDifference"] else "0"
    if os.environ.get("SERINUS_GOLDEN") == "write":
        text = PAGE.read_text()
        row = f"| {name} | {' | '.join(cells[model_format] for model_format in FORMATS)} |"
        PAGE.write_text(re.sub(rf"^\| {name} \|.*$", lambda _: row, text, flags=re.MULTILINE))
