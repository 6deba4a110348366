"""What a source of data is, and what a reader of the user's own files."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from generator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trainer.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How data are read, where they leave it open.

    Attributes:
        classes: Whether the targets are classes (True) or numbers (False); None where nothing says it.
        ratings: Whether a row is a rating.
        target: The column that is learned.
        features: The columns that it is learned from; empty for all the others.
        test: The file of the held-out data.
        image_size: Height and width of images; empty for their own.
    """

    classes: bool | None = None
    ratings: bool = False
    target: str | None = field(default=None, metadata={"key": "target"})
    features: tuple[str, ...] = field(default=(), metadata={"key": "features"})
    test: Path | None = field(default=None, metadata={"key": "test"})
    image_size: tuple[int, ...] = field(default=(), metadata={"key": "imageSize"})

    def only(self, taken: frozenset[str], what: str) -> None:
        """Refuse a setting of the service file that the data don't take, since it would have no effect.

        Args:
            taken: The settings that have one, by the service file's names.
            what: What the data are, for the message.

        Raises:
            InputError: Another is set.
        """
        for each in fields(self):
            name = each.metadata.get("key")
            if name and name not in taken and getattr(self, each.name):
                raise InputError(
                    f"model.train.{name} has no effect on {what}.",
                    fix=f"Take model.train.{name} out, or name other data.",
                )


NOTHING = Reading()
"""Nothing is said."""


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


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One kind of files.

    Attributes:
        id: The name of the data set that it makes.
        summary: What it reads, a part of a sentence: ``a .csv``.
        fits: Whether a path looks like it; reads no more than the names of what lies there, or a file's first bytes.
        load: Reads it; its errors are the user's (``InputError``, ``OutsideError``).
        settings: The settings of the service file that have an effect on it, of ``target``, ``features``, ``test`` and
            ``imageSize``.
    """

    id: str
    summary: str
    fits: Callable[[Path], bool]
    load: Callable[[Path, Reading], Dataset]
    settings: frozenset[str] = frozenset()


def begins(path: Path, magic: bytes) -> bool:
    """Whether a file starts with some bytes; False where it can't be read."""
    try:
        with path.open("rb") as opened:
            return opened.read(len(magic)) == magic
    except OSError:
        return False
