"""Reading files that may be anyone's, and writing them so that a reader never sees half of one."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from pathlib import Path

from generator.errors import OutsideError

MOST_BYTES = 256 << 20
"""Of a file that is read whole; 10,000 manifests have a tenth of it."""


DIGEST = 20
"""Bytes of a content's digest."""


def home() -> Path:
    """The user's folder; for a user without any, as containers have them, one where nothing lies or can be written."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def read_bytes(path: str | Path) -> bytes:
    """All bytes of a file, if it ends: a link in a repository can lead to a device that doesn't.

    Raises:
        OSError: It can't be read, or it is longer than ``MOST_BYTES``.
    """
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 (ten thousand files: a Path costs half as much again)
        there = os.fstat(file.fileno())
        if stat.S_ISREG(there.st_mode) and there.st_size <= MOST_BYTES:
            return file.read()
        with io.BufferedReader(file) as reader:
            content = reader.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it has more than {MOST_BYTES >> 20} MB", str(path))
    return content


def digest(content: bytes) -> bytes:
    """What tells a content from every other, in DIGEST bytes."""
    import hashlib  # noqa: PLC0415 (it brings a large library, and few ask)

    return hashlib.blake2b(content, digest_size=DIGEST).digest()


def read_text(path: str | Path, encoding: str = "utf-8") -> str:
    """All text of a file, each line break as a line feed.

    Raises:
        OSError: As ``read_bytes``.
        UnicodeDecodeError: It isn't of that encoding.
    """
    with io.TextIOWrapper(io.BytesIO(read_bytes(path)), encoding) as file:
        return file.read()


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary file beside ``path``, then rename it: all of it or nothing.

    What stands there and is no file (a pipe, ``/dev/stdout``) is written to, never replaced.

    Args:
        path: The file; its folder is made if it is missing.
        content: All its bytes.

    Raises:
        OutsideError: The folder or the file can't be written (permissions, disk full, a folder in the way).
    """
    import secrets  # noqa: PLC0415 (who only reads needs none)

    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            path.write_bytes(content)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # where the folder is a file, it can't even be missing
            temporary.unlink(missing_ok=True)
        raise OutsideError(
            f"can't write {path}: {error.strerror or error}.", fix="What was there is unchanged."
        ) from error
