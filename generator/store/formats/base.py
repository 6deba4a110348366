"""What a model format declares, and the looks at a path that the formats share.

A format looks at what ``--model`` names and says what it found. It opens no more than it needs, runs no code of the
model (a pickle is never loaded), and refuses only what is certainly wrong.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place
from generator.store import disk
from generator.store.contents.damage import DamagedError
from generator.store.wire import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.model.artifact import Golden, Signature

Say = Callable[[str], None]

HEAD = 64
VERSION = re.compile(r"\d[\w.+-]{0,30}", re.ASCII)
PRINTABLE = re.compile(r"[\x20-\x7e]{1,64}")


@dataclass(frozen=True)
class Model:
    """A model on the local disk that was looked at and is of its format.

    Attributes:
        format: The format's id.
        path: Where it lies: a file or a folder.
        name: What servers call the file, such as ``model.joblib``; empty for a folder.
        beside: Files that must lie in the same folder as the model, by their name there.
        signature: None where the format doesn't say it.
        unsaid: Why there is no signature, where that can be said.
        oldest: The oldest release of a server that can load the model, by layout; what isn't known isn't there.
        facts: What else the files say of themselves, JSON-able; goes into the release's ``trainedWith``.
        golden: A real request and its answer, where somebody has one.
        warm_files: Whether the platform brings every folder of a model to its server, so that data to warm up with may
            lie in one.
        written_by: What wrote it, libraries by their names on PyPI to their versions: a server's has to read it.
    """

    format: str
    path: Path
    name: str = ""
    beside: Mapping[str, Path] = field(default_factory=dict)
    signature: Signature | None = None
    unsaid: str = ""
    oldest: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    written_by: Mapping[str, str] = field(default_factory=dict)
    golden: Golden | None = None
    warm_files: bool = True


@dataclass(frozen=True)
class Format:
    """A model format.

    Attributes:
        id: What ``model.format`` says.
        wanted: What ``--model`` must name, for messages.
        look: The path, which exists, to the Model; raises InputError, or OSError where it can't be read.
        meant: Whether a path, which exists, looks as if such a model were meant, whole or not; raises OSError.
    """

    id: str
    wanted: str
    look: Callable[[Path, Say], Model]
    meant: Callable[[Path], bool]


def ends_in(*endings: str) -> Callable[[Path], bool]:
    """A file with one of these endings is meant."""
    return lambda path: path.suffix.lower() in endings and path.is_file()


def holds(*names: str) -> Callable[[Path], bool]:
    """A folder that holds one of these is meant, the folder above that one, or that file."""

    def meant(path: Path) -> bool:
        if not path.is_dir():
            return path.name in names
        folders = [path, *(entry for entry in sorted(path.iterdir()) if entry.is_dir())]
        return any((folder / name).exists() for folder in folders for name in names)

    return meant


def refused(path: Path, problem: str, wanted: str, better: Path | None = None, fix: str = "") -> InputError:
    """The error for a path that isn't what a format wants.

    Args:
        path: What ``--model`` named.
        problem: What is wrong with it; goes on a sentence that starts with the path.
        wanted: What would be right.
        better: Where that probably is.
        fix: How to come by it, where that is known better.
    """
    hint = f" Use --model {better}." if better else ""
    return InputError(f"{path} {problem}.", fix=fix or f"--model wants {wanted}.{hint}")


def broken(path: Path, problem: str, fix: str) -> InputError:
    """The error for a file that is where it should be, and damaged or of another kind."""
    return InputError(problem, fix=fix, place=Place(str(path)))


@contextlib.contextmanager
def whole(path: Path, fix: str) -> Iterator[None]:
    """Turn what a reader finds damaged into an error at the file.

    Raises:
        InputError: The body found it damaged.
    """
    try:
        yield
    except (DamagedError, MalformedError) as error:
        raise broken(path, f"{error}.", fix) from error


def versions(**found: object) -> dict[str, str]:
    """Of library to version those that are versions indeed; ``_`` in a name stands for ``-``."""
    return {
        name.replace("_", "-"): version
        for name, version in found.items()
        if isinstance(version, str) and VERSION.fullmatch(version)
    }


def file_of(path: Path, wanted: str, endings: Mapping[str, str] | tuple[str, ...]) -> bytes:
    """The first bytes of a file that has one of these endings, holds something, and is no pointer of Git LFS.

    Raises:
        InputError: It isn't such a file; the message names the one that the user probably meant.
        OSError: It can't be read.
    """
    if path.is_dir():
        inside = sorted(entry for entry in path.iterdir() if entry.suffix.lower() in endings and entry.is_file())
        raise refused(path, "is a folder", wanted, inside[0] if len(inside) == 1 else None)
    if path.suffix.lower() not in endings:
        raise refused(path, f"doesn't end in {' or '.join(endings)}", wanted)
    disk.look(path, path.parent)
    return first_bytes(path)


def folder_of(path: Path, marker: str, wanted: str) -> Path:
    """The file that makes a folder a model.

    Raises:
        InputError: The folder lacks it, or is none; the message names the one that the user probably meant.
        OSError: It can't be read.
    """
    if path.is_file():
        raise refused(path, "is a file", wanted, path.parent if (path.parent / marker).is_file() else None)
    if not (path / marker).is_file():
        inside = sorted(entry for entry in path.iterdir() if (entry / marker).is_file())
        better = inside[0] if inside else path.parent if (path.parent / marker).is_file() else None
        raise refused(path, f"holds no {marker}", wanted, better)
    disk.inspect(path)
    return path / marker


def first_bytes(path: Path, size: int = HEAD) -> bytes:
    """The first bytes of a file that holds something and is no pointer of Git LFS.

    Raises:
        InputError: It is.
        OSError: It can't be read.
    """
    head = disk.read(path, max(size, HEAD))
    if not head:
        raise broken(path, "the file is empty.", "Export the model again.")
    if head.startswith(disk.LFS_POINTER):
        raise disk.pointer(path)
    return head
