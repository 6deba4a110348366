"""What a platform is to Serinus: its releases and modes, what it can do, and how a plan becomes sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.platforms.stores import Kind
    from generator.service import Service

FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "rolling": "rolling",
        "canary": "canary",
        "canaries": "several canaries at once",
        "ab-weight": "A/B by weight",
        "ab-header": "A/B by header",
        "ab-cookie": "A/B by cookie",
        "ab-sticky": "A/B, sticky",
        "shadow": "shadow",
        "shadow-percent": "shadow of a share",
        "blue-green": "blue-green",
        "preview-host": "blue-green, preview by host",
        "bandit": "bandit",
        "ensemble": "ensemble",
        "combiner": "ensemble with a combiner",
        "chain": "chain",
        "tensors": "tensors renamed between models",
        "switch": "switch",
        "switch-router": "switch by a router",
        "graph": "graph in the platform's words",
    }
)
"""The rows of the table of capabilities: strategies, and what some of them may ask for besides."""


class Level(Enum):
    """How a platform does a strategy."""

    NATIVE = "native"
    GATEWAY = "gateway"
    NO = "no"


NATIVE, GATEWAY, GRAPH = "native", "gateway", "graph"
"""Ways to do a strategy, as ``by`` in the service file names them."""


@dataclass(frozen=True)
class Cell:
    """One way to do one row of the table that ``serinus platforms`` prints.

    Attributes:
        feature: The row, a key of ``FEATURES``.
        level: How it is done.
        sentence: How it is done, or why not.
        instead: What to use where the answer is no.
        modes: The modes that this holds for; empty for all.
        since: The first release that it holds for; empty from the first on.
        until: The last one; empty to the newest.
        by: The way's name in the service file; empty for the level's own. A native way may need the gateway all the
            same: the platform then makes the pods and a route of ours gives them traffic.
    """

    feature: str
    level: Level
    sentence: str
    instead: str = ""
    modes: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    by: str = ""

    @property
    def way(self) -> str:
        """The way's name."""
        return self.by or self.level.value

    def holds(self, mode: str, release: str) -> bool:
        """Whether it speaks of a mode and a release."""
        if self.modes and mode not in self.modes:
            return False
        here = numbers(release)
        return (not self.since or numbers(self.since) <= here) and (not self.until or here <= numbers(self.until))


def numbers(release: str) -> tuple[int, ...]:
    """Major and minor of a release or an image tag, empty where it isn't made of numbers."""
    parts = release.removeprefix("v").split("-", maxsplit=1)[0].split(".")[:2]
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


@dataclass(frozen=True, kw_only=True)
class Server:
    """A model server as one platform runs it; platforms add what they need.

    Attributes:
        runtime: The runtime's name on the platform.
        layout: The layout of a release that it reads.
        model_format: The platform's name of the model format.
        protocol: The prediction protocol that is rendered where none is asked for.
        protocols: All that it speaks; empty where only that one.
        newest: The newest release of the server that is known to be published, used where none is named; empty where
            the platform's own is right.
        since: The platform's first release that has it; empty from the first on.
    """

    runtime: str
    layout: str
    model_format: str
    protocol: str
    protocols: tuple[str, ...] = ()
    newest: str = ""
    since: str = ""


@dataclass(frozen=True)
class Sheet:
    """One object to render: a template and what fills it."""

    template: str
    kind: str
    name: str
    namespace: str | None
    context: Mapping[str, Any]


Targets = tuple[tuple[str, str], ...]
"""Product to release, for the comment that tells ``serinus validate`` what to check against."""


@dataclass(frozen=True)
class Composition:
    """What a platform makes of a plan.

    Attributes:
        sheets: In the order in which they are to be applied.
        targets: What to check them against.
        notes: What the person who renders should know, a sentence each.
    """

    sheets: tuple[Sheet, ...]
    targets: Targets = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: Composition) -> Composition:
        """One after the other; a target is named once."""
        targets = tuple(dict.fromkeys((*self.targets, *other.targets)))
        return Composition((*self.sheets, *other.sheets), targets, (*self.notes, *other.notes))


Objection = tuple[tuple[str | int, ...], str, str]
"""Path in the service file, message, fix."""


def _none(_: Service) -> Iterator[Objection]:
    return iter(())


def never(_: Service) -> bool:
    """No service is routed by the platform's own means."""
    return False


@dataclass(frozen=True)
class Brought:
    """What a platform's pods have besides the user's fields, which these may lean on.

    Attributes:
        volumes: Volumes that a container may mount.
        containers: Init containers that have an image, whatever the user lays over them.
        probes: Whether the user's fields of a probe are laid over one of the platform's own.
    """

    volumes: tuple[str, ...]
    containers: tuple[str, ...]
    probes: bool = False


@dataclass(frozen=True)
class Platform:
    """A platform.

    Attributes:
        id: Its name in service files and products.
        releases: The minor releases that are rendered for, the newest last.
        modes: Its deployment modes, the default first.
        cells: The table of capabilities; of several ways the one that is preferred first.
        servers: Model format to runtime name to the server; the first is the format's default.
        compose: Makes the sheets.
        objections: What can't go together on this platform.
        reads: The kinds of stores that its pods read releases from, and how.
        network: Whether it renders the pods' NetworkPolicy.
        deployed: The strategies that may name a variant which is on the cluster already (``variants[].deployed``).
        names: The strategies in which a variant may say how its predictor or Model is called (``variants[].object``).
        beside: Whether files can lie beside a model's own (``variants[].beside``).
        storage: Whether an entry of a storage secret can say where a model lies (``variants[].storage``).
        on_cluster: Makes the server of a runtime that the cluster brings, from the format in that one's words and its
            name, empty for any that takes the format (``model.modelFormat``); None where there is no such thing.
        pods: What its pods have besides the user's fields; None where nobody here knows.
        whole_folders: Whether it brings every folder of a model to the server, with data to warm up with.
        routes: Whether its own routes do for a service what the table says a route of ours does.
    """

    id: str
    title: str
    releases: tuple[str, ...]
    modes: tuple[str, ...]
    cells: tuple[Cell, ...]
    servers: Mapping[str, Mapping[str, Server]]
    compose: Callable[[Plan, Platform], Composition]
    objections: Callable[[Service], Iterator[Objection]] = field(default=_none)
    reads: Mapping[Kind, str] = field(default_factory=dict)
    network: bool = False
    deployed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    beside: bool = False
    storage: bool = False
    on_cluster: Callable[[str, str], Server] | None = None
    pods: Brought | None = None
    whole_folders: bool = True
    routes: Callable[[Service], bool] = field(default=never)

    def mode_of(self, service: Service) -> str:
        """The mode that a service asks for, or the default."""
        return service.platform.mode or self.modes[0]

    def release_of(self, service: Service) -> str:
        """The release that a service asks for, or the newest."""
        return service.platform.version or self.releases[-1]

    def ways(self, feature: str, mode: str, release: str) -> tuple[Cell, ...]:
        """Every way to do a row, the preferred one first; a row that no cell speaks of is a no."""
        found = tuple(cell for cell in self.cells if cell.feature == feature and cell.holds(mode, release))
        missing = Cell(feature, Level.NO, f"{FEATURES[feature]} isn't rendered for {self.title} in mode {mode}.")
        return found or (missing,)

    def way(self, service: Service) -> str:
        """The way in which a service's strategy is done; asking for what can't be done has been refused before.

        One way has to serve all rows that the strategy needs: the gateway splits by header, so it splits by weight too.
        """
        return next(iter(self.common_ways(service)), "")

    def common_ways(self, service: Service) -> tuple[str, ...]:
        """The ways that serve every row that a service's strategy needs, the preferred one first."""
        mode, release = self.mode_of(service), self.release_of(service)
        rows = [self.ways(feature, mode, release) for feature in service.strategy.chosen.features()]
        able = [[cell.way for cell in row if cell.level is not Level.NO] for row in rows]
        common = [way for way in able[0] if all(way in others for others in able)]
        wanted = service.strategy.by
        return tuple(way for way in common if wanted in (None, way))
