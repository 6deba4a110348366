"""Reading a store: which releases there are, and one of them. Needs no more than one listing and a small file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError, OutsideError
from generator.store.release import RECORD, VERSION, BrokenRecordError, Release, check_service, from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.store.objects import Store

BATCH = 16  # records that are read together when several have to be looked at


def numbers(store: Store, service: str) -> list[int]:
    """The versions that have a folder, highest first; one whose publishing was killed has a folder and no release.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be listed.
    """
    names = store.folders(check_service(service))
    return sorted((int(name) for name in names if VERSION.fullmatch(name)), reverse=True)


def find(store: Store, service: str, version: int) -> Release | None:
    """One release, None where there is none.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be read, or the record there is broken.
    """
    key = f"{check_service(service)}/{version}/{RECORD}"
    content = store.read(key)
    if content is None:
        return None
    try:
        return from_json(content, service=service, version=version)
    except BrokenRecordError as error:
        raise OutsideError(
            f"{store.url_of(key)} is no record of a release: {error}.",
            fix="Nobody but Serinus writes that file. Bring the right one back from a backup of the store, "
            "or remove its folder and publish the model again.",
        ) from error


def survey(store: Store, service: str) -> Iterator[Release | OutsideError]:
    """All releases, highest version first; one that can't be read as the error that says so.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be listed.
    """

    def one(version: int) -> Release | OutsideError | None:
        try:
            return find(store, service, version)
        except OutsideError as error:
            return error

    versions = numbers(store, service)
    for start in range(0, len(versions), BATCH):
        yield from (found for found in store.each(one, versions[start : start + BATCH]) if found is not None)


def releases(store: Store, service: str) -> Iterator[Release]:
    """All releases, highest version first; what isn't asked for isn't read, but for a few.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be read, or a record in it is broken.
    """
    for found in survey(store, service):
        if isinstance(found, OutsideError):
            raise found
        yield found


def latest(store: Store, service: str) -> Release | None:
    """The release with the highest version, None where there is none.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be read, or the record is broken.
    """
    return next((found for version in numbers(store, service) if (found := find(store, service, version))), None)


def resolve(store: Store, service: str, wanted: str) -> Release:
    """The release that a variant names.

    Args:
        store: Where to look.
        service: The service.
        wanted: A version, or ``latest``.

    Raises:
        InputError: There is no such release; the ones that exist are listed.
        OutsideError: The store can't be read, or the record is broken.
    """
    known = numbers(store, service)
    version = int(wanted) if VERSION.fullmatch(wanted) else None
    found = latest(store, service) if wanted == "latest" else version in known and find(store, service, version)
    if found:
        return found
    there = [str(release.version) for release in releases(store, service)]
    listed = f"There are: {', '.join(there[:20])}{' …' if len(there) > len(there[:20]) else ''}." if there else ""
    raise InputError(
        f"{service} has no release {wanted} in {store.name}."
        if there
        else f"{service} has no release in {store.name}.",
        fix=listed or f"Publish one first: serinus publish FILE, with the service file of {service}.",
    )


def find_by_training_key(store: Store, service: str, key: str) -> Release | None:
    """The newest release of that training key, None where there is none.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be read, or a record in it is broken.
    """
    return _first(store, service, lambda release: release.training_key == key)


def find_by_digest(store: Store, service: str, digest: str) -> Release | None:
    """The newest release of that content, None where there is none.

    Raises:
        InputError: The service's name is none.
        OutsideError: The store can't be read, or a record in it is broken.
    """
    return _first(store, service, lambda release: release.digest == digest)


def _first(store: Store, service: str, fits: Callable[[Release], bool]) -> Release | None:
    return next((release for release in releases(store, service) if fits(release)), None)
