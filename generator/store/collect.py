"""The files of an artifact as a release will hold them: found, judged, hashed.

What becomes of what a folder may hold:

- files: published; a symbolic link to a file of the same model as that file (``generator.store.disk``);
- names that start with a dot, files and folders: left out, and said so (editors' and version control's own);
- empty folders: left out, object stores have none;
- links to folders, out of the model's folder or to nowhere, pipes, sockets, devices: refused;
- names that aren't UTF-8, hold control characters or a backslash, are too long, or end in ``#<number>`` (how a killed
  upload looks in a folder), and files named ``release.json``: refused.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import InputError, Place
from generator.store import disk
from generator.store.hashing import fingerprints, unknown
from generator.store.objects import STAGED
from generator.store.release import RECORD, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.store.disk import Local
    from generator.store.hashing import Known

LAYOUT = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
LONGEST_POINTER = 1024  # git-lfs, docs/spec.md: a pointer is shorter than this
LONGEST_NAME = 240  # most file systems take 255 bytes, and obstore adds a number while it writes
LONGEST_PATH = (
    800  # S3 takes keys of 1,024 bytes (Amazon S3 user guide, "Naming objects"); the rest is for what goes before
)


@dataclass(frozen=True)
class Source:
    """A file here, and its place in the release.

    Attributes:
        path: From the digest folder: ``<layout>/…``.
        local: The file here; the content itself where it is one of ours (``Artifact.generated``).
        size: Bytes.
        sha256: Of the content, when it was read.
    """

    path: str
    local: Local | bytes
    size: int
    sha256: str


@dataclass(frozen=True)
class Content:
    """All files of an artifact.

    Attributes:
        files: Sorted by path as bytes.
        digest: Of the release that these files make.
        left_out: Local paths that start with a dot.
        empty: Paths of files without any content.
    """

    files: tuple[Source, ...]
    digest: str
    left_out: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(source.size for source in self.files)

    @property
    def empty(self) -> tuple[str, ...]:
        """The paths of files without content."""
        return tuple(source.path for source in self.files if source.size == 0)


def collect(artifact: Artifact, known: Known = unknown) -> Content:
    """Find, judge and hash the files of an artifact.

    Args:
        artifact: What training or ``--model`` gave.
        known: Who has begun to hash files already (``generator.store.begun``).

    Raises:
        InputError: The artifact holds what no release can.
        OutsideError: A file can't be read.
    """
    _check_layouts(artifact.layouts)
    found: dict[str, Local | bytes] = {}
    left_out: list[Path] = []
    for layout in artifact.layouts:
        here, hidden = _found(artifact, layout)
        found |= here
        left_out += hidden
    paths = sorted(found, key=lambda path: path.encode())
    hashed = fingerprints([found[path] for path in paths], known)
    files = tuple(Source(path, found[path], each.size, each.sha256) for path, each in zip(paths, hashed, strict=True))
    digest = digest_of((source.path, source.sha256) for source in files)
    return Content(files, digest, tuple(sorted(left_out)))


def _found(artifact: Artifact, layout: str) -> tuple[dict[str, Local | bytes], list[Path]]:
    """The files of one layout by their place in the release, and what was left out.

    Raises:
        InputError: It holds nothing, or two files for one place, or what no release can.
        OutsideError: A folder can't be read.
    """
    local: list[tuple[str, Local]] = []
    hidden: list[Path] = []
    for place, path in _parts(artifact, layout):
        if os.path.lexists(path) and not path.is_dir():
            local.append((_checked(place, path), disk.look(path, _home(artifact.root))))
            continue
        for entry in disk.files(path):
            if entry.file is None:
                hidden.append(entry.path)
            else:
                local.append((_checked(f"{place}/{entry.place}", entry.path), entry.file))
    for _, file in local:
        _refuse_pointer(file)
    if not local:
        raise InputError(
            f"the layout '{layout}' holds no files.", place=Place(str(artifact.root)), fix="Export the model again."
        )
    found: dict[str, Local | bytes] = {
        path: content for path, content in artifact.generated.items() if path.split("/")[0] == layout
    }
    for place, file in local:
        if place in found:
            raise InputError(
                f"the layout '{layout}' would hold {place.partition('/')[2]} twice.",
                fix="Remove or rename this one.",
                place=Place(str(file.path)),
            )
        found[place] = file
    return found, hidden


def _refuse_pointer(file: Local) -> None:
    """What Git LFS leaves in a clone without it stands for any file of a model, and no server can read it.

    Raises:
        InputError: It is one.
        OutsideError: It can't be read.
    """
    if file.size > LONGEST_POINTER:
        return
    if file.start(len(disk.LFS_POINTER)) == disk.LFS_POINTER:
        raise disk.pointer(file.path)


def _home(root: Path) -> Path:
    """The model's folder, which no link may leave: that of a single file is the one that it lies in."""
    return root if root.is_dir() else root.parent


def _check_layouts(layouts: tuple[str, ...]) -> None:
    """Names that fit, none the start of another: KServe's initializer lists S3 by string prefix (CONTRACT)."""
    for layout in layouts:
        if not LAYOUT.fullmatch(layout):
            raise InputError(f"'{layout}' is no name of a layout.", fix="Lower-case letters, digits, '-' and '.'.")
        longer = [other for other in layouts if other != layout and other.startswith(layout)]
        if longer or layouts.count(layout) > 1:
            raise InputError(f"the layouts '{layout}' and '{(longer or [layout])[0]}' can't be told apart by prefix.")
    if not layouts:
        raise InputError("the artifact has no layout, so there is nothing to publish.")


def _parts(artifact: Artifact, layout: str) -> Iterator[tuple[str, Path]]:
    """The local folders and files that make up a layout, each with its place in the release."""
    elsewhere = [(place, path) for place, path in artifact.elsewhere.items() if place.split("/")[0] == layout]
    yield from elsewhere or [(layout, artifact.root / layout)]


def _checked(place: str, path: Path) -> str:
    """The place, each name of which a store can hold.

    Raises:
        InputError: One is none.
    """
    for name in place.split("/")[1:]:
        _check_name(name, place, path)
    return place


def _check_name(name: str, path: str, local: Path) -> None:
    problem = ""
    try:
        sizes = len(name.encode()), len(path.encode())
    except UnicodeEncodeError:
        shown = os.fsencode(local).decode("utf-8", "backslashreplace")
        raise InputError("the file's name isn't UTF-8.", fix="Rename it.", place=Place(shown)) from None
    if sizes[0] > LONGEST_NAME or sizes[1] > LONGEST_PATH:
        problem = f"the file's name or path is too long (at most {LONGEST_NAME} and {LONGEST_PATH} bytes)."
    elif not name.isprintable() or "\\" in name:
        problem = "the file's name holds a backslash or what can't be printed."
    elif STAGED.fullmatch(name):
        problem = "the file's name ends in '#' and a number, as unfinished uploads do."
    elif name == RECORD:
        problem = f"a model can't hold a file named {RECORD}: that name marks a release."
    if problem:
        raise InputError(problem, fix="Rename it.", place=Place(str(local).encode("unicode_escape").decode()))
