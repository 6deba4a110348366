"""Triton: a ready model repository, taken as it is.

Source: triton-inference-server/server, docs/user_guide/model_repository.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.store import archive, disk, pbtxt, savedmodel
from generator.store.formats import onnx
from generator.store.formats.base import Format, Model, Say, broken, first_bytes, folder_of, refused, whole
from generator.store.formats.savedmodel import demand_files

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "config.pbtxt"
WANTED = "a model repository: a folder with one folder a model, each with version folders named by numbers"
VERSION = re.compile(r"[1-9][0-9]*")  # others, and those that start with 0, are passed over by Triton
BIGGEST_CONFIG = 2**20
AGAIN = "Put the whole model there."
# triton-inference-server/core, src/model_config_utils.cc and constants.h: the default file of a platform or a backend
FILES = {
    "onnxruntime_onnx": "model.onnx",
    "onnxruntime": "model.onnx",
    "tensorflow_savedmodel": "model.savedmodel",
    "tensorflow_graphdef": "model.graphdef",
    "pytorch_libtorch": "model.pt",
    "tensorrt_plan": "model.plan",
    "tensorrt": "model.plan",
    "python": "model.py",
}
UNTOLD = "model."
"""How the file begins by which the backend is found where no configuration says it; of a custom one its name follows
(core, src/model_config_utils.cc, ``AutoCompleteBackendFields``)."""


def _look(path: Path, say: Say) -> Model:
    if path.is_file():
        raise refused(path, "is a file", WANTED)
    if (path / CONFIG).is_file() or _versions(path):
        raise refused(path, "is the folder of one model", WANTED, path.resolve().parent)
    models = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not models:
        raise refused(path, "holds no folder", WANTED)
    disk.inspect(path)
    for model in models:
        _check(model, say)
    return Model("triton", path, facts={"tritonModels": [model.name for model in models]})


def _meant(path: Path) -> bool:
    """A folder of models, each with a configuration or versions; or the folder of one, or that configuration."""
    if not path.is_dir():
        return path.name == CONFIG
    inside = [entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    return any((each / CONFIG).is_file() or _versions(each) for each in (path, *inside))


def _check(model: Path, say: Say) -> None:
    """One model of the repository.

    Raises:
        InputError: Triton couldn't load it.
        OSError: It can't be read.
    """
    versions = _versions(model)
    if not versions:
        raise refused(model, "has no version folder, named by a number from 1", WANTED)
    for version in versions:
        if not any(not entry.name.startswith(".") for entry in version.iterdir()):
            raise broken(
                version,
                "the version folder is empty, and a release holds no empty folders.",
                "Put a file there, also for an ensemble; Triton passes over what it doesn't know.",
            )
    config = ""
    if (model / CONFIG).is_file():
        config = check_name(model / CONFIG, model.name)
    else:
        say(f"{model} has no {CONFIG}; Triton finds out what it can")
    needed = _needed(config)
    for version in versions:
        if needed and not (version / needed).exists():
            raise broken(version, f"it holds no {needed}, which its {CONFIG} makes Triton look for.", AGAIN)
        if not config and not any(entry.name.startswith(UNTOLD) for entry in version.iterdir()):
            raise broken(
                version,
                f"it holds nothing named {UNTOLD}…, by which Triton knows a model that has no {CONFIG}.",
                f"Name it so (model.onnx, model.pt, model.savedmodel for a folder), or write a {CONFIG}.",
            )
        _check_files(version)


def _needed(config: str) -> str | None:
    """The file that Triton looks for in a version's folder, by the configuration; None where nobody knows."""
    if any(word in config for word in ("default_model_filename", "cc_model_filenames")):
        return None
    platform, backend = (pbtxt.text_at_top(config, field) or "" for field in ("platform", "backend"))
    return FILES.get(platform or backend)


def _check_files(version: Path) -> None:
    """The files of known names, each by the check of its own format.

    Raises:
        InputError: One isn't whole.
        OSError: It can't be read.
    """
    if (version / "model.onnx").is_file():
        onnx.look(version / "model.onnx", lambda _: None)
    if (version / "model.savedmodel").is_dir():
        folder = folder_of(version / "model.savedmodel", savedmodel.FILE, "a SavedModel")
        demand_files(folder.parent, savedmodel.read(folder.parent))
    if (version / "model.pt").is_file():
        with whole(version / "model.pt", AGAIN):
            archive.check(version / "model.pt")


def check_name(config: Path, name: str) -> str:
    """The text of a ``config.pbtxt`` whose model has that name, or none.

    Raises:
        InputError: It has another name, with which Triton refuses it, or can't be read.
        OSError: It can't be read.
    """
    content = first_bytes(config, BIGGEST_CONFIG + 1)
    try:
        if len(content) > BIGGEST_CONFIG:
            raise pbtxt.TextError("it is too big")
        text = content.decode()
        said = pbtxt.text_at_top(text, "name")
    except ValueError as error:
        raise broken(config, f"Triton couldn't read it: {error}.", "Mend it.") from error
    if said not in {None, "", name}:
        raise broken(
            config,
            f"it names the model '{said[:60]}', but its folder '{name}'.",
            "Triton wants both alike, or no name.",
        )
    return text


def _versions(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if VERSION.fullmatch(entry.name) and entry.is_dir())


FORMAT = Format("triton", WANTED, _look, _meant)
