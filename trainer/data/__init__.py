"""The data that can be trained on: a table of named sets, and the user's own files."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError
from trainer.data import digits, mnist, npz

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trainer.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data set that can be read.

    Attributes:
        name: What ``model.train.data`` says; for a file its path.
        summary: What it is, one line.
        load: Reads it; its errors are the user's (``InputError``, ``OutsideError``).
    """

    name: str
    summary: str
    load: Callable[[], Dataset]


SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(name="digits", summary="1,797 handwritten digits, in scikit-learn, no network", load=digits.load),
        Source(name="mnist", summary="70,000 handwritten digits, downloaded once by Keras", load=mnist.load),
    )
}


def find(name: str, folder: Path) -> Source:
    """A data set by its name, not yet read.

    Args:
        name: One of ``SOURCES``, or the path of an ``.npz`` in MNIST's layout.
        folder: Where relative paths start.

    Raises:
        InputError: It is neither.
    """
    if name in SOURCES:
        return SOURCES[name]
    if Path(name).name != name or name.lower().endswith(".npz"):
        return of_file(folder / name)
    raise InputError(f"there are no data '{name}'.", fix=f"{nearest(name, SOURCES)} Or name the path of an .npz file.")


def of_file(path: Path) -> Source:
    """The user's own data, not yet read: an ``.npz`` in MNIST's layout."""
    return Source(name=str(path), summary="images of your own", load=functools.partial(npz.load, path))
