"""Reading what is to be checked: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from generator.errors import InputError
from generator.reading.documents import iterate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.reading.documents import Broken, Document

SUFFIXES = (".yaml", ".yml", ".json")
STDIN = "-"


@dataclass
class Files:
    """What there is to read.

    Attributes:
        names: Files, each once, in the order in which the paths name them; ``-`` is standard input.
        unread: One line for each folder that couldn't be read.
        excluded: How many files the repository excludes.
    """

    names: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    excluded: int = 0


@dataclass
class Sources:
    """What was read.

    Attributes:
        entries: Documents and broken documents of all files, in the order of the files.
        unread: One line for each file that couldn't be read; the others are checked all the same.
    """

    entries: list[Document | Broken] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def find(paths: Iterable[str], excludes: Callable[[str], bool] = lambda _: False) -> Files:
    """All files that the paths name.

    Args:
        paths: Files, folders (read for .yaml, .yml and .json, without hidden files and folders), globs, ``-``.
        excludes: Whether a file is never to be checked, also where it is named outright: a hook names every file.

    Raises:
        InputError: A path that doesn't exist.
    """
    result = Files()
    every = dict.fromkeys(file for path in paths for file in _files(path, result))
    result.names = [name for name in every if name == STDIN or not excludes(name)]
    result.excluded = len(every) - len(result.names)
    return result


def read(names: Iterable[str], stdin: BinaryIO) -> Sources:
    """Read files.

    Args:
        names: As ``find`` gave them.
        stdin: Where ``-`` is read from.
    """
    result = Sources()
    for name in names:
        try:
            if name == STDIN:
                content = stdin.read()
            else:
                with open(name, "rb", buffering=0) as file:  # noqa: PTH123 (ten thousand files: a Path costs half as much again)
                    content = file.read()
        except OSError as error:
            shown = "standard input" if name == STDIN else name
            result.unread.append(f"can't read {shown}: {error.strerror or error}.")
        else:
            result.entries += iterate(content, name)
    return result


def _files(path: str, result: Files) -> Iterator[str]:
    """The files that a path means; a file that is named outright is read whatever its name is."""
    if path == STDIN:
        yield STDIN
    elif Path(path).is_dir():
        yield from _walk(path, result)
    elif os.path.lexists(path):
        yield path
    elif found := sorted(glob.glob(path, recursive=True)):  # noqa: PTH207 (a Path would drop the user's leading ./)
        for match in found:
            yield from _walk(match, result) if Path(match).is_dir() else (match,)
    else:
        raise InputError(
            f"{path}: there is no such file or folder.", fix="Name files, folders, or - for standard input."
        )


def _walk(folder: str, result: Files) -> Iterator[str]:
    """The manifests below a folder, by name; links to folders are not followed, so that none is a loop."""

    def unread(error: OSError) -> None:
        result.unread.append(f"can't read {error.filename}: {error.strerror or error}.")

    for place, folders, names in os.walk(folder, onerror=unread):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                path = os.path.join(place, name)  # noqa: PTH118 (a Path would drop the user's leading ./)
                # A pipe would be waited for; a link that leads nowhere is told when it is read.
                if os.path.isfile(path) or not os.path.exists(path):  # noqa: PTH110, PTH113 (a Path costs more)
                    yield path
                else:
                    result.unread.append(f"can't read {path}: it is no file.")
