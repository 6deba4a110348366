"""The three standard streams, made so that whatever is at their other end gives an exit code and never a traceback.

Standard output raises an error of ours where it can't be written (a full disk, a closed stream), however the text got
there; standard error, where it can't be written, has nobody left to tell. Text that the encoding lacks is escaped.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable


_WIDTH = re.compile("[1-9][0-9]{0,3}")
"""Columns of a terminal."""


class OutputError(OutsideError):
    """Standard output can't be written."""


class ReaderLeftError(Exception):
    """The reader of standard output left (``| head``): no more is wanted, and nothing is wrong."""


class _Raw(io.RawIOBase):
    """A stream's raw end whose failures are told by ``failed``."""

    def __init__(self, inner: Any, failed: Callable[[OSError], None]) -> None:
        self._inner = inner
        self._failed = failed

    def writable(self) -> bool:
        """As every standard output is."""
        return True

    def fileno(self) -> int:
        """The inner one's."""
        return int(self._inner.fileno())

    def isatty(self) -> bool:
        """As the inner one is."""
        return bool(self._inner.isatty())

    def write(self, content: Any) -> int:
        """Write, and tell a failure.

        Raises:
            OutputError, ReaderLeftError: As ``failed`` does.
        """
        try:
            return int(self._inner.write(content) or 0)
        except OSError as error:
            self._failed(error)
            return len(content)


def prepare() -> None:
    """Put the process' own streams in order; streams that a test or a host has put in their place are left alone."""
    if not _WIDTH.fullmatch(os.environ.get("COLUMNS", "")):
        os.environ.pop("COLUMNS", None)  # help is laid out in as many characters as it says, 0 and 10^20 alike
    for number in range(3):
        _open_if_closed(number)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 (open as long as the process)
    sys.stdout = _prepared(sys.stdout, sys.__stdout__, 1, _output_failed)
    sys.stderr = _prepared(sys.stderr, sys.__stderr__, 2, _talk_failed)


def _open_if_closed(number: int) -> None:
    """A closed stream's number would be the next opened file's; now reading or writing it is an error."""
    try:
        os.fstat(number)
    except OSError:
        os.open(os.devnull, os.O_RDONLY if number else os.O_WRONLY)


def _prepared(stream: TextIO | None, own: TextIO | None, number: int, failed: Callable[[OSError], None]) -> TextIO:
    """The stream around a raw end that tells failures."""
    if stream is None:
        return io.TextIOWrapper(io.BufferedWriter(_Raw(io.FileIO(number, "w", closefd=False), failed)), "utf-8")
    if stream is not own or not isinstance(stream, io.TextIOWrapper) or isinstance(_raw(stream), _Raw):
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Raw(_raw(stream), failed)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering or number == 2,  # noqa: PLR2004 (standard error)
        write_through=stream.write_through,
    )


def _raw(stream: io.TextIOWrapper) -> Any:
    return getattr(stream.buffer, "raw", stream.buffer)


def _output_failed(error: OSError) -> None:
    if error.errno == errno.EPIPE:
        raise ReaderLeftError from error
    raise OutputError(f"standard output can't be written: {error.strerror or error}.") from error


def _talk_failed(_: OSError) -> None:
    """Nothing can be said any more; the exit code still tells."""


def abandon_output() -> None:
    """Drop what couldn't be written, so that Python doesn't try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
