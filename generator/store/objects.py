"""A thin store over obstore: a handful of operations, each whole or not at all, each failing in one paragraph.

Keys are paths from the store's top with ``/`` between, never with one at an end.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from generator.errors import OutsideError
from generator.store.crew import Crew, Room
from generator.store.failures import NOBODY, Access, told
from generator.store.hashing import MIB, PART, part_size, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from generator.store.disk import Local

    Sent = Callable[[bytes | memoryview], None]

FILES_AT_ONCE = 32  # a small file is a wait for the line, not work: fewer at once would be slower than other tools
BIG_AT_ONCE = 2  # of files in parts: what a kill leaves unfinished is theirs alone, and the line never idles between
BIG_IN_MEMORY = 8 * PART  # the parts of all big files that are on their way
SMALL_IN_MEMORY = 32 * MIB
AHEAD = 4  # pieces of an object that are being read while one is looked at
BIGGEST_RECORD = 64 * MIB
SMALL = MIB // 4  # what even a slow line carries within the short patience of small questions
STAGED = re.compile(r".+#[0-9]+")  # how obstore names a local file that it hasn't finished

T = TypeVar("T")
R = TypeVar("R")


def unwatched(_: object) -> None:
    """Nobody wants to know."""


class Lying(NamedTuple):
    """What a listing says of an object.

    Attributes:
        size: Bytes.
        tag: What the server calls its content; see ``generator.store.hashing``.
    """

    size: int
    tag: str | None


class Store:
    """Objects under one URL.

    Args:
        url: For messages and for the user.
        name: The URL, and the endpoint where there is one: for messages.
        asking: obstore's client for small questions; it gives up early, so that a dead server is soon known.
        sending: obstore's client for files; it is patient.
        at_once: How many files are read or written at the same time.
        tagged: Whether the server's tags are as a rule made of the content, as those of S3 are.
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
        tagged: bool = False,
        access: Access = NOBODY,
    ) -> None:
        self.url = url
        self.name = name
        self.at_once = at_once
        self.tagged = tagged
        self.access = access
        self._asking = asking
        self._sending = sending
        self._crew, self._room = Crew(), Room(SMALL_IN_MEMORY)

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

    def lying(self, prefix: str) -> dict[str, Lying]:
        """Each object under a prefix, at any depth, by its key: one listing.

        Raises:
            OutsideError: The store can't be listed.
        """
        with told("can't list the files", self.name, self.access):
            return {
                item["path"]: Lying(item["size"], tag_of(item["e_tag"]))
                for chunk in self._asking.list(prefix)
                for item in chunk
            }

    def sizes(self, prefix: str) -> dict[str, int]:
        """The bytes of each object under a prefix, at any depth, by its key.

        Raises:
            OutsideError: The store can't be listed.
        """
        return {key: each.size for key, each in self.lying(prefix).items()}

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
        digest = hashlib.sha256()
        with told(f"can't read {key} back", self.name, self.access):
            found = self._get(self._sending, key)
            if found is None:
                return None
            size = found.meta["size"]
            if size <= PART:
                with self._room.taken(size):
                    digest.update(found.bytes())
                return digest.hexdigest()
            for piece in self.pieces(key, size):
                digest.update(piece)
        return digest.hexdigest()

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """What lies there, in pieces, one request each and some of them fetched ahead; where less lies, less.

        None lasts so long that a server or a time-out ends it.

        Args:
            key: What.
            size: Its bytes.

        Raises:
            OutsideError: It can't be read, or nothing lies there.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        def fetch(start: int) -> bytes:
            self._crew.go_on()
            with told(f"can't read {key} back", self.name, self.access):
                return bytes(obstore.get_range(self._sending, key, start=start, end=min(start + PART, size)))

        begun = deque["Future[bytes]"]()
        with ThreadPoolExecutor(AHEAD) as pool:
            for start in range(0, size, PART):
                begun.append(pool.submit(fetch, start))
                if len(begun) == AHEAD:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()

    def send(self, key: str, source: Local | bytes, size: int, sent: Sent = unwatched, beside: int = 1) -> str | None:
        """Write a file, or bytes of ours, in parts where it is big; what is seen of it is all of it or nothing.

        Args:
            key: Where to.
            source: What.
            size: Its bytes.
            sent: Given each piece of what is sent, when it is on its way.
            beside: How many big files are sent at the same time, this one among them: they share the memory.

        Returns:
            The tag that the server gives what arrived; None where it gives none.

        Raises:
            OutsideError: It can't be read here or written there.
        """
        import obstore  # noqa: PLC0415 (an extra; whoever has a Store has it)

        with told(f"can't write {key}", self.name, self.access):
            if size > PART and not isinstance(source, bytes):
                part = part_size(size)
                at_once = max(1, BIG_IN_MEMORY // part // beside)
                pieces = self._pieces(source, sent)
                done = obstore.put(self._sending, key, pieces, chunk_size=part, max_concurrency=at_once)
            else:
                with self._room.taken(size):
                    content = source if isinstance(source, bytes) else source.start(PART + 1)
                    done = obstore.put(self._sending, key, content, use_multipart=False)
                    sent(content)
        return tag_of(done["e_tag"])

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

    def each(self, work: Callable[[T], R], items: Iterable[T], big: Iterable[T] = ()) -> list[R]:
        """Do the same for many, some at once; the first failure, or Ctrl-C, ends all.

        Args:
            work: What is done.
            items: With what.
            big: With what else, of which fewer are done at once; begun first, and their results are the first.
        """
        if self.at_once == 1:
            return [work(item) for item in (*big, *items)]
        return self._crew.each(work, (big, BIG_AT_ONCE), (items, self.at_once))

    def go_on(self) -> None:
        """Leave a long piece of work inside ``each`` whose fellows have failed.

        Raises:
            OutsideError: They have.
        """
        self._crew.go_on()

    def _pieces(self, source: Local, sent: Sent) -> Iterator[memoryview]:
        """A file in pieces; a library that reads it itself could not be stopped in the middle."""
        for piece in source.pieces(PART):
            self._crew.go_on()
            yield piece
            sent(piece)

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
