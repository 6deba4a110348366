"""A graph that asks InferenceServices which the given files don't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.graph import INFERENCE_GRAPH, nodes
from generator.checks.rules.references import namespaces
from generator.checks.subject import may_be_in, text
from generator.checks.together import together
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

GRAPH = """
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata:
  name: triage
spec:
  nodes:
    root:
      routerType: Sequence
      steps:
        - serviceName: digits
"""


@rule(
    id="REF010",
    name="graph-to-nowhere",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"serviceName"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no InferenceService {name} in the given files",
    fix="Check the graph together with its services, or mend the name.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha1/inferencegraph/controller.go"),
    bad=GRAPH,
    good=f"""{GRAPH}---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {{serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    model: {{modelFormat: {{name: sklearn}}, storageUri: s3://models/digits/1}}
""",
)
def graph_to_nowhere(subject: Subject) -> Iterator[Hit]:
    """The controller waits for the service, in the graph's namespace, and makes no router before it is there.

    It may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    yield from together(_missing(subject))


def _missing(subject: Subject) -> Iterator[Hit]:
    there = subject.index.derive(services)
    for node in nodes(subject):
        for step in node.steps:
            name = text(step.spec, "serviceName")
            if name and not may_be_in(there.get(name, ()), subject.document.namespace):
                yield Hit((*step.path, "serviceName"), {"name": name})


def services(index: Index) -> Mapping[str, set[str]]:
    """The InferenceServices of the set, with their namespaces."""
    return namespaces(index.by_kind.get(INFERENCE_SERVICE, ()))
