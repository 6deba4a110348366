"""What commands are given as places: the folder of ``-o``, and the service files of folders and globs."""

from __future__ import annotations

import glob
import os
from pathlib import Path
from typing import TYPE_CHECKING

from generator.decoding.nodes import MOST_CHARACTERS
from generator.errors import InputError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterable

GLOB = frozenset("*?[")
BIGGEST = 4 * MOST_CHARACTERS
"""Bytes of the longest text that loading takes, in UTF-8."""
MARK = b"ModelService"
"""What every service file holds, however its YAML is written."""


def folder(text: str, *, otherwise: str = "") -> Path:
    """The folder that ``-o`` names; it needn't be there yet.

    Args:
        text: As it was given.
        otherwise: What the option takes besides, for the fix.

    Raises:
        InputError: It is no folder's name, or a file stands there.
    """
    if not text.strip() or "\0" in text:
        raise InputError(f"-o {text!r} names no folder.", fix=f"Write -o DIR{otherwise}.")
    if os.path.lexists(text) and not os.path.isdir(text):  # noqa: PTH112 (the user's own spelling)
        raise InputError(
            f"-o {text}: a file stands there, and a folder is wanted.",
            fix=f"Name a folder{otherwise}, or take the file away.",
        )
    return Path(text)


def service_files(paths: Iterable[str]) -> list[Path]:
    """The service files that paths name: files as they are, those of folders and of globs by their content.

    One that is found and named, or found twice, counts once; one that is named twice stays twice, for whoever refuses
    that.

    Raises:
        InputError: A folder or a glob holds none.
        OutsideError: A folder can't be read.
    """
    found: list[Path] = []
    named: dict[Path, bool] = {}
    for path in paths:
        outright = _is_file(path)
        for file in [Path(path)] if outright else _below(path):
            known = file.resolve()
            if known not in named or (named[known] and outright):
                found.append(file)
            named[known] = named.get(known, False) or outright
    return found


def _is_file(path: str) -> bool:
    """Whether a path is taken for a file; loading tells what is wrong with it."""
    if os.path.lexists(path):
        return not os.path.isdir(path)  # noqa: PTH112 (as above)
    return not GLOB.intersection(path)


def _below(path: str) -> list[Path]:
    """The service files that a folder or a glob holds."""
    from generator.checks.sources.find import find  # noqa: PLC0415 (most calls name files)

    there = os.path.lexists(path)
    every = find([path] if there else sorted(glob.glob(path, recursive=True)))  # noqa: PTH207 (keeps a leading ./)
    if every.unread:
        raise OutsideError(" ".join(every.unread))
    services = [Path(name) for name in every.names if _is_service(name)]
    if not services:
        raise InputError(
            f"there is no service file in {path}.", fix="serinus init writes one; or name another folder, or the file."
        )
    return services


def _is_service(name: str) -> bool:
    """Whether a file is a service file; one that is broken and speaks of one is, so that loading tells why.

    Raises:
        OutsideError: It can't be read.
    """
    from generator.reading.documents import Document, read  # noqa: PLC0415 (as above)

    if not os.path.isfile(name):  # noqa: PTH113 (a pipe would be waited for)
        return False
    try:
        with Path(name).open("rb") as file:
            content = file.read(BIGGEST + 1)
    except OSError as error:
        raise OutsideError(f"can't read {name}: {error.strerror or error}.") from None
    if MARK not in content or len(content) > BIGGEST:
        return False
    return all(not isinstance(each, Document) or each.kind == MARK.decode() for each in read(content, name))
