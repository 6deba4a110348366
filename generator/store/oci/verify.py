"""Holding the images in a registry against a release: what its record names is there, and every byte of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.store.oci import documents, record, reference
from generator.store.oci.documents import Descriptor
from generator.store.oci.registry import DamagedError, Registry, parsed
from generator.store.release import SHORT, digest_of
from generator.store.verify import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.service.store import Store as Doors
    from generator.store.objects import Store
    from generator.store.release import Release


def verify(store: Store, release: Release, doors: Doors) -> tuple[Fault, ...]:
    """What is wrong with a release's images in the registry that a service file names.

    A manifest is held against its digest, and what it says of the files against the release; its layers, which it
    names by their digests, are read to their ends. A layer that several images have is read once.

    Args:
        store: Where the release lies.
        release: Whose images.
        doors: The part of the service file, with a registry.

    Raises:
        InputError: The credentials for the registry can't be used.
        OutsideError: The store or the registry can't be read.
    """
    known = record.find(store, release, doors.base_digest)
    if known is None:
        return ()  # published before the service had a registry
    registry = Registry(reference.parse(f"{doors.oci}/{release.service}"))
    seen: set[str] = set()
    wrong = []
    for layout, digest in sorted(known.images.items()):
        image = f"{registry.repository}@{digest}"
        wrong += [Fault(image, problem) for problem in _of_image(registry, release, layout, digest, seen)]
    return tuple(wrong)


def _of_image(registry: Registry, release: Release, layout: str, digest: str, seen: set[str]) -> Iterator[str]:
    """What is wrong with an image, or with one of the manifests that it is an index of."""
    if registry.digest_of(digest) is None:
        yield "is gone"
        return
    try:
        content = parsed(registry.document(digest).content, registry.repository)
        if content.get("annotations", {}).get(documents.CONTENT) != _content(release, layout):
            yield f"doesn't hold the files of the layout {layout}"
        for entry in content.get("manifests", []):
            yield from _of_image(registry, release, layout, str(entry["digest"]), seen)
        blobs = [content["config"], *content["layers"]] if "layers" in content else []
        for blob in blobs:
            if blob["digest"] not in seen:
                seen.add(blob["digest"])
                yield from _of_blob(registry, blob)
    except DamagedError:
        yield "is damaged"
    except (KeyError, TypeError, AttributeError, ValueError):
        yield "has a manifest that can't be read"


def _of_blob(registry: Registry, raw: dict[str, Any]) -> Iterator[str]:
    blob = Descriptor(str(raw["mediaType"]), str(raw["digest"]), int(raw["size"]))
    if not registry.has(blob.digest):
        yield f"lacks its layer {blob.digest}"
        return
    try:
        for _ in registry.read(blob):
            pass
    except DamagedError:
        yield f"has a damaged layer, {blob.digest}"


def _content(release: Release, layout: str) -> str:
    """What the manifest of a layout's image says of its files (``generator.store.oci.build``)."""
    start = len(f"{release.digest[:SHORT]}/")
    files = [(file.path[start:], file.sha256) for file in release.files]
    return f"sha256:{digest_of((path, sha256) for path, sha256 in files if path.startswith(f'{layout}/'))}"
