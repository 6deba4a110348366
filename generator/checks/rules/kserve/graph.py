"""How KServe reads an InferenceGraph: its nodes and their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Source
from generator.checks.subject import mapping, sequence, text
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

INFERENCE_GRAPH = Kind("serving.kserve.io", "InferenceGraph")
ROOT = "root"
TARGETS = ("nodeName", "serviceName", "serviceUrl")
SEQUENCE, SPLITTER, SWITCH, ENSEMBLE = "Sequence", "Splitter", "Switch", "Ensemble"

WEBHOOK = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha1/inference_graph_validation.go")
ROUTER = Source("kserve/kserve", "v0.20.0", "cmd/router/main.go")

GOOD = """
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata:
  name: triage
spec:
  nodes:
    root:
      routerType: Sequence
      steps:
        - {name: sort, serviceUrl: http://sorter.models/v1/models/sorter:predict}
        - {name: share, nodeName: share, data: $request, condition: predictions}
    share:
      routerType: Splitter
      steps:
        - {name: stable, serviceUrl: http://digits.models/v1/models/digits:predict, weight: 90}
        - {name: next, nodeName: choose, weight: 10}
    choose:
      routerType: Switch
      steps:
        - {name: image, serviceUrl: http://next.models/v1/models/next:predict, condition: instances}
"""
"""A graph with all that a rule can break; services by their URLs, so that it needs no other object."""


class Step(NamedTuple):
    """A step of a node and where it stands."""

    path: Path
    spec: Mapping[str, Any]


class Node(NamedTuple):
    """A node and where it stands.

    Attributes:
        name: Its key in ``nodes``.
        path: Where it stands.
        router: Its ``routerType``; empty where there is none.
        steps: In the order of the file.
    """

    name: str
    path: Path
    router: str
    steps: tuple[Step, ...]


def nodes(subject: Subject) -> tuple[Node, ...]:
    """The nodes of a graph; those that are no objects are left to the structural check."""
    return subject.derive(_nodes)


def _nodes(subject: Subject) -> tuple[Node, ...]:
    found = []
    for name, spec in mapping(subject.data, "spec", "nodes").items():
        path: Path = ("spec", "nodes", name)
        steps = tuple(
            Step((*path, "steps", number), step)
            for number, step in enumerate(sequence(spec, "steps"))
            if isinstance(step, dict)
        )
        if isinstance(spec, dict):
            found.append(Node(name, path, text(spec, "routerType") or "", steps))
    return tuple(found)


def leads_to(node: Node) -> dict[str, Path]:
    """The nodes that a node's steps name, each with the place of the first step that does."""
    found: dict[str, Path] = {}
    for step in node.steps:
        name = text(step.spec, "nodeName")
        if name:
            found.setdefault(name, (*step.path, "nodeName"))
    return found
