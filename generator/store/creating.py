"""The record of a release, created unless there is one; and the proof that the store knows what that means.

Of two publishers of one version exactly one may win, whatever dies at whatever moment. With reading and writing alone
that can't be had: no protocol of them decides between two when one may stop for ever (M. Herlihy, "Wait-free
synchronization", 1991; reading and writing have the consensus number 1). A lock made of objects would be safe, and a
killed publisher would hold it for ever. So a store without a conditional create is refused before anything is visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.store.hashing import PART
from generator.store.release import RECORD

if TYPE_CHECKING:
    from generator.store.collect import Content
    from generator.store.objects import Store
    from generator.store.release import Release

PROBE = "0" * 16 + "/probe"
"""An object that no release names, in a folder that whoever wins the version removes."""


def create_record(store: Store, release: Release, content: Content, record: bytes) -> bool:
    """Write the record unless there is one; True where it is ours.

    Args:
        store: Where to.
        release: What the record says.
        content: Its files, which lie there already.
        record: The bytes.

    Raises:
        OutsideError: The store failed, or has no conditional create.
    """
    if not _refuses(store, release, content):
        raise OutsideError(
            f"{store.name} has no conditional create (it passes over If-None-Match), or somebody removes files there; "
            "two publishers could overwrite one another, so nothing was published.",
            fix="Use a server that has it: Amazon S3, a current MinIO or Ceph, or a folder.",
        )
    key = f"{release.folder}/{RECORD}"
    if not store.create(key, record):
        return False
    store.flush([key])
    return True


def _refuses(store: Store, release: Release, content: Content) -> bool:
    """Whether the store refuses to create what is there.

    The smallest file is there, and where it isn't, it has got its own content again. A big one isn't sent twice for
    this: an object of our own stands for it.
    """
    smallest = min(content.files, key=lambda source: source.size)
    key = f"{release.path}/{smallest.path}"
    if smallest.size <= PART:
        there = store.read(key)
        return there is None or not store.create(key, there)
    probe = f"{release.folder}/{PROBE}"
    if not store.create(probe, b""):
        return True  # somebody else's, who is asking just now or was killed while he did
    refused = not store.create(probe, b"")
    store.remove([probe])
    return refused
