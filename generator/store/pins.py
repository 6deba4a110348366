"""What variants ask for, resolved into releases of a store: ``serinus lock`` does it once, so that no render has to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from generator.errors import AnswerIsNoError
from generator.plan.lock import Pin
from generator.store import read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from generator.plan.lock import Lock
    from generator.service import Service
    from generator.store.objects import Store
    from generator.store.release import Release


Opened = Callable[["Service"], "Store"]
"""Gives the store that a service is published to."""


def relock(
    services: Mapping[str | None, Service], named: Collection[str | None], locked: Lock, open_: Opened, *, upgrade: bool
) -> Lock:
    """The lock with the pins of one service made anew in the environments that are named, and kept in all others.

    A command moves what it names and nothing else: where the file as it stands is pinned anew and an environment shared
    its pins, that one gets a section with what it had.

    Args:
        services: The service as its file stands (under None) and in each of its environments.
        named: The environments to pin for; None among them is the file as it stands.
        locked: The lock file as it is.
        open_: Opens a store.
        upgrade: Resolve ``latest`` again.

    Raises:
        InputError: A variant asks for a release that doesn't exist.
        AnswerIsNoError: A pinned release has other content in the store.
        OutsideError: A store can't be read.
    """
    plain = services[None]
    sections = {
        environment: pin(
            service, locked, open_(service), upgrade=upgrade, elsewhere=_published_to(service) != _published_to(plain)
        )
        if environment in named
        else _kept(service, locked)
        for environment, service in services.items()
    }
    environments = {name: section for name, section in sections.items() if name is not None}
    return locked.with_section(plain.name, sections[None], environments)


def _published_to(service: Service) -> tuple[str, str | None]:
    return service.publish_url, service.releases.endpoint


def _kept(service: Service, locked: Lock) -> dict[str, Pin]:
    """What is pinned of the variants that a service has."""
    section = locked.section(service.name, service.environment)
    asking = [variant.name for variant in service.variants if variant.release is not None]
    return {name: section[name] for name in asking if name in section}


def pin(
    service: Service, locked: Lock, store: Store, *, upgrade: bool = False, elsewhere: bool = False
) -> dict[str, Pin]:
    """The pins of a service's variants, each held against the store.

    A variant that is pinned for what it asks for keeps its pin, ``latest`` too, unless ``upgrade`` asks anew.

    Args:
        service: The service, its environment applied.
        locked: The lock file as it is.
        store: Where the releases are.
        upgrade: Resolve ``latest`` again.
        elsewhere: Whether the environment has a store of its own: then pins that it shares with the file as it stands
            say nothing of that store's content.

    Raises:
        InputError: A variant asks for a release that doesn't exist.
        AnswerIsNoError: A pinned release has other content in the store.
        OutsideError: The store can't be read.
    """
    section = locked.own(service.name, service.environment) if elsewhere else _kept(service, locked)
    pins = {}
    for variant in service.variants:
        if variant.release is None:
            continue  # it names its files itself
        owner = variant.service or service.name
        kept = section.get(variant.name)
        if kept is None or kept.requested != variant.release or (upgrade and variant.release == "latest"):
            pins[variant.name] = pin_of(variant.release, read.resolve(store, owner, variant.release))
            continue
        found = pin_of(variant.release, read.resolve(store, owner, str(kept.version)))
        if found != kept:
            raise AnswerIsNoError(
                f"the variant '{variant.name}' of {service.name} is pinned to release {kept.version} with digest "
                f"{kept.digest[:23]}…, and the store's has {found.digest[:23]}….",
                fix="This is another store than the one that was locked. Name the right one, or remove the lock file.",
            )
        pins[variant.name] = kept
    return pins


def newer(service: Service, pins: Mapping[str, Pin], store: Store) -> dict[str, int]:
    """The newest release of each service whose releases these are, where no variant is pinned to it.

    Returns:
        Versions by the name of the service that published them.

    Raises:
        OutsideError: The store can't be read.
    """
    pinned: dict[str, int] = {}
    for variant in service.variants:
        if variant.name in pins:
            owner = variant.service or service.name
            pinned[owner] = max(pinned.get(owner, 0), pins[variant.name].version)
    found = {owner: read.latest(store, owner) for owner in pinned}
    return {owner: each.version for owner, each in found.items() if each and each.version > pinned[owner]}


def pin_of(requested: str, release: Release) -> Pin:
    """What the lock file keeps of a release."""
    return Pin(
        requested=requested,
        version=release.version,
        digest=f"sha256:{release.digest}",
        path=release.path,
        format=release.format,
        layouts=tuple(release.layouts),
        runtimes=dict(release.runtimes),
    )
