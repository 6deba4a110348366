"""Layers: a layout's files as tar archives, the same bytes on every machine and every day.

Nothing is compressed: weights hardly shrink, servers that mount or unpack an image do it sooner, and what a compressor
makes differs from release to release of its library, and with it the digest. KServe unpacks tar and tar+gzip, and no
zstd (kserve-storage 0.21.0, kserve_storage.py, ``_LAYER_MEDIA_TYPE_MODES``).

A big file is a layer of its own: what arrived isn't sent again, whatever happens to the rest, and nodes pull several
layers at once. Small ones share layers, for a container's file system takes about 120 of them.
"""

from __future__ import annotations

import functools
import hashlib
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Sequence

Pieces = Callable[[], Iterator[bytes]]
"""A file's content from its start, in pieces, as often as one likes."""

FOLDER = "models"
"""Where KServe and our own image volumes look in an image (kserve/kserve v0.20.0, pkg/utils/storage.go)."""
SMALLEST = 64 * 2**20
MOST = 48
"""So many layers' worth of big files at the most, and about as many of small ones; the limits of Docker and containerd
are at 125 and more (moby/moby, layer/layer_store.go, ``maxLayerDepth``)."""
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)


@dataclass(frozen=True)
class Member:
    """A file of a layer.

    Attributes:
        path: Below ``models/``.
        size: Bytes.
        sha256: Of the content.
        pieces: The content.
    """

    path: str
    size: int
    sha256: str
    pieces: Pieces


@dataclass(frozen=True)
class Layer:
    """A layer.

    Attributes:
        members: Its files, sorted by path as bytes.
    """

    members: tuple[Member, ...]

    @functools.cached_property
    def size(self) -> int:
        """Bytes of the archive, known before any file is read."""
        heads = sum(len(head) for head in self._folders())
        return heads + sum(len(_head(each)) + each.size + _padding(each.size) for each in self.members) + len(END)

    def stream(self) -> Iterator[bytes]:
        """The archive.

        Raises:
            OutsideError: A file can't be read, or isn't any more what it was when it was hashed.
        """
        yield b"".join(self._folders())
        for member in self.members:
            yield _head(member)
            yield from _checked(member)
            yield bytes(_padding(member.size))
        yield END

    def digest(self, go_on: Callable[[], None] = lambda: None) -> str:
        """``sha256:…`` of the archive, for which all files are read.

        Args:
            go_on: Asked before each piece; it raises where nobody needs the answer any more.

        Raises:
            OutsideError: As ``stream``.
        """
        found = hashlib.sha256()
        for piece in self.stream():
            go_on()
            found.update(piece)
        return f"sha256:{found.hexdigest()}"

    def _folders(self) -> Iterator[bytes]:
        """The folders that its files lie in, from the top, so that everybody may enter them."""
        paths = {FOLDER}
        for member in self.members:
            parts = member.path.split("/")[:-1]
            paths |= {"/".join([FOLDER, *parts[: depth + 1]]) for depth in range(len(parts))}
        for path in sorted(paths, key=str.encode):
            yield _header(path, tarfile.DIRTYPE, 0o755, 0)


def plan(members: Sequence[Member]) -> tuple[Layer, ...]:
    """Share files out to layers; it follows from their paths and sizes alone.

    Args:
        members: In any order.
    """
    big = max(SMALLEST, -(-sum(each.size for each in members) // MOST))
    layers: list[Layer] = []
    waiting: list[Member] = []
    for member in sorted(members, key=lambda each: each.path.encode()):
        if member.size >= big:
            layers.append(Layer((member,)))
            continue
        waiting.append(member)
        if sum(each.size for each in waiting) >= big:
            layers.append(Layer(tuple(waiting)))
            waiting = []
    return (*layers, Layer(tuple(waiting))) if waiting else tuple(layers)


def _head(member: Member) -> bytes:
    return _header(f"{FOLDER}/{member.path}", tarfile.REGTYPE, 0o644, member.size)


def _header(path: str, kind: bytes, mode: int, size: int) -> bytes:
    """A header as POSIX has it: the time is 1970, the owner is root, and everybody may read."""
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.size = kind, mode, size
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _padding(size: int) -> int:
    return -size % BLOCK


def _checked(member: Member) -> Iterator[bytes]:
    """A file's content, which has to be what its hash says, or the archive would be another one.

    Raises:
        OutsideError: It isn't, or can't be read.
    """
    found, size = hashlib.sha256(), 0
    for piece in member.pieces():
        size += len(piece)
        if size > member.size:
            break
        found.update(piece)
        yield piece
    if size != member.size or found.hexdigest() != member.sha256:
        raise OutsideError(
            f"{member.path} isn't what it was when it was hashed, so no image of it is complete.",
            fix="Publish again when nothing writes there any more.",
        )
