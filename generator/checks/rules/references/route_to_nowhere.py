"""A route to a Service that the given files don't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.rules.kserve.spec import INFERENCE_SERVICE
from generator.checks.rules.references import ROUTES, SERVICE, backends
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.documents import Document


@rule(
    id="REF003",
    name="route-to-nowhere",
    product="gateway-api",
    kinds=ROUTES,
    when=frozenset({"backendRefs"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Service {service} in the given files, nor an object that makes one",
    fix="Check the route together with what it leads to, or mend the name.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1/shared_types.go"),
    bad=ROUTE,
    good=f"""{ROUTE}---
apiVersion: v1
kind: Service
metadata:
  name: digits-predictor
spec:
  ports: [{{port: 80}}]
""",
)
def route_to_nowhere(subject: Subject) -> Iterator[Hit]:
    """The gateway answers 500 to requests for a backend that doesn't exist.

    The Service may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    for backend in backends(subject.document, subject.data):
        index = subject.index
        there = any(found.name == backend.name for found in index.near(SERVICE, backend.namespace))
        made = (name for found in index.near(INFERENCE_SERVICE, backend.namespace) for name in _services(found))
        if not there and backend.name not in made:
            yield Hit((*backend.path, "name"), {"service": backend.name})


def _services(service: Document) -> Iterator[str]:
    """The Services that KServe makes for an InferenceService."""
    name = service.name
    spec = mapping(service.data, "spec")
    own = text(spec, "predictor", "name")
    yield f"{name}-{own}-predictor" if own else f"{name}-predictor"
    yield from (f"{name}-{part}" for part in ("transformer", "explainer") if isinstance(spec.get(part), dict))
    for entry in sequence(spec, "canary"):
        yield f"{name}-{text(entry, 'predictor', 'name')}-predictor"
    yield name
