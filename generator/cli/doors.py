"""Publishing by all doors of a store: the files, and images where the service file asks for them."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from generator.cli import progress
from generator.errors import missing_extra
from generator.store.hashing import unknown
from generator.store.publish import publish as publish_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.service import Service
    from generator.store.hashing import Known
    from generator.store.objects import Store
    from generator.store.oci.images import Images
    from generator.store.publish import Published
    from generator.store.release import Release
    from generator.store.verify import Fault

    Tell = Callable[[str], None]


def publish(
    service: Service,
    store: Store,
    artifact: Artifact,
    tell: Tell,
    *,
    version: int | None = None,
    key: Path | None = None,
    quiet: bool = False,
    known: Known = unknown,
) -> Published:
    """Publish an artifact, its images before its record, so that no release is without them.

    Args:
        service: The service.
        store: Where to.
        artifact: What training gave, or the model that is brought along.
        tell: Told in sentences what happens.
        version: The version it must have; None for the next one.
        key: A private key to sign the release with.
        quiet: Draw no bars.
        known: Who has begun to hash files already (``generator.store.begun``).

    Raises:
        InputError, AnswerIsNoError, OutsideError: As ``generator.store.publish`` and ``generator.store.oci.images``.
    """
    with progress.bar("Sending", quiet=quiet) as sent, progress.bar("Pushing", quiet=quiet) as pushed:
        images = _images(service, store, tell, pushed)
        if images:
            images.ready(service.name)
        beside = images.beside if images else None
        found = publish_files(
            store,
            service.name,
            artifact,
            version=version,
            key=key,
            say=tell,
            progress=sent,
            beside=beside,
            known=known,
        )
        if found.fresh:
            tell(f"published {service.name} {found.release.version}: {store.url_of(found.release.path)}")
        if images:
            images.settle(found.release)
    return found


def push_images(service: Service, store: Store, release: Release, tell: Tell, *, quiet: bool = False) -> None:
    """Have the images of a release that is there, where the service file asks for them.

    Raises:
        InputError, AnswerIsNoError, OutsideError: As ``generator.store.oci.images``.
    """
    with progress.bar("Pushing", quiet=quiet) as pushed:
        images = _images(service, store, tell, pushed)
        if images:
            images.settle(release)


def image_faults(service: Service, store: Store, release: Release) -> Sequence[Fault]:
    """What is wrong with the images of a release; nothing where the service has none.

    Raises:
        InputError: The library for it isn't installed, or the credentials can't be used.
        OutsideError: The store or the registry can't be read.
    """
    if service.releases.oci is None:
        return ()
    _demand_library()
    from generator.store.oci.verify import verify  # noqa: PLC0415 (for few, and not for --help)

    return verify(store, release, service.releases)


def _demand_library() -> None:
    if importlib.util.find_spec("dxf") is None:
        raise missing_extra("store", "images in a registry")


def _images(service: Service, store: Store, tell: Tell, draw: Callable[[int, int], None] | None) -> Images | None:
    """What pushes a service's images; None where it has none.

    Raises:
        InputError: The library for it isn't installed.
    """
    if service.releases.oci is None:
        return None
    _demand_library()
    from generator.store.oci.images import Images  # noqa: PLC0415 (for few, and not for --help)

    return Images(store, service.releases.oci, service.releases.base, tell, draw)
