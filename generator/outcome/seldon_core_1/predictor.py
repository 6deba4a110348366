"""A predictor as the mutating webhook leaves it: its units with their ports, its pods with a container for each.

apis/machinelearning.seldon.io/v1/defaults.go (``DefaultSeldonDeployment``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.outcome.part import Part, Tree, value_of
from generator.outcome.seldon_core_1.values import field as field_of
from generator.outcome.seldon_core_1.values import items, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.seldon_core_1.settings import Settings

PODINFO, PODINFO_PATH, OLD_PODINFO = "seldon-podinfo", "/etc/podinfo", "podinfo"
FIRST_METRICS = 6000
NOT_PREPACKAGED = frozenset(
    ("SIMPLE_MODEL", "SIMPLE_ROUTER", "RANDOM_ABTEST", "AVERAGE_COMBINER", "UNKNOWN_IMPLEMENTATION")
)
SEPARATE = "seldon.io/engine-separate-pod"


@dataclass(slots=True)
class Unit:
    """A node of the graph.

    Attributes:
        part: As the user wrote it.
        name: Its name.
        type: What it is, ``MODEL`` where nothing says it; empty where its methods say it.
        implementation: The server or router that Seldon brings; empty for a container of the user's.
        http: The port where it answers HTTP.
        grpc: The port where it answers gRPC.
        local: Whether the executor stands in its pod.
    """

    part: Part
    name: str
    type: str
    implementation: str
    http: int = 0
    grpc: int = 0
    local: bool = False

    @property
    def prepackaged(self) -> bool:
        """Whether Seldon brings its server."""
        return bool(self.implementation) and self.implementation not in NOT_PREPACKAGED

    @property
    def by_grpc(self) -> bool:
        """Whether its endpoint says gRPC."""
        return self.part.text("endpoint", "type") == "GRPC"


@dataclass(slots=True)
class Pods:
    """One of ``componentSpecs``.

    Attributes:
        part: As the user wrote it; None where the webhook makes it.
        containers: Its containers, completed; their fields may be changed.
    """

    part: Part | None
    containers: list[dict[str, Tree]]


@dataclass(slots=True)
class Predictor:
    """A predictor of a SeldonDeployment.

    Attributes:
        part: As the user wrote it.
        units: The nodes of its graph, a parent before its children.
        pods: Its pods.
        labels: Its labels, ``version`` among them.
    """

    part: Part
    units: list[Unit]
    pods: list[Pods]
    labels: dict[str, Tree] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.part.text("name")

    @property
    def graph(self) -> str:
        """The name of the graph's first unit."""
        return self.units[0].name if self.units else ""

    @property
    def shadow(self) -> bool:
        """Whether it gets copies alone."""
        found = self.part.get("shadow")
        return found is not None and found.value is True

    def unit(self, name: object) -> Unit | None:
        """The node of a name."""
        return next((each for each in self.units if each.name == name), None)


class Ports:
    """The ports of a SeldonDeployment: counted up over all its predictors, one a container's name."""

    def __init__(self, settings: Settings) -> None:
        self._next = {
            "http": int(settings.environment["PREDICTIVE_UNIT_HTTP_SERVICE_PORT"]),
            "grpc": int(settings.environment["PREDICTIVE_UNIT_GRPC_SERVICE_PORT"]),
        }
        self._metrics = FIRST_METRICS
        self._taken: dict[tuple[str, object], int] = {}

    def of(self, protocol: str, name: object) -> int:
        """The port of a container for a protocol."""
        key = (protocol, name)
        if key not in self._taken:
            self._taken[key] = self._next[protocol]
            self._next[protocol] += 1
        return self._taken[key]

    def metrics(self) -> int:
        """The next port for metrics."""
        self._metrics += 1
        return self._metrics - 1


def predictors(root: Part, settings: Settings) -> list[Predictor]:
    """The predictors of a SeldonDeployment."""
    ports = Ports(settings)
    return [_predictor(root, each, ports, settings) for each in root.each("spec", "predictors")]


def separate(root: Part) -> bool:
    """Whether the executor has pods of its own."""
    return root.text("spec", "annotations", SEPARATE).lower() == "true"


def _predictor(root: Part, part: Part, ports: Ports, settings: Settings) -> Predictor:
    labels: dict[str, Tree] = dict(part.fields("labels"))
    labels.setdefault("version", part.get("name"))
    graph = part.get("graph")
    found = Predictor(part, list(_units(graph)) if graph else [], list(_pods(part)), labels)
    for number, pods in enumerate(found.pods):
        for container in pods.containers:
            name = name_of(container)
            http, grpc = ports.of("http", name), ports.of("grpc", name)
            unit = found.unit(name)
            if unit:
                _complete(root, unit, container, (number, http, grpc), ports, settings)
    for unit in found.units:
        if unit.prepackaged:
            _add_server(root, found, unit, ports, settings)
    return found


def _units(part: Part) -> Iterator[Unit]:
    kind, implementation = part.text("type"), part.text("implementation")
    unit = Unit(part, part.text("name"), kind, implementation)
    if unit.prepackaged or not (kind or implementation or part.get("methods")):
        unit.type = "MODEL"
    yield unit
    for child in part.each("children"):
        yield from _units(child)


def _pods(part: Part) -> Iterator[Pods]:
    for each in part.each("componentSpecs"):
        yield Pods(each, [dict(container.fields()) for container in each.each("spec", "containers")])


def _add_server(root: Part, found: Predictor, unit: Unit, ports: Ports, settings: Settings) -> None:
    """The container of a prepackaged server, made where the user wrote none."""
    number, container = next(
        (
            (number, container)
            for number, pods in enumerate(found.pods)
            for container in pods.containers
            if name_of(container) == unit.name
        ),
        (0, None),
    )
    made = container is None
    if container is None:
        container = {"name": unit.part.get("name"), "volumeMounts": [{"name": PODINFO, "mountPath": PODINFO_PATH}]}
    numbers = number, ports.of("http", unit.name), ports.of("grpc", unit.name)
    _complete(root, unit, container, numbers, ports, settings)
    protocol = root.text("spec", "protocol")
    if protocol != "tensorflow" and not value_of(container.get("image")):
        container["image"] = settings.image(unit.implementation, protocol)
    if made and found.pods:
        found.pods[0].containers.append(container)
    elif made:
        found.pods.append(Pods(None, [container]))


def _complete(
    root: Part,
    unit: Unit,
    container: dict[str, Tree],
    numbers: tuple[int, int, int],
    ports: Ports,
    settings: Settings,
) -> None:
    """What the webhook writes into the container of a unit, and into the unit.

    Args:
        root: The SeldonDeployment.
        unit: The unit.
        container: Its container.
        numbers: Which of the pods, and the ports for HTTP and gRPC where the container names none.
        ports: What is taken.
        settings: What the operator is told.
    """
    number, http, grpc = numbers
    container["imagePullPolicy"] = container.get("imagePullPolicy") or "IfNotPresent"
    container["terminationMessagePath"] = container.get("terminationMessagePath") or "/dev/termination-log"
    container["terminationMessagePolicy"] = container.get("terminationMessagePolicy") or "File"
    mounts = [each for each in items(container.get("volumeMounts")) if name_of(each) != OLD_PODINFO]
    if not any(name_of(each) == PODINFO for each in mounts):
        mounts.append({"name": PODINFO, "mountPath": PODINFO_PATH})
    container["volumeMounts"] = mounts
    named = items(container.get("ports"))
    own = {name_of(each): value_of(field_of(each, "containerPort")) for each in named}
    metrics = settings.environment["PREDICTIVE_UNIT_METRICS_PORT_NAME"]
    if metrics not in own:
        container["ports"] = [*named, {"name": metrics, "containerPort": ports.metrics(), "protocol": "TCP"}]
    unit.local = number == 0 and not separate(root)
    unit.http, unit.grpc = _number(own.get("http"), http), _number(own.get("grpc"), grpc)


def _number(found: object, otherwise: int) -> int:
    return found if isinstance(found, int) else otherwise
