"""What tells a file from every other: its sha256, and the tag that an S3 server gives it.

A tag (HTTP's ETag) is what the server itself has made of the bytes that arrived: their MD5, or of an upload in parts
the MD5 of the parts' MD5s and their number (Amazon S3 API reference, "Object", ETag). So a tag that equals the one made
here of the same bytes as the sha256 is proof that exactly these bytes arrived. Where a server's tags are something else
(encryption with keys of KMS or of the client, MinIO with ``--no-compat``), they equal nothing and prove nothing.

Only the sha256 is needed to know what a release is, and it is what the first byte waits for. MD5 takes more than twice
its time, so it is made of the bytes while they are on their way, and their sha256 once more with it: that one tells
whether what is sent is what was hashed.

MD5 stands for accidents here, not for attackers: what a release holds is said by sha256 alone.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.store.crew import Crew

if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Callable, Iterable, Sequence

    from generator.store.disk import Local

    Known = Callable[["Local"], "Fingerprint | None"]

MIB = 2**20
PART = 8 * MIB
MANY = 16
MOST_PARTS = 9_000  # S3 takes 10,000 parts of one upload (Amazon S3 user guide, "Multipart upload limits")
AT_ONCE = 4  # files; of each one piece is in memory


@dataclass(frozen=True)
class Fingerprint:
    """What a file was when it was read.

    Attributes:
        size: Bytes.
        sha256: 64 hex digits.
        tag: What an S3 server calls it when it was sent in parts of ``part_size``; None where nobody asked.
    """

    size: int
    sha256: str
    tag: str | None


def part_size(size: int) -> int:
    """The bytes of each part of an upload: a multiple of PART, and of few enough parts.

    A file of at most PART bytes is sent whole. One of more than MANY parts has them twice as big: each part costs a
    server some milliseconds of its own (measured with moto, 350 MB beside 500 small files: 4.1 to 5.7 s against 5.0 to
    6.5 s; four times as big is no better).
    """
    least = 2 if size > MANY * PART else 1
    return PART * max(least, -(-size // (PART * MOST_PARTS)))


def tag_of(e_tag: str | None) -> str | None:
    """A server's ETag without what HTTP puts around it; a proxy that compresses marks it as weak."""
    return e_tag.removeprefix("W/").strip('"').lower() if e_tag else None


class Passing:
    """The fingerprint, tag and all, of bytes that pass by piece by piece.

    Args:
        size: How many will pass.
        whole: They are sent whole, however many they are.
    """

    def __init__(self, size: int, *, whole: bool = False) -> None:
        self._part = sys.maxsize if whole or size <= PART else part_size(size)
        self._sha256, self._size, self._left = hashlib.sha256(), 0, self._part
        self._parts = [_md5()]

    def add(self, piece: bytes | memoryview) -> None:
        """The next bytes."""
        self._sha256.update(piece)
        self._size += len(piece)
        rest = memoryview(piece)
        while rest:
            if not self._left:
                self._parts.append(_md5())
                self._left = self._part
            now, rest = rest[: self._left], rest[self._left :]
            self._parts[-1].update(now)
            self._left -= len(now)

    def fingerprint(self) -> Fingerprint:
        """That of all that has passed."""
        tag = self._parts[0].hexdigest()
        if len(self._parts) > 1:
            tag = f"{_md5(b''.join(each.digest() for each in self._parts)).hexdigest()}-{len(self._parts)}"
        return Fingerprint(self._size, self._sha256.hexdigest(), tag)


def _md5(content: bytes = b"") -> HASH:
    return hashlib.md5(content, usedforsecurity=False)


def unknown(file: Local) -> Fingerprint | None:  # noqa: ARG001 (as somebody who knows some is asked)
    """Nobody has hashed a file before."""
    return None


def fingerprints(files: Sequence[Local | bytes], known: Known = unknown) -> list[Fingerprint]:
    """Those of many files, without tags, in their order; each is read once, several at a time, the biggest first.

    Args:
        files: Files here, or bytes of ours.
        known: Asked first for a file here: its fingerprint where it is hashed already, or just being hashed.

    Raises:
        OutsideError: One can't be read, or is another file by now.
    """
    crew, workers = Crew(), min(AT_ONCE, os.cpu_count() or 1, len(files))

    def one(number: int) -> tuple[int, Fingerprint]:
        file = files[number]
        found = None if isinstance(file, bytes) else known(file)
        return number, found or fingerprint(file, crew.go_on)

    order = sorted(range(len(files)), key=lambda number: -_size(files[number]))
    found = crew.each(one, (order, workers))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def fingerprint(file: Local | bytes, go_on: Callable[[], None] = lambda: None, *, tagged: bool = False) -> Fingerprint:
    """That of one file.

    Args:
        file: A file here, or bytes of ours.
        go_on: Called before each piece, to raise where it isn't wanted any more.
        tagged: Make its tag, too.

    Raises:
        OutsideError: It can't be read, or is another file by now; or what ``go_on`` raises.
    """
    size = _size(file)
    if isinstance(file, bytes):
        pieces: Iterable[bytes | memoryview] = (file,)
    elif size < PART and len(content := file.start(PART)) == size:
        pieces = (content,)
    else:
        pieces = file.pieces(PART, kept=0)
    if tagged:
        passing = Passing(size, whole=isinstance(file, bytes))
        for piece in pieces:
            go_on()
            passing.add(piece)
        return passing.fingerprint()
    whole, read = hashlib.sha256(), 0
    for piece in pieces:
        go_on()
        whole.update(piece)
        read += len(piece)
    return Fingerprint(read, whole.hexdigest(), None)


def _size(file: Local | bytes) -> int:
    return len(file) if isinstance(file, bytes) else file.size
