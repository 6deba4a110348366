"""Service + lock + environment -> Plan: which release gets which share of the traffic, told without any platform."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from generator import lock

if TYPE_CHECKING:
    from generator.lock import Lock, Pin
    from generator.service import Service

WHOLE = 100
"""Shares are integer percentages that sum to this."""


class Role(Enum):
    """What a variant is to its strategy."""

    STABLE = "stable"
    CANARY = "canary"


@dataclass(frozen=True)
class Share:
    """A variant, its release, and the traffic that reaches it.

    Attributes:
        variant: The variant's name in the service file.
        role: What it is to the strategy.
        pin: Its release.
        percent: Its share of the traffic, an integer of 0 to 100; the shares of a plan sum to 100.
        replicas: Pods that always run for it.
    """

    variant: str
    role: Role
    pin: Pin
    percent: int
    replicas: int


@dataclass(frozen=True)
class Plan:
    """What is to be served, and how traffic is shared.

    Attributes:
        service: The service, with its environment applied.
        shares: One a variant, the stable one first.
        notes: What the person who renders should know, a sentence each.
    """

    service: Service
    shares: tuple[Share, ...]
    notes: tuple[str, ...] = ()

    @property
    def stable(self) -> Share:
        """The variant that serves today."""
        return self.shares[0]

    @property
    def canary(self) -> Share | None:
        """The variant that is tried, if one is."""
        return next((share for share in self.shares if share.role is Role.CANARY), None)


def plan(service: Service, locked: Lock) -> Plan:
    """Resolve a service's variants and shares.

    Args:
        service: The service.
        locked: The lock file's content.

    Raises:
        InputError: A variant isn't pinned.
    """
    pins = lock.pins_of(service, locked)
    canary = service.strategy.canary
    minimum = service.replicas.min
    if canary is None:
        (variant,) = service.variants
        return Plan(service, (Share(variant.name, Role.STABLE, pins[variant.name], WHOLE, minimum),))
    stable, tried = pins[canary.stable], pins[canary.variant]
    if stable.digest == tried.digest:
        note = (
            f"{service.name}: '{canary.stable}' and '{canary.variant}' are both release {stable.version}, "
            "so there is nothing to split: the stable one is rendered alone."
        )
        return Plan(service, (Share(canary.stable, Role.STABLE, stable, WHOLE, minimum),), (note,))
    replicas = canary.replicas if canary.replicas is not None else max(minimum, 1)
    return Plan(
        service,
        (
            Share(canary.stable, Role.STABLE, stable, WHOLE - canary.percent, minimum),
            Share(canary.variant, Role.CANARY, tried, canary.percent, replicas),
        ),
    )
