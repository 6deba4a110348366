"""A gate names what is measured; what nobody measures is refused when the file is read, before anything is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.errors import InputError
from generator.loading.load import load

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models}
model:
  train: {task: image-classification, data: digits}
  gate: {GATE}
variants: [{name: stable, release: latest}]
"""


def read(folder: Path, gate: str, text: str = SERVICE) -> None:
    (folder / "serinus.yaml").write_text(text.replace("GATE", gate))
    load(folder / "serinus.yaml")


@pytest.mark.parametrize(
    ("metric", "fix"),
    [
        ("f1", "Did you mean 'macro.f1'?"),
        ("acuracy", "Did you mean 'accuracy'?"),
        ("perClass.N.recall", "Did you mean 'macro.recall'?"),
        ("perClass.3", "Known: accuracy, loss, examples, macro.precision"),
        ("auc", "Known: accuracy, loss, examples, macro.precision"),
    ],
)
def test_what_nobody_measures_is_refused_at_its_line(tmp_path: Path, metric: str, fix: str) -> None:
    with pytest.raises(InputError, match=f"nothing measures '{metric}' for image-classification") as caught:
        read(tmp_path, f'"{metric}": ">= 0.9"')
    assert fix in caught.value.fix
    assert caught.value.place
    assert caught.value.place.line == 8


@pytest.mark.parametrize("metric", ["accuracy", "loss", "macro.f1", "perClass.3.recall", "confusionMatrix.0.12"])
def test_what_is_measured_is_taken(tmp_path: Path, metric: str) -> None:
    read(tmp_path, f'"{metric}": ">= 0.9"')


def test_of_a_model_brought_along_nobody_knows_what_is_measured(tmp_path: Path) -> None:
    read(tmp_path, '"f1": ">= 0.9"', SERVICE.replace("  train: {task: image-classification, data: digits}\n", ""))
