"""The units of a SeldonDeployment's graph: which server or container each is.

Facts: SeldonIO/seldon-core v1.18.2, operator/apis/machinelearning.seldon.io/v1 (prepack.go, defaults.go) and
operator/controllers/seldondeployment_prepackaged_servers.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.convert import common

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.convert.draft import Draft
    from generator.convert.parts import Part
    from generator.reading.documents import Path

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "SKLEARN_SERVER": "sklearn",
        "XGBOOST_SERVER": "xgboost",
        "LIGHTGBM_SERVER": "lightgbm",
        "MLFLOW_SERVER": "mlflow",
        "TENSORFLOW_SERVER": "savedmodel",
        "TRITON_SERVER": "triton",
        "HUGGINGFACE_SERVER": "huggingface",
    }
)
"""Prepackaged servers to the format that each reads."""

BUILT_IN = ("SIMPLE_MODEL", "SIMPLE_ROUTER", "RANDOM_ABTEST", "AVERAGE_COMBINER")


@dataclass(frozen=True)
class Unit:
    """A node of a predictor's graph.

    Attributes:
        part: Its place.
        container: Its container, where the predictor has one of its name.
        children: Those below it.
    """

    part: Part
    container: Part | None
    children: tuple[Unit, ...]

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        value = (self.part / "name").value
        return value if isinstance(value, str) else ""

    @property
    def implementation(self) -> str:
        """The prepackaged server; empty for a container of one's own."""
        value = (self.part / "implementation").value
        return value if isinstance(value, str) and value != "UNKNOWN_IMPLEMENTATION" else ""

    @property
    def prepackaged(self) -> bool:
        """Whether the operator brings its server."""
        return bool(self.implementation) and self.implementation not in BUILT_IN

    @property
    def role(self) -> str:
        """Its type, as the controller's defaults have it."""
        value = (self.part / "type").value
        if isinstance(value, str) and value != "UNKNOWN_TYPE":
            return value
        return "MODEL" if not (self.part / "methods").there and self.implementation not in BUILT_IN else ""

    def all(self) -> Iterator[Unit]:
        """This one and all below."""
        yield self
        for child in self.children:
            yield from child.all()


def unit(part: Part, containers: Mapping[str, Part]) -> Unit:
    """The unit at a place, with those below it."""
    name = (part / "name").value
    own = containers.get(name) if isinstance(name, str) else None
    return Unit(part, own, tuple(unit(child, containers) for child in (part / "children").items()))


def containers_of(predictor: Part) -> dict[str, Part]:
    """The predictor's containers by name."""
    found: dict[str, Part] = {}
    for component in (predictor / "componentSpecs").items():
        for container in (component / "spec" / "containers").items():
            name = (container / "name").value
            if isinstance(name, str):
                found.setdefault(name, container)
    return found


PLATFORM = "seldon-core-1"
OVERWRITTEN = ("service_host", "service_port", "httpPort", "grpcPort")
"""Fields of an endpoint that the operator sets itself, whatever stands there (setContainerPredictiveUnitDefaults)."""

SELDON_RUNTIMES: Mapping[str, str] = MappingProxyType(
    {"SKLEARN_SERVER": "seldon", "XGBOOST_SERVER": "seldon", "MLFLOW_SERVER": "seldon"}
)
V2_RUNTIMES: Mapping[str, str] = MappingProxyType(dict.fromkeys(SELDON_RUNTIMES, "mlserver"))
RUNTIMES: Mapping[str, str] = MappingProxyType(
    {"TENSORFLOW_SERVER": "tensorflow-serving", "TRITON_SERVER": "triton", "HUGGINGFACE_SERVER": "mlserver"}
)
SHIPPED: Mapping[str, str] = MappingProxyType(
    {"mlserver": "1.3.5", "triton": "21.08-py3", "tensorflow-serving": "2.1.0"}
)
"""What the operator of 1.17 and 1.18 runs where the manifest names no image (helm values, predictor_servers)."""


def node(found: Unit) -> None:
    """What a unit says by being what it is: taken."""
    for key in ("name", "type", "implementation", "methods"):
        (found.part / key).take()
    endpoint = found.part / "endpoint"
    if found.container is not None or found.prepackaged:
        for key in OVERWRITTEN:
            (endpoint / key).take()
    kind, transport = (endpoint / "type").value, (found.part.source.root / "spec" / "transport").value or "rest"
    if isinstance(kind, str) and kind.lower() == transport:
        (endpoint / "type").take()


def model(draft: Draft, found: Unit, index: int) -> None:
    """A unit as the variant ``index``: a prepackaged server with a uri, or a container that brings the model."""
    node(found)
    server(draft, found, index)
    draft.put(("variants", index, "uri"), (found.part / "modelUri").text(), found.part / "modelUri")
    _settings(draft, found, index)
    if found.container is not None:
        for_all = index == 0 and found.prepackaged
        contents(draft, ("container",) if for_all else ("variants", index, "container"), found.container)
        at = () if index == 0 else ("variants", index)
        common.resources(draft, (*at, "resources"), found.container / "resources")


def server(draft: Draft, found: Unit, index: int) -> None:
    """Format, server and its release; those of the first variant hold for the service."""
    model_format = FORMATS.get(found.implementation, "custom")
    implementation = found.part / "implementation"
    own = found.implementation if found.prepackaged and found.implementation not in FORMATS else None
    if found.implementation == "LIGHTGBM_SERVER":
        implementation.lose("Seldon ships no such server: TEMPO_SERVER, which is MLServer for any model, runs it here")
    proxied = model_format == "savedmodel" and draft.get("model", "protocol") == "seldon"
    if proxied and draft.get("platform", "kind") == PLATFORM:
        draft.otherwise.append((implementation, "TensorFlow's proxy asks for CPU and memory of its own now"))
    runtimes = SELDON_RUNTIMES if draft.get("model", "protocol") == "seldon" else V2_RUNTIMES
    runtime = {**RUNTIMES, **runtimes}.get(found.implementation)
    brings = found.container is not None and (found.container / "image").there
    version = None if brings else SHIPPED.get(runtime or "")
    if version and index == 0:
        draft.comments["model"] = (
            "The manifest leaves the server's version to the operator: this is the one that 1.17 and 1.18 run."
        )
    values = (("format", model_format), ("modelFormat", own), ("runtime", runtime), ("runtimeVersion", version))
    at: Path = ("model",) if index == 0 else ("variants", index)
    same = [draft.get("model", key) for key, _ in values] == [value for _, value in values]
    for key, value in values if index == 0 or not same else ():
        draft.put((*at, key), value, implementation)


def contents(draft: Draft, path: Path, container: Part) -> None:
    """A container's fields; its name is the unit's."""
    (container / "name").take()
    common.container(draft, path, container)


def _settings(draft: Draft, found: Unit, index: int) -> None:
    """Parameters, secrets and logger of a unit; what holds for the service comes from the first."""
    first = index == 0
    for each in (found.part / "parameters").items() if first else ():
        name, value = (each / "name").value, (each / "value").value
        if isinstance(name, str) and isinstance(value, str) and (each / "type").value == "STRING":
            draft.put(("model", "parameters", name), value, each)
            each.take()
    keys: list[tuple[str, Path]] = [("envSecretRefName", ("access", "secret"))]
    if (
        draft.get("platform", "kind") != "seldon-core-1"
    ):  # there it is the initializer's alone, and the pods have theirs
        keys.append(("serviceAccountName", ("serviceAccount",)))
    for theirs, ours in keys:
        part = found.part / theirs
        if first:
            draft.put(ours, part.text(), part)
        elif part.value == draft.get(*ours):
            part.take()
    logger = found.part / "logger"
    if first and logger.value is not None:
        logger.take()
        draft.put(("logger",), {}, logger)
        for key in ("mode", "url"):
            draft.put(("logger", key), (logger / key).text(), logger / key)
