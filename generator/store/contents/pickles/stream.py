"""The bytes of a pickle from the front to the end, unfolded where they are compressed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.store.contents.damage import PIECE, CutError
from generator.store.contents.pickles.values import LONGEST_TEXT, StepsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_PLAIN = 2**29
"""Bytes that a compressed file is unfolded to; of a longer one the rest isn't looked at."""


class Unfolded(io.RawIOBase):
    """A file in zlib's format, unfolded piece by piece."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file, self._zlib, self._rest = file, zlib.decompressobj(), b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes.

        Raises:
            EOFError: The file ends before the stream does.
        """
        while not self._zlib.eof:
            self._rest = self._rest or self._file.read(PIECE)
            if not self._rest:
                raise EOFError
            found = self._zlib.decompress(self._rest, len(buffer))
            self._rest = self._zlib.unconsumed_tail
            if found:
                buffer[: len(found)] = found
                return len(found)
        return 0


COMPRESSED: Mapping[bytes, Callable[[io.BufferedReader], Any]] = MappingProxyType(
    {
        b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
        b"BZh": bz2.BZ2File,
        b"\x5d\x00": lzma.LZMAFile,
        b"\xfd7zXZ": lzma.LZMAFile,
        b"\x78": lambda file: io.BufferedReader(Unfolded(file), PIECE),
    }
)
"""How a compressed file begins, in joblib's own table, and what unfolds it."""
LZ4 = b"\x04\x22\x4d\x18"
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class Stream:
    """Bytes from the front to the end.

    Args:
        file: Where they come from.
        size: How many there are; None where nobody knows, for they are unfolded on the way.
    """

    def __init__(self, file: Any, size: int | None) -> None:
        self.file, self.size, self.position = file, size, 0

    def take(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            CutError: There are fewer.
        """
        found: bytes = self.file.read(size)
        self.position += size
        if len(found) < size:
            raise CutError
        return found

    def line(self) -> bytes:
        """Up to the end of the line; of a long line its beginning."""
        found: bytes = self.file.readline(PIECE)
        rest = found
        self.position += len(found)
        while not rest.endswith(b"\n"):
            if not rest:
                raise CutError
            rest = self.file.readline(PIECE)
            self.position += len(rest)
        return found[:LONGEST_TEXT].rstrip(b"\n")

    def skip(self, size: int) -> None:
        """Pass over bytes.

        Raises:
            CutError: There are fewer.
            StepsError: They would be unfolded for too long.
        """
        if self.size is not None:
            self.position += size
            if self.position > self.size:
                raise CutError
            self.file.seek(self.position)
            return
        if self.position + size > MOST_PLAIN:
            raise StepsError
        while size > 0:
            size -= len(self.take(min(size, PIECE)))

    def last_byte(self) -> bytes:
        """The last byte; nothing where it lies too far on."""
        if self.size is not None:
            self.file.seek(self.size - 1)
            return bytes(self.file.read(1))
        last = b""
        while piece := self.file.read(PIECE):
            self.position, last = self.position + len(piece), piece[-1:]
            if self.position > MOST_PLAIN:
                return b""
        return last
