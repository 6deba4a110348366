"""LightGBM: the text that ``Booster.save_model`` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.store.formats.base import Format, Model, Say, broken, file_of

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = (".bst", ".txt")
WANTED = "a .bst or .txt file"
# The only name that KServe's lgbserver, MLServer and Seldon Core 2's agent all read.
NAME = "model.bst"
FIRST_LINE = b"tree"  # microsoft/LightGBM, src/boosting/gbdt_model_text.cpp: SaveModelToString starts with SubModelName


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    if not file_of(path, WANTED, ENDINGS).startswith(FIRST_LINE):
        raise broken(
            path,
            "the file doesn't start as a LightGBM model does, with the line 'tree'.",
            "Write it with booster.save_model(path).",
        )
    return Model("lightgbm", path, name=NAME)


FORMAT = Format("lightgbm", WANTED, _look)
