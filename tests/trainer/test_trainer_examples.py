"""Examples and what ``serinus init`` writes: each that trains clears its gate and is released, as it stands."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from trainer_kit import run

from generator.loading.load import load
from kit import ROOT
from trainer.tasks import tasks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.tensorflow

FILES = [file for file in sorted((ROOT / "examples").glob("*/serinus.yaml")) if load(file).model.train]
BY_TRAINING = {repr((load(file).model.train, load(file).model.all_formats)): file for file in FILES}
"""One of those that train the same."""


@pytest.mark.parametrize("file", BY_TRAINING.values(), ids=lambda file: file.parent.name)
def test_an_example_that_trains_clears_its_gate(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "example"
    shutil.copytree(file.parent, folder)
    done = run(folder, "train", "serinus.yaml", "-q")
    assert done.returncode == 0, done.stderr
    assert not [path for path in folder.iterdir() if path.name == "__pycache__"]


NEW = [
    *((task, ()) for task in tasks()),
    ("tabular-regression", ("--format", "onnx", "--platform", "kubernetes")),
    ("tabular-classification", ("--format", "pmml")),
]


@pytest.mark.parametrize(("task", "options"), NEW)
def test_a_new_file_of_a_task_runs_to_the_end(tmp_path: Path, task: str, options: tuple[str, ...]) -> None:
    assert run(tmp_path, "init", ".", "--task", task, *options).returncode == 0
    done = run(tmp_path, "release", "serinus.yaml", "-q")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "serinus.lock").is_file()
