"""Bringing the files of a release into the store, each proven to be there before anything names it.

What proves it, in this order:

1. the store's own tag of what arrived equals that of the bytes that were hashed (``generator.store.hashing``). The
   server has made it of what it received, so nothing is taken on trust: an other tag proves nothing;
2. else the file is read back, and its sha256 is that of the bytes that were hashed.

It is the same for what an earlier, killed publisher has brought: one listing tells the tags of all of it, and what is
proven by its tag is neither sent nor read again.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.store.hashing import PART, sha256_of
from generator.store.objects import BIG_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.store.collect import Content, Source
    from generator.store.objects import Store
    from generator.store.release import Release

    Draw = Callable[[int, int], None]


class Meter:
    """Adds up what several threads have done.

    Args:
        total: All there is to do.
        draw: Told what is done and all there is, one call at a time; None where nobody watches.
    """

    def __init__(self, total: int, draw: Draw | None) -> None:
        self._total, self._draw, self._done = total, draw, 0
        self._lock = threading.Lock()

    def add(self, done: int) -> None:
        """So much more is done."""
        if self._draw is None:
            return
        with self._lock:
            before, self._done = self._done, min(self._done + done, self._total)
            if self._done > before:
                self._draw(self._done, self._total)


def send(store: Store, release: Release, content: Content, say: Callable[[str], None], progress: Draw | None) -> None:
    """Bring the files of a release there, each proven.

    Args:
        store: Where to.
        release: The release that they will make.
        content: The files here.
        say: Told in sentences what happens.
        progress: Told the bytes that are settled, and all there are.

    Raises:
        OutsideError: One can't be written or read, or isn't what was sent.
    """
    there = store.lying(release.path)
    waiting = sum(f"{release.path}/{source.path}" not in there for source in content.files)
    megabytes = f"{content.size / 1e6:.1f} MB"
    say(f"sending {waiting} of {len(content.files)} files ({megabytes} in all) to {store.url_of(release.path)}")

    big = [source for source in content.files if source.size > PART]
    beside = max(1, min(len(big), BIG_AT_ONCE))
    meter = Meter(content.size, progress)

    def settle(source: Source) -> None:
        key = f"{release.path}/{source.path}"
        if (lies := there.get(key)) and lies.size == source.size and _proven(store, key, source, lies.tag):
            meter.add(source.size)
            return
        tag = store.send(key, source.local, source.size, meter.add, beside)
        if not _proven(store, key, source, tag):
            raise _differs(store, key, source)

    store.each(settle, (source for source in content.files if source.size <= PART), big)
    store.flush(f"{release.path}/{source.path}" for source in content.files)


def _proven(store: Store, key: str, source: Source, tag: str | None) -> bool:
    """Whether what lies there is what was hashed, by its tag or by reading it back."""
    return source.proven_by(tag) or store.sha256(key) == source.sha256


def _differs(store: Store, key: str, source: Source) -> OutsideError:
    """Whose fault it is that what lies there isn't what was hashed."""
    if not isinstance(source.local, bytes) and sha256_of(source.local) != source.sha256:
        return OutsideError(
            f"{source.local.path} changed while it was being published, so nothing was.",
            fix="Publish again when nothing writes there any more.",
        )
    return OutsideError(
        f"{store.url_of(key)} isn't what was sent, or is gone again, so nothing was published.",
        fix="Publish again. If it stays so, the store damages or removes files.",
    )
