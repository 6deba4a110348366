"""The data that can be trained on: a table of named sets, and readers of the user's own files.

A reader is a module here that holds ``READER``; what reads a path is decided by what the path is.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError, Place
from generator.model import discovered
from trainer.data import digits, espeak, frames, mnist, movielens, reviews, tables
from trainer.data.base import NOTHING, Reader, Reading, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trainer.data.dataset import Dataset

SOURCES: Mapping[str, Source] = {
    source.name: source
    for source in (
        Source(name="digits", summary="1,797 handwritten digits, in scikit-learn, no network", load=digits.load),
        Source(name="mnist", summary="70,000 handwritten digits, downloaded once by Keras", load=mnist.load),
        *tables.SOURCES,
        *frames.SOURCES,
        reviews.SOURCE,
        movielens.SOURCE,
        espeak.SOURCE,
    )
}


@functools.cache
def readers() -> Mapping[str, Reader]:
    """Every reader by id: each module of this package that holds ``READER``."""
    return discovered.entries(__name__, __path__, Reader)


def find(name: str, folder: Path, reading: Reading = NOTHING) -> Source:
    """A data set by its name, not yet read.

    Args:
        name: One of ``SOURCES``, or a path.
        folder: Where relative paths start.
        reading: How a file is read.

    Raises:
        InputError: It is neither, or a setting of ``reading`` has no effect on it.
    """
    if name in SOURCES:
        reading.only(frozenset(), f"the data '{name}'")
        return SOURCES[name]
    path = folder / name
    if Path(name).name != name or path.suffix or path.exists():
        return of_file(path, reading)
    raise InputError(f"there are no data '{name}'.", fix=f"{nearest(name, SOURCES)} Or name a path: {_readable()}.")


def of_file(path: Path, reading: Reading = NOTHING) -> Source:
    """The user's own data, not yet read.

    Raises:
        InputError: Nothing reads it, or a setting of ``reading`` has no effect on it.
    """
    for reader in readers().values():
        if reader.fits(path):
            reading.only(reader.settings, reader.summary)
            return Source(name=str(path), summary=reader.summary, load=_loading(reader, path, reading))
    missing = "there is no such file or folder." if not path.exists() else "nothing here reads it."
    raise InputError(missing, fix=f"What can be read: {_readable()}.", place=Place(str(path)))


def _loading(reader: Reader, path: Path, reading: Reading) -> Callable[[], Dataset]:
    return functools.partial(reader.load, path, reading)


def _readable() -> str:
    return ", ".join(reader.summary for reader in readers().values())
