"""MLflow: a folder with the file ``MLmodel``."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from generator.store import disk
from generator.store.contents.pickles.read import read
from generator.store.formats.base import Format, Model, Say, broken, first_bytes, folder_of, holds, versions, whole

if TYPE_CHECKING:
    from pathlib import Path

FILE = "MLmodel"
WANTED = f"the folder that holds {FILE}"
BIGGEST = 2**22  # signatures and input examples stand in it too
# mlflow/models/model.py writes it with yaml.safe_dump, in block style.
FLAVORS = re.compile(r"^flavors:[ \t]*\r?\n(?:[ ].*\r?\n?)+", re.MULTILINE)
PYFUNC = re.compile(r"^  python_function:", re.MULTILINE)
VERSION = re.compile(r"^mlflow_version: ['\"]?([0-9][^\s'\"]*)", re.MULTILINE)


ENTRY = re.compile(r"^( +)(\w+):[ \t]+(['\"]?)([^'\"\n]+?)\3[ \t]*\r?$", re.MULTILINE)
# What a flavor names of its own files: mlflow/*/__init__.py and mlflow/pyfunc/model.py, save_model of each.
PLACES = ("data", "model_path", "model_data", "pickled_model", "model_binary", "saved_model_dir", "python_model")
ARTIFACT = 8  # columns before an artifact's path, below python_function and artifacts
PICKLES = (".pkl", ".pickle", ".joblib")
NOTHING = ("null", "~", "{}", "[]")
LIBRARIES = {
    "sklearn_version": "scikit-learn",
    "xgb_version": "xgboost",
    "lgb_version": "lightgbm",
    "keras_version": "keras",
    "pytorch_version": "torch",
    "transformers_version": "transformers",
}
AGAIN = "Save it with mlflow.….save_model(…), or fetch all of its folder."


def _look(path: Path, say: Say) -> Model:
    file = folder_of(path, FILE, WANTED)
    text = first_bytes(file, BIGGEST).decode("utf-8", "replace")
    flavors = FLAVORS.search(text)
    if not flavors:
        raise broken(file, "it lists no flavors, so it is no MLflow model.", "Save it with mlflow.….save_model(…).")
    if not PYFUNC.search(flavors[0]):
        say(f"{path} has no flavor python_function, which servers of MLflow models load")
    entries = _entries(flavors[0])
    for value in _places(entries):
        _demand(path, file, value)
    version = VERSION.search(text)
    known = {LIBRARIES[key]: value for _, key, value in entries if key in LIBRARIES}
    return Model(
        "mlflow",
        path,
        facts={"mlflowVersion": version[1]} if version else {},
        written_by=versions(**known, mlflow=version[1] if version else ""),
    )


def parts(folder: Path) -> list[Path]:
    """The files and folders that the flavors name of their own, as far as they lie in the folder.

    Raises:
        InputError: There is no MLflow model whose flavors could be read.
        OSError: It can't be read.
    """
    file = folder_of(folder, FILE, WANTED)
    flavors = FLAVORS.search(first_bytes(file, BIGGEST).decode("utf-8", "replace"))
    named = dict.fromkeys(_places(_entries(flavors[0] if flavors else "")))
    return [folder / place for place in named if ".." not in PurePosixPath(place).parts and "\0" not in place]


def _entries(flavors: str) -> list[tuple[int, str, str]]:
    return [(len(indent), key, value) for indent, key, _, value in ENTRY.findall(flavors)]


def _places(entries: list[tuple[int, str, str]]) -> list[str]:
    return [
        value
        for indent, key, value in entries
        if value not in NOTHING and (key in PLACES or (key == "path" and indent == ARTIFACT))
    ]


def _demand(folder: Path, file: Path, place: str) -> None:
    """A file or folder that a flavor names lies in the model; a file holds something, a pickle all of itself.

    Raises:
        InputError: It doesn't.
        OSError: It can't be read.
    """
    parts = PurePosixPath(place).parts
    if not parts or place.startswith("/") or ".." in parts or "\0" in place:
        raise broken(file, f"it names '{place}', which lies outside of the model's folder.", AGAIN)
    there = folder / place
    if not there.exists():
        raise broken(file, f"it names '{place}', which isn't there.", AGAIN)
    if there.is_file():
        first_bytes(there)
        if there.suffix in PICKLES:
            with whole(there, AGAIN), disk.opened(there) as content:
                read(content, os.fstat(content.fileno()).st_size)


FORMAT = Format("mlflow", WANTED, _look, holds(FILE))
