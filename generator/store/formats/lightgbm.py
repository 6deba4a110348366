"""LightGBM: the text that ``Booster.save_model`` writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.store import disk
from generator.store.contents.damage import CutError, DamagedError
from generator.store.formats.base import Format, Model, Say, broken, ends_in, file_of, versions, whole

if TYPE_CHECKING:
    import mmap
    from pathlib import Path

ENDINGS = (".bst", ".txt", ".lgb")  # .lgb is MLflow's
WANTED = "a .bst, .txt or .lgb file"
# The only name that KServe's lgbserver, MLServer and Seldon Core 2's agent all read.
NAME = "model.bst"
FIRST_LINE = b"tree"  # microsoft/LightGBM, src/boosting/gbdt_model_text.cpp: SaveModelToString starts with SubModelName


AGAIN = "Write it with booster.save_model(path)."
SIZES, END = b"\ntree_sizes=", b"end of trees"
VERSION = re.compile(rb"\nversion=v(\d{1,3})\r?\n")
LONGEST_HEAD = 2**26  # names of features and sizes of trees, of which there may be many


def _look(path: Path, say: Say) -> Model:  # noqa: ARG001 (every format is asked alike)
    if not file_of(path, WANTED, ENDINGS).startswith(FIRST_LINE):
        raise broken(path, "the file doesn't start as a LightGBM model does, with the line 'tree'.", AGAIN)
    with whole(path, AGAIN), disk.mapped(path) as content:
        _demand_trees(content)
        version = VERSION.search(content, 0, LONGEST_HEAD)
        # The text has a version of its own, no release of the library; version 4 came with release 4.0.
        form = int(version[1]) if version else 0
    return Model(
        "lightgbm",
        path,
        name=NAME,
        facts={"lightgbmText": f"v{form}"} if form else {},
        written_by=versions(lightgbm="4.0" if form >= FOUR else ""),
    )


FOUR = 4


def _demand_trees(content: mmap.mmap | bytes) -> None:
    """The trees are there, of the sizes that the head announces, and then their end.

    Raises:
        DamagedError: They aren't.
    """
    sizes = content.find(SIZES, 0, LONGEST_HEAD)
    if sizes < 0:
        # Old releases announce no sizes.
        if content.find(b"\nTree=0") < 0:
            raise DamagedError("it holds no trees")
        return
    stop = content.find(b"\n", sizes + 1)
    if stop < 0:
        raise CutError
    told = content[sizes + len(SIZES) : stop].split()
    if not all(size.isdigit() and len(size) < LONGEST_NUMBER for size in told):
        raise DamagedError("the sizes of its trees are no numbers")
    if not told:
        raise DamagedError("it holds no trees")
    first = content.find(b"Tree=0", stop)
    end = first + sum(map(int, told))
    if first < 0 or end + len(END) > len(content):
        raise CutError
    if content[end : end + len(END)] != END:
        raise DamagedError(f"its {len(told)} trees aren't of the sizes that its head announces")


LONGEST_NUMBER = 12
FORMAT = Format("lightgbm", WANTED, _look, ends_in(*ENDINGS))
