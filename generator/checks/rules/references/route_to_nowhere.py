"""A route to a Service that the given files don't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.rules.kserve.spec import INFERENCE_SERVICE
from generator.checks.rules.references import ROUTES, SERVICE, backends
from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.checks.together import together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document


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
    yield from together(_missing(subject), "service")


def _missing(subject: Subject) -> Iterator[Hit]:
    there = subject.index.derive(services)
    for backend in backends(subject.document, subject.data):
        if not may_be_in(there.get(backend.name, ()), backend.namespace):
            yield Hit((*backend.path, "name"), {"service": backend.name})


def services(index: Index) -> Mapping[str, set[str]]:
    """The Services of the set, and those that KServe makes for its InferenceServices, with their namespaces."""
    found: dict[str, set[str]] = {}
    for service in index.by_kind.get(SERVICE, ()):
        found.setdefault(service.name, set()).add(service.namespace)
    for owner in index.by_kind.get(INFERENCE_SERVICE, ()):
        for name in _made(owner):
            found.setdefault(name, set()).add(owner.namespace)
    return found


def _made(service: Document) -> Iterator[str]:
    """The Services that KServe makes for an InferenceService."""
    name = service.name
    spec = mapping(service.data, "spec")
    own = text(spec, "predictor", "name")
    yield f"{name}-{own}-predictor" if own else f"{name}-predictor"
    yield from (f"{name}-{part}" for part in ("transformer", "explainer") if isinstance(spec.get(part), dict))
    for entry in sequence(spec, "canary"):
        yield f"{name}-{text(entry, 'predictor', 'name')}-predictor"
    yield name
