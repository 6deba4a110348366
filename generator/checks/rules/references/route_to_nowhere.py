"""A route to a Service that the given files don't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.rules.references import ROUTES, backends
from generator.checks.rules.references.reached import there
from generator.checks.rules.references.routes import current_name
from generator.checks.together import together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


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
    for backend in backends(subject.document, subject.data):
        old = current_name(subject, backend.name, backend.namespace)
        if not old and not there(subject, backend.name, backend.namespace):
            yield Hit((*backend.path, "name"), {"service": backend.name})
