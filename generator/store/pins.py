"""What variants ask for, resolved into releases of a store: ``serinus lock`` does it once, so that no render has to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.errors import AnswerIsNoError, InputError
from generator.plan.lock import Pin, owner_of
from generator.service.store import FILES
from generator.store import golden, read
from generator.store.oci import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.loading.outline import Outline
    from generator.plan.lock import Lock
    from generator.service import Service, Variant
    from generator.store.objects import Store


def relock(
    services: Mapping[str | None, Service],
    outlines: Mapping[str | None, Outline],
    locked: Lock,
    open_: Callable[[Service], Store],
    *,
    upgrade: bool = False,
) -> Lock:
    """The lock with the pins of one service made anew in the environments at hand.

    An environment has the pins of the file as it stands but for those that are its own. It gets one of its own where it
    is pinned otherwise, and keeps it until everything is pinned alike.

    Args:
        services: The service in each environment to pin for; under None its file as it stands.
        outlines: All there are.
        locked: The lock file as it is.
        open_: Opens the store that a service is published to.
        upgrade: Resolve ``latest`` again.

    Raises:
        InputError: A variant asks for a release that doesn't exist.
        AnswerIsNoError: A pinned release has other content in the store.
        OutsideError: A store can't be read.
    """
    name = next(iter(services.values())).name
    plain = _pinned(name, None, services, outlines, locked, open_, upgrade=upgrade)
    owned = {}
    for environment, outline in outlines.items():
        own = {key: pin for key, pin in locked.own(name, environment).items() if key in outline.releases}
        if environment in services:
            found = _pinned(name, environment, services, outlines, locked, open_, upgrade=upgrade)
            stays = frozenset() if None in services else own.keys()
            own = {key: pin for key, pin in found.items() if key in stays or plain.get(key) != pin}
        owned[environment] = own
    return locked.with_section(name, plain, {each: own for each, own in owned.items() if each is not None})


def _pinned(
    name: str,
    environment: str | None,
    services: Mapping[str | None, Service],
    outlines: Mapping[str | None, Outline],
    locked: Lock,
    open_: Callable[[Service], Store],
    *,
    upgrade: bool,
) -> dict[str, Pin]:
    """The pins of one environment, anew where it is at hand."""
    outline = outlines[environment]
    # What it shares with the file as it stands says nothing of the content of a store of its own.
    kept = locked.own(name, environment) if outline.own_store else locked.section(name, environment)
    kept = {variant: pin for variant, pin in kept.items() if variant in outline.releases}
    service = services.get(environment)
    return kept if service is None else pins(service, kept, open_(service), upgrade=upgrade)


def pins(service: Service, section: Mapping[str, Pin], store: Store, *, upgrade: bool = False) -> dict[str, Pin]:
    """The pins of a service's variants, each held against the store.

    A variant that is pinned for what it asks for keeps its pin, ``latest`` too, unless ``upgrade`` asks anew.

    Args:
        service: The service, its environment applied.
        section: What is pinned already.
        store: Where the releases are.
        upgrade: Resolve ``latest`` again.

    Raises:
        InputError: A variant asks for a release that doesn't exist.
        AnswerIsNoError: A pinned release has other content in the store.
        OutsideError: The store can't be read.
    """
    found = {}
    for variant in service.variants:
        if variant.release is None:
            continue  # it names its files itself
        owner = owner_of(service, variant)
        kept = section.get(variant.name)
        other = kept is None or (kept.requested, kept.owner) != (variant.release, owner)
        if kept is None or other or (upgrade and variant.release == "latest"):
            found[variant.name] = pin_of(service, store, variant, variant.release)
            continue
        there = pin_of(service, store, variant, str(kept.version))
        told = {"written_by": there.written_by, "source": there.source, "images": there.images, "base": there.base}
        if there != replace(kept, **told):  # type: ignore[arg-type]
            raise AnswerIsNoError(
                f"the variant '{variant.name}' of {service.name} is pinned to release {kept.version} with digest "
                f"{kept.digest[:23]}…, and the store's has {there.digest[:23]}….",
                fix="This is another store than the one that was locked. Name the right one, or remove the lock file.",
            )
        found[variant.name] = there  # a lock file of an old release lacks what the record says by now
    return found


def newer(service: Service, section: Mapping[str, Pin], store: Store) -> dict[str, int]:
    """The newest release of each service whose releases these are, where no variant is pinned to it.

    Returns:
        Versions by the name of the service that published them.

    Raises:
        OutsideError: The store can't be read.
    """
    pinned: dict[str, int] = {}
    for variant in service.variants:
        if variant.name in section:
            owner = variant.service or service.name
            pinned[owner] = max(pinned.get(owner, 0), section[variant.name].version)
    found = {owner: read.latest(store, owner) for owner in pinned}
    return {owner: each.version for owner, each in found.items() if each and each.version > pinned[owner]}


def pin_of(service: Service, store: Store, variant: Variant, wanted: str) -> Pin:
    """What the lock file keeps of a release.

    Args:
        service: The service, its environment applied.
        store: Where the release is.
        variant: The variant that asks for it.
        wanted: Which: a version, or ``latest``.

    Raises:
        InputError: There is no such release, or it has no images and the variant's pods shall have them.
        OutsideError: The store can't be read.
    """
    release = read.resolve(store, owner_of(service, variant), wanted)
    images = record.find(store, release, service.releases.base_digest) if service.releases.oci else None
    if images is None and service.releases.door != FILES:
        on = f" on {service.releases.base}" if service.releases.base else ""
        raise InputError(
            f"{release.service} {release.version} has no images{on}, and store.door is {service.releases.door}.",
            fix=f"Push them: serinus publish FILE --images-of {release.version}, with the service file of "
            f"{release.service}.",
            place=service.place("store", "door"),
        )
    return Pin(
        requested=variant.release or wanted,
        version=release.version,
        digest=f"sha256:{release.digest}",
        path=release.path,
        format=release.format,
        layouts=tuple(release.layouts),
        formats=dict(release.formats),
        runtimes=dict(release.runtimes),
        written_by=release.written_by,
        golden=golden.files_of(release),
        source=release.source,
        images=dict(images.images) if images else {},
        base=images.base if images else None,
    )
