"""The states that a service goes through in a roll-out: before it, each step, and after it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from generator.plan import lock
from generator.service import Rolling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.lock import Lock
    from generator.service import Canary, Service, Variant


class State(NamedTuple):
    """What a service is for a while.

    Attributes:
        title: What is special about it, such as ``step 2 of 4: 'canary' gets 25 %``.
        service: The service file as it stands then.
        locked: The lock file as it stands then.
        there: Whether it is the state that the service file at hand says.
        after: The number of the state that it comes from, from 0; None for the one before it in the row.
    """

    title: str
    service: Service
    locked: Lock
    there: bool = False
    after: int | None = None


def states(service: Service, locked: Lock) -> tuple[State, ...]:
    """The states of a service's strategy in their order; one alone where a strategy has no steps.

    A canary comes from the stable variant alone and ends with the canary's release as the stable one; then follow the
    two ways back: from the last step, and after all was settled. Blue-green is switched.

    Args:
        service: The service, its environment applied.
        locked: The lock file's content.

    Raises:
        InputError: A variant isn't pinned.
    """
    strategy = service.strategy
    if strategy.canary:
        return tuple(_canary(service, locked, strategy.canary))
    if strategy.blue_green:
        return tuple(_blue_green(service, locked))
    return (State(strategy.name, service, locked, there=True),)


def _canary(service: Service, locked: Lock, canary: Canary) -> Iterator[State]:
    yield State(f"before: '{canary.stable}' alone", _alone(service, canary.stable), locked)
    count = len(canary.steps)
    for step in range(count + 1):
        words = f"step {step} of {count}: '{canary.variant}' gets {canary.steps[step - 1] if step else 0} %"
        yield State(words, _at(service, canary, step), locked, there=step == canary.step)
    last, pinned = _at(service, canary, count), _promoted(service, locked, canary)
    taken = service.variant(canary.variant)
    promoted = _with_model(last, canary.stable, taken)
    yield State(f"promoted: '{canary.stable}' is what '{canary.variant}' was", promoted, pinned)
    settled = _with_model(_at(service, canary, 0), canary.stable, taken)
    yield State("settled: the canary is gone", settled, pinned)
    first, back = _at(service, canary, 0), f"'{canary.stable}' gets all traffic again"
    yield State(f"back from step {count}: {back}", first, locked, after=count + 1)
    yield State(f"back after it was settled: {back}, with what it was", first, locked, after=count + 3)


def _at(service: Service, canary: Canary, step: int) -> Service:
    """The service at a step of its canary."""
    moved = dataclasses.replace(canary, step=step)
    return dataclasses.replace(service, strategy=dataclasses.replace(service.strategy, canary=moved))


def _alone(service: Service, variant: str) -> Service:
    """The service with one variant and the strategy rolling, as it was before anyone thought of a canary."""
    strategy = type(service.strategy)(rolling=Rolling(variant=variant))
    return dataclasses.replace(service, strategy=strategy, variants=(service.variant(variant),))


def _with_model(service: Service, variant: str, taken: Variant) -> Service:
    """The service in which a variant has the model of another one."""
    changed = tuple(
        dataclasses.replace(taken, name=variant) if each.name == variant else each for each in service.variants
    )
    return dataclasses.replace(service, variants=changed)


def _promoted(service: Service, locked: Lock, canary: Canary) -> Lock:
    """The lock in which the stable variant is pinned to the canary's release."""
    pins = lock.pins_of(service, locked)
    if canary.variant not in pins:
        return locked
    moved = {**pins, canary.stable: pins[canary.variant]}
    return locked.with_section(service.name, moved, {service.environment: moved} if service.environment else None)


def _blue_green(service: Service, locked: Lock) -> Iterator[State]:
    blue_green = service.strategy.blue_green
    assert blue_green  # noqa: S101 (the caller has seen to it)
    yield State(f"'{blue_green.active}' is active", service, locked, there=True)
    turned = dataclasses.replace(blue_green, active=blue_green.preview, preview=blue_green.active)
    strategy = dataclasses.replace(service.strategy, blue_green=turned)
    yield State(f"switched: '{turned.active}' is active", dataclasses.replace(service, strategy=strategy), locked)
