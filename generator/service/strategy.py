"""The service file's part on strategies: one of those in ``splits`` and ``graphs``."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Protocol

from generator.service.graphs import (  # noqa: TC001 (the decoder reads the types of the fields)
    Bandit,
    Chain,
    Ensemble,
    Graph,
    Switch,
)
from generator.service.splits import AB, BlueGreen, Canary, Rolling, Shadow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.service.types import BrokenRules, Names


class Kind(Protocol):
    """What every strategy tells."""

    def names(self) -> Names:
        """Every place that names a variant."""

    def features(self) -> tuple[str, ...]:
        """The rows of the table of capabilities that it needs."""


KINDS: Mapping[str, str] = MappingProxyType(
    {
        "rolling": "rolling",
        "canary": "canary",
        "ab": "ab",
        "shadow": "shadow",
        "blue_green": "blue-green",
        "bandit": "bandit",
        "ensemble": "ensemble",
        "chain": "chain",
        "switch": "switch",
        "graph": "graph",
    }
)
"""The fields of ``Strategy``, and what the strategies are called."""


def _key(field: str) -> str:
    """A field of ``Strategy`` as the file has it."""
    return "blueGreen" if field == "blue_green" else field


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How traffic reaches the variants: one of these."""

    rolling: Annotated[Rolling | None, "One variant, replaced by the next."] = None
    canary: Annotated[Canary | None, "A share of live traffic to a new variant, in steps."] = None
    ab: Annotated[AB | None, "Two or more variants at fixed shares, or by header or cookie."] = None
    shadow: Annotated[Shadow | None, "A copy of the traffic to a variant whose answers are dropped."] = None
    blue_green: Annotated[BlueGreen | None, "All traffic to one of two variants; switched at once."] = None
    bandit: Annotated[Bandit | None, "A router that learns the shares."] = None
    ensemble: Annotated[Ensemble | None, "Every variant is asked."] = None
    chain: Annotated[Chain | None, "One variant after the other."] = None
    switch: Annotated[Switch | None, "By a condition on the request."] = None
    graph: Annotated[Graph | None, "A graph in the platform's own words."] = None

    @property
    def field(self) -> str:
        """The key under which the strategy stands, as the dataclass has it."""
        return next((key for key in KINDS if getattr(self, key) is not None), "rolling")

    @property
    def key(self) -> str:
        """The same as the file has it."""
        return _key(self.field)

    @property
    def name(self) -> str:
        """What the strategy is called."""
        return KINDS[self.field]

    @property
    def chosen(self) -> Kind:
        """The strategy itself; rolling where none is named."""
        found: Kind = getattr(self, self.field) or Rolling()
        return found

    @property
    def by(self) -> str | None:
        """Who splits the traffic, where the file says it."""
        return getattr(self.chosen, "by", None)

    def broken_rules(self) -> BrokenRules:
        """One strategy at a time."""
        there = [key for key in KINDS if getattr(self, key) is not None]
        if len(there) > 1:
            names = " and ".join(KINDS[key] for key in there)
            yield (
                (_key(there[1]),),
                f"a service has one strategy, and here are {len(there)}: {names}.",
                "Keep one of them.",
            )
