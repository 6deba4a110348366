"""How Seldon Core 1 reads a SeldonDeployment: predictors, the units of their graphs, and the containers of their pods.

The readings follow operator/apis/machinelearning.seldon.io/v1 of SeldonIO/seldon-core v1.17.1, the last release under
Apache-2.0; the operator of 1.18 reads the same way (facts: the rule set is one for 1.17 to 1.19).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path


BUILT_IN = frozenset(("SIMPLE_MODEL", "SIMPLE_ROUTER", "RANDOM_ABTEST", "AVERAGE_COMBINER"))
"""Implementations that need neither container nor model."""

UNKNOWN_IMPLEMENTATION = "UNKNOWN_IMPLEMENTATION"

V2_PROTOCOLS = ("v2", "kfserving")
"""Two names of one protocol."""

IMAGES: Mapping[str, tuple[str, ...]] = {
    "SKLEARN_SERVER": ("seldon", *V2_PROTOCOLS),
    "XGBOOST_SERVER": ("seldon", *V2_PROTOCOLS),
    "MLFLOW_SERVER": ("seldon", *V2_PROTOCOLS),
    "TENSORFLOW_SERVER": ("seldon", "tensorflow"),
    "TRITON_SERVER": V2_PROTOCOLS,
    "HUGGINGFACE_SERVER": V2_PROTOCOLS,
    "TEMPO_SERVER": V2_PROTOCOLS,
}
"""The servers of the shipped seldon-config, each with the protocols that it has an image for."""

NO_ENGINE = "seldon.io/no-engine"
SERVICE_NAME = "seldon.io/svc-name"
SEPARATE_ENGINE = "seldon.io/engine-separate-pod"
NO_STORAGE_INITIALIZER = "seldon.io/no-storage-initializer"


def source(path: str) -> Source:
    """A file of Seldon Core 1 at its last release under Apache-2.0."""
    return Source("SeldonIO/seldon-core", "v1.17.1", path)


WEBHOOK = source("operator/apis/machinelearning.seldon.io/v1/seldondeployment_webhook.go")
CONTROLLER = source("operator/controllers/seldondeployment_controller.go")
EXECUTOR = source("executor/predictor/predictor_process.go")


class Predictor(NamedTuple):
    """A predictor and where it stands."""

    path: Path
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its name, which its Deployments and its Service carry."""
        return text(self.spec, "name") or ""

    @property
    def shadow(self) -> bool:
        """Whether it gets a copy of the traffic only."""
        return self.spec.get("shadow") is True

    @property
    def annotations(self) -> Mapping[str, Any]:
        """Its own annotations, not those of the object."""
        return mapping(self.spec, "annotations")


class Container(NamedTuple):
    """A container and where it stands; ``pod`` is the number of its componentSpec."""

    path: Path
    pod: int
    spec: Mapping[str, Any]


class Unit(NamedTuple):
    """A node of a predictor's graph and where it stands."""

    path: Path
    spec: Mapping[str, Any]
    predictor: Predictor

    @property
    def name(self) -> str:
        """Its name, which is the name of its container too."""
        return text(self.spec, "name") or ""

    @property
    def implementation(self) -> str | None:
        """A built-in implementation or the key of a prepackaged server; None where the container does the work."""
        found = text(self.spec, "implementation")
        return None if found == UNKNOWN_IMPLEMENTATION else found

    @property
    def server(self) -> str | None:
        """The prepackaged server that runs the unit; None where none does."""
        found = self.implementation
        return found if found and found not in BUILT_IN else None

    @property
    def children(self) -> list[Any]:
        """The units below it."""
        return sequence(self.spec, "children")

    @property
    def container(self) -> Container | None:
        """The container of its name in the predictor's pods: the first one."""
        return next((found for found in containers(self.predictor) if found.spec.get("name") == self.name), None)

    @property
    def own_image(self) -> str | None:
        """The image that the manifest itself gives the unit."""
        found = self.container
        return (text(found.spec, "image") or None) if found else None


def protocol(subject: Subject) -> str:
    """The protocol of all units; ``seldon`` where none is named."""
    return text(subject.data, "spec", "protocol") or "seldon"


def predictors(subject: Subject) -> tuple[Predictor, ...]:
    """The predictors of a SeldonDeployment."""
    return subject.derive(_predictors)


def _predictors(subject: Subject) -> tuple[Predictor, ...]:
    entries = enumerate(sequence(subject.data, "spec", "predictors"))
    return tuple(
        Predictor(("spec", "predictors", number), entry) for number, entry in entries if isinstance(entry, dict)
    )


def units(subject: Subject) -> tuple[Unit, ...]:
    """The units of all graphs, each before its children."""
    return subject.derive(_units)


def _units(subject: Subject) -> tuple[Unit, ...]:
    return tuple(unit for predictor in predictors(subject) for unit in graph(predictor))


def graph(predictor: Predictor) -> Iterator[Unit]:
    """The units of a predictor's graph, each before its children."""
    waiting: list[tuple[Path, Any]] = [((*predictor.path, "graph"), mapping(predictor.spec, "graph"))]
    while waiting:
        path, spec = waiting.pop()
        if isinstance(spec, dict):
            yield Unit(path, spec, predictor)
            children = list(enumerate(sequence(spec, "children")))
            waiting += [((*path, "children", number), child) for number, child in reversed(children)]


def containers(predictor: Predictor) -> Iterator[Container]:
    """The containers of a predictor's pods, without init containers."""
    for pod, component in enumerate(sequence(predictor.spec, "componentSpecs")):
        for number, entry in enumerate(sequence(component, "spec", "containers")):
            if isinstance(entry, dict):
                path = (*predictor.path, "componentSpecs", pod, "spec", "containers", number)
                yield Container(path, pod, entry)


def engine_environment(predictor: Predictor) -> Iterator[tuple[str, str | None]]:
    """Names and values of what the predictor sets for its engine; None where the value comes from elsewhere."""
    for variable in sequence(predictor.spec, "svcOrchSpec", "env"):
        referred = bool(mapping(variable, "valueFrom"))
        yield text(variable, "name") or "", None if referred else text(variable, "value") or ""


GOOD = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits}
spec:
  protocol: v2
  predictors:
    - name: stable
      traffic: 90
      graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: s3://models/digits/1}
    - name: canary
      traffic: 10
      graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: s3://models/digits/2}
"""
"""Two prepackaged servers that share the traffic."""

CUSTOM = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits}
spec:
  predictors:
    - name: stable
      graph: {name: classifier, type: MODEL}
      componentSpecs:
        - spec:
            containers:
              - {name: classifier, image: 'registry.example.com/digits:1'}
"""
"""One predictor with a container of its own."""
