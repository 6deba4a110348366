"""Writing files so that a reader never sees half of one, and a failure never loses what was there."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from generator.errors import OutsideError

if TYPE_CHECKING:
    from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary file beside ``path``, then rename it: all of it or nothing.

    What stands there and is no file (a pipe, ``/dev/stdout``) is written to, never replaced.

    Args:
        path: The file; its folder is made if it is missing.
        content: All its bytes.

    Raises:
        OutsideError: The folder or the file can't be written (permissions, disk full, a folder in the way).
    """
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
        temporary.unlink(missing_ok=True)
        raise OutsideError(
            f"can't write {path}: {error.strerror or error}.", fix="What was there is unchanged."
        ) from error
