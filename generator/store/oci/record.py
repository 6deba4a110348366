"""Which images a release has: a small file in the store, ``<digest16>.images.json`` beside ``release.json``.

It is named by the release's own digest, so it says nothing before that release is there, nothing of another one that
wins its version, and it can be added to a release that was published without. It names digests and no registry: the
same images may lie in several. There is one a ground that images are built on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import OutsideError
from generator.store.release import SHORT
from generator.text.json import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.store.objects import Store
    from generator.store.release import Release

SCHEMA_VERSION = 1
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Record:
    """The images of a release on one ground.

    Attributes:
        digest: The release's, 64 hex digits.
        base: The digest of what they are built on, None where they hold the model alone.
        images: Layout to ``sha256:…``, for every layout of the release.
    """

    digest: str
    base: str | None
    images: Mapping[str, str]


def key_of(release: Release, base: str | None) -> str:
    """Where the record lies in the store; on a ground, the start of its digest is part of the name."""
    on = f"-{base.removeprefix('sha256:')[:SHORT]}" if base else ""
    return f"{release.path}.images{on}.json"


def find(store: Store, release: Release, base: str | None) -> Record | None:
    """The record, None where there is none.

    Raises:
        OutsideError: It can't be read, or is none of ours.
    """
    key = key_of(release, base)
    content = store.read(key)
    if content is None:
        return None
    found = _decoded(content)
    if found is None or (found.digest, found.base, set(found.images)) != (release.digest, base, set(release.layouts)):
        raise OutsideError(
            f"{store.url_of(key)} is no record of this release's images.",
            fix="Nobody but Serinus writes that file. Remove it, and publish again.",
        )
    return found


def create(store: Store, release: Release, record: Record) -> None:
    """Write the record; one that is there says the same.

    Raises:
        OutsideError: It can't be written, or another says otherwise.
    """
    key = key_of(release, record.base)
    told = {
        "schemaVersion": SCHEMA_VERSION,
        "digest": record.digest,
        "base": record.base,
        "images": dict(record.images),
    }
    if store.create(key, f"{dumps(told)}\n".encode()):
        store.flush([key])
    elif (there := find(store, release, record.base)) != record:
        images = ", ".join(f"{layout} {digest[:23]}…" for layout, digest in (there.images if there else {}).items())
        raise OutsideError(
            f"{store.url_of(key)} names other images of this release ({images}).",
            fix="Another release of Serinus built them. Bring them back into the registry, or remove that file.",
        )


def _decoded(content: bytes) -> Record | None:
    try:
        raw = json.loads(content)
        record = Record(raw["digest"], raw["base"], dict(raw["images"]))
        version = raw["schemaVersion"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    digests = all(DIGEST.fullmatch(str(digest)) for digest in record.images.values())
    return record if version == SCHEMA_VERSION and digests else None
