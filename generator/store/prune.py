"""Removing old releases, for good, and so that a version never comes back with other content.

The steps, and what a kill between two of them leaves:

1. a tombstone is created, ``<service>/<version>/pruned.json``. From then on nobody publishes that version again;
2. the record is removed: from then on the release doesn't exist;
3. the files are removed. What a kill leaves of them is found by the tombstone, and the next ``prune`` goes on.

The tombstone stays.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.store import read
from generator.store.release import RECORD, TOMBSTONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from generator.store.objects import Store
    from generator.store.release import Release

    Say = Callable[[str], None]


@dataclass(frozen=True)
class Selection:
    """What a prune would do.

    Attributes:
        gone: The releases that go, the newest first.
        kept: Those that stay though they are old, each with the reason.
        unfinished: Versions whose record an earlier prune has removed, and whose files are there still.
    """

    gone: tuple[Release, ...]
    kept: Mapping[int, str]
    unfinished: tuple[int, ...]


def select(store: Store, service: str, keep: int, pinned: Mapping[str, Collection[str]]) -> Selection:
    """Which releases go.

    Args:
        store: Where they lie.
        service: Whose they are.
        keep: How many of the newest stay, at least 1.
        pinned: Release folder with digest (``Release.path``) to the lock files that name it: none of these goes.

    Raises:
        InputError: ``keep`` is less than 1, which would take the newest release too.
        OutsideError: The store can't be read, or a record in it is broken: then nothing is selected at all.
    """
    if keep < 1:
        raise InputError("--keep has to be at least 1: the newest release always stays.", fix="Name a larger number.")
    found = list(read.releases(store, service))
    old = found[keep:]
    kept = {release.version: " and ".join(sorted(pinned[release.path])) for release in old if release.path in pinned}
    gone = tuple(release for release in old if release.version not in kept)
    whole = {release.version for release in found}
    unfinished = tuple(
        version for version in read.numbers(store, service) if version not in whole and _left(store, service, version)
    )
    return Selection(gone, kept, unfinished)


def remove(store: Store, service: str, selection: Selection, say: Say) -> None:
    """Remove what was selected, the oldest first.

    Raises:
        OutsideError: The store failed; what is removed by then is removed whole or is finished by the next prune.
    """
    for release in reversed(selection.gone):
        bury(store, release)
        say(f"{service} {release.version} is removed: {len(release.files)} files, {release.size / 1e6:.1f} MB")
    for version in selection.unfinished:
        _sweep(store, f"{service}/{version}")
        say(f"{service} {version}: what an earlier prune had left is removed")


def bury(store: Store, release: Release) -> None:
    """Remove one release.

    Raises:
        OutsideError: The store failed.
    """
    grave = {"service": release.service, "version": release.version, "digest": release.digest}
    store.create(f"{release.folder}/{TOMBSTONE}", f"{json.dumps(grave, sort_keys=True)}\n".encode())
    store.remove([f"{release.folder}/{RECORD}"])
    _sweep(store, release.folder)


def _sweep(store: Store, folder: str) -> None:
    store.remove(key for key in store.sizes(folder) if key != f"{folder}/{TOMBSTONE}")
    store.sweep(folder)


def _left(store: Store, service: str, version: int) -> bool:
    """Whether a version has a tombstone and more than that."""
    there = store.sizes(f"{service}/{version}")
    return f"{service}/{version}/{TOMBSTONE}" in there and len(there) > 1
