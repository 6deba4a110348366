"""The training key: what makes another one, what doesn't, and what it costs."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from trainer_kit import arrays, service_file

from generator.errors import InputError
from generator.loading import load as loader
from generator.service import EarlyStopping, Train
from trainer import formats, key
from trainer.data import npz
from trainer.service import training_key
from trainer.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.data.dataset import Dataset

SPEC = Settings(epochs=12, seed=7, batch_size=32, learning_rate=0.001)
LIBRARIES = {"tensorflow": "2.20.0", "keras": "3.0", "numpy": "2.0"}


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    import numpy as np

    np.savez(tmp_path / "x.npz", **arrays())
    return npz.load(tmp_path / "x.npz")


def made(dataset: Dataset, spec: Settings = SPEC, task: str = "image-classification", **changes: Any) -> str:
    values: dict[str, Any] = {"formats": ["savedmodel"], "libraries": LIBRARIES}
    return key.training_key(task, spec, dataset, **{**values, **changes})


@pytest.mark.parametrize(
    "change",
    [
        {"task": "other"},
        {"spec": dataclasses.replace(SPEC, epochs=13)},
        {"spec": dataclasses.replace(SPEC, seed=8)},
        {"spec": dataclasses.replace(SPEC, batch_size=33)},
        {"spec": dataclasses.replace(SPEC, learning_rate=0.002)},
        {"spec": dataclasses.replace(SPEC, warmup=0.1)},
        {"spec": dataclasses.replace(SPEC, decay=0.1)},
        {"spec": dataclasses.replace(SPEC, precision="mixed_float16")},
        {"spec": dataclasses.replace(SPEC, validation=0.1)},
        {"spec": dataclasses.replace(SPEC, early_stopping=EarlyStopping(patience=1))},
        {"spec": dataclasses.replace(SPEC, early_stopping=EarlyStopping(patience=1, min_delta=0.1))},
        {"spec": dataclasses.replace(SPEC, hidden=())},
        {"spec": dataclasses.replace(SPEC, hidden=(8,))},
        {"spec": dataclasses.replace(SPEC, parameters={"units": 3})},
        {"code": "1"},
        {"formats": ["onnx"]},
        {"formats": ["onnx", "savedmodel"]},
        *({"libraries": {**LIBRARIES, name: "9"}} for name in LIBRARIES),
        {"libraries": {**LIBRARIES, "scikit-learn": "1.9"}},
    ],
    ids=str,
)
def test_each_part_makes_another_key(dataset: Dataset, change: dict[str, Any]) -> None:
    assert made(dataset, **change) != made(dataset)


def test_each_setting_of_the_service_file_is_in_the_key() -> None:
    # A setting that came later and isn't in the key would not take effect on a second run.
    of_the_settings = {"epochs", "seed", "batch_size", "learning_rate", "warmup", "decay", "precision", "hidden"}
    of_the_settings |= {"validation", "early_stopping", "parameters"}
    of_the_data = {"data", "target", "features", "test", "image_size"}  # their content, by the fingerprint
    assert {field.name for field in dataclasses.fields(Train)} == {"task", "entrypoint"} | of_the_settings | of_the_data
    assert {field.name for field in dataclasses.fields(Settings)} == of_the_settings


def test_other_data_make_another_key(dataset: Dataset) -> None:
    turned = dataclasses.replace(dataset.train, inputs={"image": dataset.train.inputs["image"][::-1]})
    other = dataclasses.replace(dataset, train=turned)
    assert made(other) != made(dataset)


def test_another_trainer_makes_another_key(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made(dataset)
    monkeypatch.setattr(key, "TRAINER", key.TRAINER + 1)
    assert made(dataset) != before


def test_where_the_data_lie_is_no_part_of_it(dataset: Dataset, tmp_path: Path) -> None:
    moved = (tmp_path / "x.npz").rename(tmp_path / "y.npz")
    assert made(npz.load(moved)) == made(dataset)


def test_the_library_that_ships_the_data_counts_for_these_data_only() -> None:
    assert "scikit-learn" in key.versions(("scikit-learn",))
    assert "scikit-learn" not in key.versions()
    assert {"tensorflow", "keras", "numpy"} <= set(key.versions())


def test_a_missing_library_is_said_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    with pytest.raises(InputError, match=r"training needs the extra 'train'.*pip install -e '.*\[train\]'"):
        key.versions()


def test_a_services_key_is_that_of_its_settings_and_data(tmp_path: Path) -> None:
    path = service_file(tmp_path)
    first = training_key(loader.load(path))
    assert training_key(loader.load(path)) == first
    assert training_key(loader.load(path, sets=["model.train.seed=8"])) != first
    assert training_key(loader.load(path, sets=["replicas.min=3", "model.gate.accuracy=>= 1"])) == first


def test_a_key_costs_no_tensorflow(tmp_path: Path) -> None:
    path = service_file(tmp_path)
    code = (
        "import sys; from generator.loading.load import load; from trainer.service import training_key\n"
        f"assert len(training_key(load({str(path)!r}))) == 64\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_trainers_modules_import_nothing_heavy() -> None:
    code = (
        "import sys, generator.cli.train\n"
        "print([n for n in ('tensorflow', 'keras', 'sklearn', 'numpy', 'obstore') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("missing", ["tf2onnx", "onnx", "onnxruntime"])
def test_a_format_whose_packages_are_missing_names_its_extra(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """What writes it, and what reads it back: both are asked for before anything is trained."""
    found, known = importlib.util.find_spec, importlib.metadata.version

    def version(name: str) -> str:
        if name == missing:
            raise importlib.metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else found(name))
    with pytest.raises(InputError, match=r"exporting a model as onnx needs the extra 'onnx'.*\[onnx\]"):
        key.writers(formats.find("onnx"))


def test_what_writes_a_format_is_part_of_the_key_and_what_reads_it_is_not() -> None:
    assert set(key.writers(formats.find("onnx"))) == {"tf2onnx", "onnx"}
    assert key.writers(formats.find("pmml")) == {}
