"""What tells a file from every other: its sha256, and the tag that an S3 server gives it. Both from one reading.

A tag (HTTP's ETag) is what the server itself has made of the bytes that arrived: their MD5, or of an upload in parts
the MD5 of the parts' MD5s and their number (Amazon S3 API reference, "Object", ETag). So a tag that equals the one made
here of the bytes that were hashed is proof that exactly these bytes arrived. Where a server's tags are something else
(encryption with keys of KMS or of the client, MinIO with ``--no-compat``), they equal nothing and prove nothing.

MD5 stands for accidents here, not for attackers: what a release holds is said by sha256 alone.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.store.crew import Crew

if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Sequence
    from concurrent.futures import Executor, Future

    from generator.store.disk import Local

MIB = 2**20
PART = 8 * MIB
MANY = 16
MOST_PARTS = 9_000  # S3 takes 10,000 parts of one upload (Amazon S3 user guide, "Multipart upload limits")
AT_ONCE = 4  # files, and as many parts; with AHEAD at most 96 MiB are in memory
AHEAD = 2  # parts of one file whose MD5 isn't done when the next is read: it takes twice the time of sha256


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


def fingerprints(files: Sequence[Local | bytes], *, tagged: bool) -> list[Fingerprint]:
    """Those of many files, in their order; each is read once, several at a time, and its parts go to all cores.

    Args:
        files: Files here, or bytes of ours.
        tagged: Make tags, too.

    Raises:
        OutsideError: One can't be read, or is another file by now.
    """
    workers, crew = min(AT_ONCE, os.cpu_count() or 1), Crew()

    def of(file: Local | bytes) -> Fingerprint:
        if isinstance(file, bytes):
            return _of_bytes(file, tagged=tagged)
        return _of_file(file, crew, helpers, tagged=tagged)

    with ThreadPoolExecutor(workers) as helpers:
        return crew.each(of, (files, workers))


def sha256_of(file: Local) -> str:
    """That of one file.

    Raises:
        OutsideError: It can't be read, or is another file by now.
    """
    return fingerprints([file], tagged=False)[0].sha256


def _of_bytes(content: bytes, *, tagged: bool) -> Fingerprint:
    tag = _md5(None, content).hexdigest() if tagged else None
    return Fingerprint(len(content), hashlib.sha256(content).hexdigest(), tag)


def _of_file(file: Local, crew: Crew, helpers: Executor, *, tagged: bool) -> Fingerprint:
    if file.size < PART and len(content := file.start(PART)) == file.size:
        return _of_bytes(content, tagged=tagged)
    whole, parts, size = hashlib.sha256(), _Parts(helpers, file.size), 0
    for piece in file.pieces(PART, kept=AHEAD if tagged else 0):
        crew.go_on()
        if tagged:
            parts.add(piece)
        whole.update(piece)
        size += len(piece)
    return Fingerprint(size, whole.hexdigest(), parts.tag() if tagged else None)


class _Parts:
    """The parts of one file, whose MD5s helpers make while somebody else reads on.

    Args:
        helpers: Who take the oldest piece first: a piece waits for the one before it in the same part.
        size: The file's bytes.
    """

    def __init__(self, helpers: Executor, size: int) -> None:
        self._helpers, self._pieces = helpers, part_size(size) // PART
        self._steps: list[Future[HASH]] = []

    def add(self, piece: memoryview) -> None:
        """The next piece: PART bytes, but for the last."""
        before = self._steps[-1] if len(self._steps) % self._pieces else None
        self._steps.append(self._helpers.submit(_md5, before, piece))
        if len(self._steps) > AHEAD:
            self._steps[-1 - AHEAD].result()

    def tag(self) -> str:
        """The tag of a file of all these pieces."""
        ends = self._steps[self._pieces - 1 :: self._pieces]
        ends += self._steps[-1:] if len(self._steps) % self._pieces else []
        digests = [end.result() for end in ends]
        if len(digests) == 1:
            return digests[0].hexdigest()
        return f"{_md5(None, b''.join(each.digest() for each in digests)).hexdigest()}-{len(digests)}"


def _md5(before: Future[HASH] | None, piece: bytes | memoryview) -> HASH:
    """The MD5 of a part after one more piece of it."""
    digest = before.result() if before else hashlib.md5(usedforsecurity=False)
    digest.update(piece)
    return digest
