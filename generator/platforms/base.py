"""What a platform is to Serinus: its releases and modes, what it can do, and how a plan becomes sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.plan import Plan
    from generator.service import Service


class Level(Enum):
    """How a platform does a strategy."""

    NATIVE = "native"
    GATEWAY = "gateway"
    NO = "no"


@dataclass(frozen=True)
class Capability:
    """One cell of the table that ``serinus platforms`` prints.

    Attributes:
        sentence: How it is done, or why not.
        instead: What to use where the answer is no.
    """

    level: Level
    sentence: str
    instead: str = ""


@dataclass(frozen=True)
class Server:
    """A model server as one platform runs it.

    Attributes:
        runtime: The runtime's name on the platform.
        layout: The layout of a release that it reads.
        model_format: The platform's name of the model format.
        protocol: The prediction protocol that is rendered.
        newest: The newest release of the server that is known to be published, used where none is named.
    """

    runtime: str
    layout: str
    model_format: str
    protocol: str
    newest: str


@dataclass(frozen=True)
class Sheet:
    """One object to render: a template and what fills it."""

    template: str
    kind: str
    name: str
    namespace: str | None
    context: Mapping[str, Any]


@dataclass(frozen=True)
class Composition:
    """What a platform makes of a plan.

    Attributes:
        sheets: In the order in which they are to be applied.
        targets: Product to release, for the comment that tells ``serinus validate`` what to check against.
        notes: What the person who renders should know, a sentence each.
    """

    sheets: tuple[Sheet, ...]
    targets: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


Objection = tuple[tuple[str | int, ...], str, str]
"""Path in the service file, message, fix."""


def _none(_: Service) -> Iterator[Objection]:
    return iter(())


@dataclass(frozen=True)
class Platform:
    """A platform.

    Attributes:
        id: Its name in service files and products.
        releases: The minor releases that are rendered for, the newest last.
        modes: Its deployment modes, the default first.
        capabilities: Strategy and mode to what the platform can do.
        servers: Model format to runtime name to the server; the first is the format's default.
        compose: Makes the sheets.
        objections: What can't go together on this platform.
    """

    id: str
    title: str
    releases: tuple[str, ...]
    modes: tuple[str, ...]
    capabilities: Mapping[tuple[str, str], Capability]
    servers: Mapping[str, Mapping[str, Server]]
    compose: Callable[[Plan, Platform], Composition]
    objections: Callable[[Service], Iterator[Objection]] = field(default=_none)

    def mode_of(self, service: Service) -> str:
        """The mode that a service asks for, or the default."""
        return service.platform.mode or self.modes[0]

    def release_of(self, service: Service) -> str:
        """The release that a service asks for, or the newest."""
        return service.platform.version or self.releases[-1]

    def capability(self, strategy: str, mode: str) -> Capability:
        """The cell of the table; a strategy that no row speaks of is a no."""
        missing = Capability(Level.NO, f"the strategy {strategy} isn't rendered for {self.title} in mode {mode}.")
        return self.capabilities.get((strategy, mode), missing)
