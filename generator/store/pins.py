"""What variants ask for, resolved into releases of a store: ``serinus lock`` does it once, so that no render has to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import AnswerIsNoError
from generator.plan.lock import Pin
from generator.store import read

if TYPE_CHECKING:
    from generator.plan.lock import Lock
    from generator.service import Service
    from generator.store.objects import Store
    from generator.store.release import Release


def pin(service: Service, locked: Lock, store: Store, *, upgrade: bool = False) -> dict[str, Pin]:
    """The pins of a service's variants, each held against the store.

    A variant that is pinned for what it asks for keeps its pin, ``latest`` too, unless ``upgrade`` asks anew.

    Args:
        service: The service.
        locked: The lock file as it is.
        store: Where the releases are.
        upgrade: Resolve ``latest`` again.

    Raises:
        InputError: A variant asks for a release that doesn't exist.
        AnswerIsNoError: A pinned release has other content in the store.
        OutsideError: The store can't be read.
    """
    section = locked.services.get(service.name, {})
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
