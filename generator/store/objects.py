"""A thin store over obstore: a handful of operations, each whole or not at all, each failing in one paragraph.

Keys are paths from the store's top with ``/`` between, never with one at an end.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import OutsideError
from generator.store.failures import NOBODY, Access, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.store.disk import Local

MIB = 2**20
PART = 8 * MIB
MOST_PARTS = 9_000  # S3 takes 10,000 parts of one upload (Amazon S3 user guide, "Multipart upload limits")
PARTS_AT_ONCE = 3  # with FILES_AT_ONCE: 12 parts, about 100 MiB, are in memory at the most
FILES_AT_ONCE = 4
BIGGEST_RECORD = 64 * MIB
SMALL = MIB // 4  # what even a slow line carries within the short patience of small questions
STAGED = re.compile(r".+#[0-9]+")  # how obstore names a local file that it hasn't finished

T = TypeVar("T")
R = TypeVar("R")


def unwatched(done: int) -> None:
    """Nobody wants to know."""


class Store:
    """Objects under one URL.

    Args:
        url: For messages and for the user.
        name: The URL, and the endpoint where there is one: for messages.
        asking: obstore's client for small questions; it gives up early, so that a dead server is soon known.
        sending: obstore's client for files; it is patient.
        at_once: How many files are read or written at the same time.
        access: What gives access, for messages.
    """

    def __init__(
        self,
        url: str,
        name: str,
        asking: Any,
        sending: Any,
        at_once: int = FILES_AT_ONCE,
        *,
        access: Access = NOBODY,
    ) -> None:
        self.url = url
        self.name = name
        self.at_once = at_once
        self.access = access
        self._asking = asking
        self._sending = sending
        self._stop = threading.Event()

    def url_of(self, key: str) -> str:
        """The URL of an object or a folder."""
        return f"{self.url.rstrip('/')}/{key}"

    def folders(self, prefix: str) -> list[str]:
        """The names of the folders right under a prefix, by one listing with a delimiter.

        Raises:
            OutsideError: The store can't be listed.
        """
        with told("can't list the releases", self.name, self.access):
            found = self._asking.list_with_delimiter(prefix)
        return [path.rpartition("/")[2] for path in found["common_prefixes"]]

    def sizes(self, prefix: str) -> dict[str, int]:
        """The key and the bytes of each object under a prefix, at any depth.

        Raises:
            OutsideError: The store can't be listed.
        """
        with told("can't list the files", self.name, self.access):
            return {item["path"]: item["size"] for chunk in self._asking.list(prefix) for item in chunk}

    def read(self, key: str) -> bytes | None:
        """A small object's content, None where there is none.

        Raises:
            OutsideError: It can't be read, or is bigger than any record of ours.
        """
        with told(f"can't read {key}", self.name, self.access):
            found = self._get(self._asking, key)
            if found is None:
                return None
            if found.meta["size"] <= BIGGEST_RECORD:
                return bytes(found.bytes())
        raise OutsideError(f"{self.url_of(key)} has {found.meta['size']} bytes: it is no record of ours.")

    def sha256(self, key: str) -> str | None:
        """The sha256 of what lies there, read back from the store in pieces; None where nothing lies.

        Raises:
            OutsideError: It can't be read.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        digest = hashlib.sha256()
        with told(f"can't read {key} back", self.name, self.access):
            found = self._get(self._sending, key)
            if found is None:
                return None
            size = found.meta["size"]
            if size <= PART:
                digest.update(found.bytes())
                return digest.hexdigest()
            # One request a piece: none lasts so long that a server or a time-out ends it.
            for start in range(0, size, PART):
                self._go_on()
                digest.update(obstore.get_range(self._sending, key, start=start, end=min(start + PART, size)))
        return digest.hexdigest()

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """What lies there, in pieces, one request each; where less than ``size`` bytes lie, less.

        Raises:
            OutsideError: It can't be read, or nothing lies there.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        for start in range(0, size, PART):
            with told(f"can't read {key} back", self.name, self.access):
                piece = obstore.get_range(self._sending, key, start=start, end=min(start + PART, size))
            yield bytes(piece)

    def send(self, key: str, source: Local | bytes, size: int, sent: Callable[[int], None] = unwatched) -> None:
        """Write a file, or bytes of ours, in pieces where it is big; what is seen of it is all of it or nothing.

        Args:
            key: Where to.
            source: What.
            size: Its bytes.
            sent: Told the bytes of each piece that is on its way.

        Raises:
            OutsideError: It can't be read here or written there.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        pieces = self._pieces(source, sent)
        with told(f"can't write {key}", self.name, self.access):
            obstore.put(
                self._sending,
                key,
                b"".join(pieces) if size <= PART else pieces,
                chunk_size=max(PART, -(-size // MOST_PARTS)),
                max_concurrency=PARTS_AT_ONCE,
            )

    def create(self, key: str, content: bytes) -> bool:
        """Write an object unless there is one: exactly one of all who try at once gets True.

        Raises:
            OutsideError: It can't be written.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)
        from obstore.exceptions import AlreadyExistsError, PreconditionError  # noqa: PLC0415 (an extra)

        client = self._asking if len(content) <= SMALL else self._sending
        with told(f"can't write {key}", self.name, self.access):
            try:
                obstore.put(client, key, content, mode="create")
            except (AlreadyExistsError, PreconditionError) as error:
                # Any 409 is AlreadyExistsError for the library, also Azure's for a container that is being deleted.
                if re.search(r"<Code>(Container|Account)\w+</Code>", str(error)):
                    raise
                return False
        return True

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is gone already is fine.

        Raises:
            OutsideError: One can't be removed.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        with told("can't remove what isn't needed", self.name, self.access):
            for key in keys:
                with contextlib.suppress(FileNotFoundError):
                    obstore.delete(self._sending, key)

    def flush(self, keys: Iterable[str]) -> None:
        """Make sure that objects outlive a power cut. A server has seen to that when it answers."""

    def sweep(self, prefix: str) -> None:
        """Remove unfinished files of killed uploads under a prefix. A server shows none."""

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Do the same for many, some at once; the first failure, or Ctrl-C, ends all."""
        if self.at_once == 1:
            return [work(item) for item in items]
        pool = ThreadPoolExecutor(self.at_once)
        try:
            return list(pool.map(work, items))
        finally:
            self._stop.set()
            pool.shutdown(cancel_futures=True)
            self._stop.clear()

    def _pieces(self, source: Local | bytes, sent: Callable[[int], None]) -> Iterator[bytes]:
        """A file in pieces; a library that reads it itself could not be stopped in the middle.

        Raises:
            OutsideError: It can't be read.
        """
        if isinstance(source, bytes):
            yield source
            sent(len(source))
            return
        try:
            with source.opened() as file:
                while piece := file.read(PART):
                    self._go_on()
                    yield piece
                    sent(len(piece))
        except OSError as error:
            raise OutsideError(f"can't read {source.path}: {error.strerror or error}.") from error

    def _go_on(self) -> None:
        """Leave a long transfer whose fellows have failed.

        Raises:
            OutsideError: They have; theirs came first and is the one that is told.
        """
        if self._stop.is_set():
            raise OutsideError("stopped, for another file failed.")

    @staticmethod
    def _get(client: Any, key: str) -> Any:
        """The library's answer, None where the object isn't there.

        Any 404 is FileNotFoundError for the library, that of a missing bucket or an unknown user too.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        try:
            return obstore.get(client, key)
        except FileNotFoundError as error:
            code = re.search(r"<Code>(\w+)</Code>", str(error))
            if code and code[1] not in {"NoSuchKey", "NotFound", "BlobNotFound"}:
                raise
            return None
