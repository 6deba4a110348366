"""The units of a SeldonDeployment's graph: which server or container each is.

Facts: SeldonIO/seldon-core v1.18.2, operator/apis/machinelearning.seldon.io/v1 (prepack.go, defaults.go) and
operator/controllers/seldondeployment_prepackaged_servers.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.convert.parts import Part

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
