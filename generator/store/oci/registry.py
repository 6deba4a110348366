"""A repository of a registry: is a layer there, send one, read and write manifests. ``python-dxf`` carries it.

Of the libraries that are kept it is the one that streams what has no file, with a length and a patience that we say:
oras 0.2.43 reads a layer whole into memory or wants it as a file, knows no time-out and waits two minutes for a server
that is gone; aioregistry 0.7.3 brings pydantic and an event loop. What it lacks is here: Docker's credentials
(``credentials``), trying again, and one paragraph for each failure (``failures``).
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import OutsideError
from generator.store.oci import failures
from generator.store.oci.credentials import login
from generator.store.oci.documents import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.store.oci.credentials import Login
    from generator.store.oci.documents import Descriptor
    from generator.store.oci.reference import Repository

    Sent = Callable[[int], None]

T = TypeVar("T")

ASKING = 15.0
"""Seconds that a registry has for an answer to a small question; a dead one is known after three waits at the most."""
SMALL = 64 * 2**20
SENDING, SENDING_BIG = 30.0, 600.0
"""As ASKING for a layer up to that size, and for bigger ones: once they have arrived, a registry may copy them within
its own store before it answers."""
ASKED, SENT = 3, 5
"""How often it is tried."""
FIRST_WAIT = 0.5
BIGGEST_DOCUMENT = 4 * 2**20
"""Registries refuse bigger manifests (distribution-spec v1.1.1, "Pushing Manifests")."""
PIECE = 2**20
NOT_FOUND = 404


class DamagedError(OutsideError):
    """What a registry gave for a digest isn't that."""


class Body:
    """What is sent of a layer: the library reads its length and its pieces, from the start each time it begins anew."""

    def __init__(self, size: int, pieces: Callable[[], Iterator[bytes]], sent: Sent) -> None:
        self._size, self._pieces, self._sent = size, pieces, sent

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            yield piece
            self._sent(len(piece))


class Registry:
    """One repository, asked from several threads.

    Args:
        repository: Which.

    Raises:
        InputError, OutsideError: Credentials are kept for it that can't be used.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._login: Login | None = login(repository, os.environ)
        self._clients = threading.local()

    def has(self, digest: str) -> bool:
        """Whether a layer or a configuration is there.

        Raises:
            OutsideError: The registry can't be asked.
        """
        return self._found(lambda client: client.blob_size(digest)) is not None

    def send(self, blob: Descriptor, pieces: Callable[[], Iterator[bytes]], sent: Sent) -> None:
        """Send a layer or a configuration, once more from its start where the connection breaks.

        Args:
            blob: What it is.
            pieces: Its bytes.
            sent: Told the bytes of each piece that is on its way; less than nothing where it starts anew.

        Raises:
            OutsideError: It can't be read here, or the registry doesn't take it.
        """

        def push(client: Any) -> None:
            gone = [0]

            def count(done: int) -> None:
                gone[0] += done
                sent(done)

            body = Body(blob.size, pieces, count)
            with contextlib.ExitStack() as unless_it_arrives:
                unless_it_arrives.callback(lambda: sent(-gone[0]))
                # What is there was asked before; that question and this answer differ for a registry that caches.
                client.push_blob(data=body, digest=blob.digest, check_exists=False)
                unless_it_arrives.pop_all()

        patience = SENDING if blob.size <= SMALL else SENDING_BIG
        with failures.told("can't push to", self.repository):
            self._patiently(lambda: push(self._client(patience)), SENT)

    def digest_of(self, reference: str) -> str | None:
        """The digest of the manifest of a tag or a digest; None where there is none.

        Raises:
            OutsideError: The registry can't be asked.
        """
        found = self._found(lambda client: client.head_manifest_and_response(reference))
        if found is None:
            return None
        return str(found[0]) if found[0] else self.document(reference).descriptor.digest

    def document(self, reference: str) -> Document:
        """A manifest or an index, by a tag or a digest.

        Raises:
            DamagedError: It isn't what the digest says.
        OutsideError: There is none, or it can't be read.
        """
        with failures.told("can't read from", self.repository):
            text, response = self._patiently(lambda: self._client(ASKING).get_manifest_and_response(reference), ASKED)
        content = response.content
        media_type = str(response.headers.get("Content-Type", "")).partition(";")[0].strip()
        if len(content) > BIGGEST_DOCUMENT:
            raise OutsideError(f"the manifest {reference} in {self.repository} has {len(content)} bytes: it is none.")
        found = Document(media_type, text.encode())
        if reference.startswith("sha256:") and found.descriptor.digest != reference:
            raise DamagedError(f"{self.repository} gave another manifest than {reference}.", fix="Tell its operators.")
        return found

    def put(self, reference: str, document: Document) -> None:
        """Write a manifest or an index under a tag or its own digest.

        Raises:
            OutsideError: The registry doesn't take it.
        """
        with failures.told("can't push to", self.repository):
            self._patiently(lambda: self._client(ASKING).set_manifest(reference, document.content.decode()), SENT)

    def read(self, blob: Descriptor) -> Iterator[bytes]:
        """A layer or a configuration, in pieces; at its end it is held against its digest.

        Raises:
            DamagedError: It is something else.
            OutsideError: It can't be read.
        """
        from dxf.exceptions import DXFDigestMismatchError  # noqa: PLC0415 (an extra)

        damaged = DamagedError(f"{blob.digest} in {self.repository} is damaged.", fix="Tell the registry's operators.")
        size = 0
        with failures.told("can't read from", self.repository):
            pieces = self._patiently(lambda: self._client(SENDING).pull_blob(blob.digest, chunk_size=PIECE), ASKED)
            try:
                for piece in pieces:  # the library holds them against the digest
                    size += len(piece)
                    if size > blob.size:
                        break
                    yield piece
            except DXFDigestMismatchError:
                raise damaged from None
        if size != blob.size:
            raise damaged

    def _found(self, ask: Callable[[Any], T]) -> T | None:
        """An answer; None where the registry says that there is nothing."""
        from requests.exceptions import HTTPError  # noqa: PLC0415 (an extra)

        with failures.told("can't ask", self.repository):
            try:
                return self._patiently(lambda: ask(self._client(ASKING)), ASKED)
            except HTTPError as error:
                if error.response is not None and error.response.status_code == NOT_FOUND:
                    return None
                raise

    @staticmethod
    def _patiently(work: Callable[[], T], times: int) -> T:
        """Do it; where the connection broke or the registry is busy, once more, each time after a longer wait."""
        for attempt in range(times - 1):
            try:
                return work()
            except OSError as error:
                if not failures.passing(error):
                    raise
                time.sleep(FIRST_WAIT * 2**attempt)
        return work()

    def _client(self, patience: float) -> Any:
        """This thread's client: one holds the token that it was given last, for one kind of request at a time."""
        from generator.store.oci.client import Client  # noqa: PLC0415 (an extra, and 80 ms)

        clients: dict[float, Any] = self._clients.__dict__.setdefault("made", {})
        if patience not in clients:
            clients[patience] = Client(self.repository, self._authenticate, patience)
        return clients[patience]

    def _authenticate(self, client: Any, response: Any) -> None:
        """Answer a registry that asks who we are; without credentials as nobody, as public registries want it."""
        user, password = self._login or (None, None)
        client.authenticate(user, password, response=response)


def parsed(document: bytes, where: Repository) -> dict[str, Any]:
    """A document's content.

    Raises:
        OutsideError: It is no JSON object.
    """
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OutsideError(f"what {where} gave is no manifest.", fix="Is that a registry?")
    return found
