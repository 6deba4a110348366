"""MLflow: a folder with the file ``MLmodel``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.store.formats.base import Format, Model, Say, broken, first_bytes, folder_of

if TYPE_CHECKING:
    from pathlib import Path

FILE = "MLmodel"
WANTED = f"the folder that holds {FILE}"
BIGGEST = 2**22  # signatures and input examples stand in it too
# mlflow/models/model.py writes it with yaml.safe_dump, in block style.
FLAVORS = re.compile(r"^flavors:[ \t]*\r?\n(?:[ ].*\r?\n?)+", re.MULTILINE)
PYFUNC = re.compile(r"^  python_function:", re.MULTILINE)
VERSION = re.compile(r"^mlflow_version: ['\"]?([0-9][^\s'\"]*)", re.MULTILINE)


def _look(path: Path, say: Say) -> Model:
    file = folder_of(path, FILE, WANTED)
    text = first_bytes(file, BIGGEST).decode("utf-8", "replace")
    flavors = FLAVORS.search(text)
    if not flavors:
        raise broken(file, "it lists no flavors, so it is no MLflow model.", "Save it with mlflow.….save_model(…).")
    if not PYFUNC.search(flavors[0]):
        say(f"{path} has no flavor python_function, which servers of MLflow models load")
    version = VERSION.search(text)
    return Model("mlflow", path, facts={"mlflowVersion": version[1]} if version else {})


FORMAT = Format("mlflow", WANTED, _look)
