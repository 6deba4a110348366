"""What the readers of files have in common: the error, and bytes that are there or aren't."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io

PIECE = 2**20


class DamagedError(ValueError):
    """The file isn't what it should be; the text goes on a sentence that starts with ``it``."""


class CutError(DamagedError):
    """The file ends before what it announces."""

    def __init__(self, what: str = "it") -> None:
        super().__init__(f"{what} was cut off")


def exactly(file: io.BufferedIOBase, size: int) -> bytes:
    """So many bytes.

    Raises:
        CutError: There are fewer.
        OSError: They can't be read.
    """
    content = file.read(size)
    if len(content) < size:
        raise CutError
    return content


def number(file: io.BufferedIOBase, size: int, *, signed: bool = False) -> int:
    """A whole number of so many bytes, the lowest first.

    Raises:
        CutError, OSError: As ``exactly``.
    """
    return int.from_bytes(exactly(file, size), "little", signed=signed)
