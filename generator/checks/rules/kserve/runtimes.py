"""How a ServingRuntime or ClusterServingRuntime is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import integer, mapping, sequence, text
from generator.schemas.kinds import CLUSTER_SERVING_RUNTIME, SERVING_RUNTIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

RUNTIMES = (SERVING_RUNTIME, CLUSTER_SERVING_RUNTIME)

WEBHOOK = Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/servingruntime/servingruntime_webhook.go")

GOOD = """
apiVersion: serving.kserve.io/v1alpha1
kind: ServingRuntime
metadata:
  name: digits-server
spec:
  supportedModelFormats:
    - {name: digits, version: "1", autoSelect: true, priority: 1}
    - {name: digits, version: "2", autoSelect: true, priority: 1}
  protocolVersions: [v2]
  containers:
    - name: kserve-container
      image: registry.example.com/digits-server:1
      resources: {limits: {nvidia.com/gpu: "1"}}
  workerSpec:
    pipelineParallelSize: 2
    tensorParallelSize: 1
    containers:
      - name: worker-container
        image: registry.example.com/digits-server:1
        resources: {limits: {nvidia.com/gpu: "1"}}
"""
"""A runtime over several nodes, with all that a rule can break."""


class Format(NamedTuple):
    """A format that a runtime takes.

    Attributes:
        path: Where it stands.
        name: Its name, such as sklearn.
        version: Its version; None where the runtime leaves it open.
        automatic: Whether KServe may choose the runtime for it.
        priority: Which runtime it chooses: the highest; None where none is given.
    """

    path: Path
    name: str
    version: str | None
    automatic: bool
    priority: int | None


def formats(data: Mapping[str, Any]) -> tuple[Format, ...]:
    """The formats of a runtime, in the order of the file."""
    found = []
    for number, entry in enumerate(sequence(data, "spec", "supportedModelFormats")):
        name = text(entry, "name")
        if name is not None:
            automatic = mapping(entry).get("autoSelect") is True
            path: Path = ("spec", "supportedModelFormats", number)
            found.append(Format(path, name, text(entry, "version"), automatic, integer(entry, "priority")))
    return tuple(found)


def spec_of(subject: Subject) -> Mapping[str, Any] | None:
    """The spec of a runtime that the webhook judges; None for one that is disabled, which it leaves alone."""
    spec = mapping(subject.data, "spec")
    return None if spec.get("disabled") is True else spec


def containers(spec: Mapping[str, Any], *path: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The containers in a list of the spec, with their places."""
    for number, container in enumerate(sequence(spec, *path)):
        if isinstance(container, dict):
            yield ("spec", *path, number), container


def several_models(data: Mapping[str, Any]) -> bool:
    """Whether a runtime serves many models at once, as those of ModelMesh do."""
    return mapping(data, "spec").get("multiModel") is True
