"""Hashing a model that is named on the command line while the program is still being loaded.

The first byte of a release waits for the sha256 of all its files, since their digest is where they go, and one big file
is hashed by one processor. What it takes to publish is loaded by another one meanwhile, so neither waits for the other
(measured with 400 MB on two cores: 0.25 s of hashing and 0.2 s of imports before the first byte).

Nothing rests on the file being unchanged since: what is sent is hashed once more while it is on its way
(``generator.store.sending``).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, NamedTuple, Self

from generator.errors import OutsideError, SerinusError
from generator.store import disk
from generator.store.disk import Entry
from generator.store.hashing import AT_ONCE, PART, fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType

    from generator.store.disk import Local
    from generator.store.hashing import Fingerprint


class _Same(NamedTuple):
    """What tells a file from every other, whatever path leads to it."""

    identity: tuple[int, int]
    size: int


class Begun:
    """The big files of a model, each hashed at once; the small ones take less time than to ask for them.

    Args:
        path: The model, a file or a folder; one that can't be read is left to who publishes it, and tells so. None
            where there is nothing to hash.
    """

    def __init__(self, path: Path | None) -> None:
        self._stop = Event()
        self._pool = ThreadPoolExecutor(max(1, min(AT_ONCE, (os.cpu_count() or 1) - 1)))
        self._files = self._pool.submit(self._begin, path)

    def __enter__(self) -> Self:
        """The same; leaving the block ends what is still being hashed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hash no more: nobody waits for it."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def of(self, file: Local) -> Fingerprint | None:
        """The fingerprint of a file, waited for; None where nobody has begun with it.

        Raises:
            OutsideError: It can't be read, or is another file by now.
        """
        found = self._files.result().get(_same(file))
        return None if found is None or found.cancel() else found.result()

    def _begin(self, path: Path | None) -> Mapping[_Same, Future[Fingerprint]]:
        """Find the files, and hash each when a thread is free."""
        return {
            _same(file): self._pool.submit(fingerprint, file, self._go_on) for file in (self._big(path) if path else ())
        }

    def _big(self, path: Path) -> Iterable[Local]:
        """The files that are worth it, the biggest first."""
        found: list[Local] = []
        try:
            for each in disk.files(path) if path.is_dir() else (Entry("", path, disk.look(path, path.parent)),):
                self._go_on()
                if each.file and each.file.size > PART:
                    found.append(each.file)
        except (SerinusError, OSError):  # who publishes it comes upon the same, and says it
            return ()
        return sorted(found, key=lambda file: -file.size)

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise OutsideError("stopped, for nobody waits for it.")


def _same(file: Local) -> _Same:
    return _Same(file.identity, file.size)
