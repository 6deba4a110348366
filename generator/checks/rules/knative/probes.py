"""Probes of Knative Services: what Knative's own webhook refuses of them and the API server would take of a pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.subject import integer, mapping, sequence, text
from generator.schemas.kinds import KNATIVE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

VALIDATION = Source("knative/serving", "knative-v1.23.0", "pkg/apis/serving/k8s_validation.go")
UNNAMED = "http"
"""What the port of a container is called that has no name, or no port."""
GOOD = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: digits}
spec:
  template:
    spec:
      containers:
        - image: example/digits:1
          readinessProbe: {httpGet: {path: /ready}, periodSeconds: 10, failureThreshold: 5}
"""


class Wrong(NamedTuple):
    """What is wrong in a container.

    Attributes:
        path: Where, below the container.
        problem: What.
        advice: What to do.
    """

    path: Path
    problem: str
    advice: str


def serves(container: object, containers: Sequence[object]) -> bool:
    """Whether a container, of those of a pod, gets the requests: the only one, or the one with a port."""
    return len(containers) == 1 or bool(sequence(container, "ports"))


def wrong(container: Mapping[str, Any]) -> Iterator[Wrong]:
    """What Knative refuses of the probes of a container that gets requests."""
    readiness = mapping(container, "readinessProbe")
    if not integer(readiness, "periodSeconds"):
        for field in ("failureThreshold", "timeoutSeconds"):
            if integer(readiness, field):
                problem = f"Knative takes no {field} of a readinessProbe that has no periodSeconds"
                yield Wrong(("readinessProbe", field), problem, "Add periodSeconds: 10.")
    name = text(next(iter(sequence(container, "ports")), None), "name") or UNNAMED
    for probe in ("readinessProbe", "livenessProbe"):
        for handler in ("httpGet", "tcpSocket"):
            port = mapping(container, probe, handler).get("port")
            if isinstance(port, str) and port not in ("", name):
                problem = f"'{port}' isn't the port of the container, which Knative calls {name}"
                yield Wrong((probe, handler, "port"), problem, f"Remove it, or write {name} or a number.")


@rule(
    id="K8S170",
    name="knative-probe",
    product="knative-serving",
    kinds=(KNATIVE_SERVICE,),
    when=frozenset({"readinessProbe", "livenessProbe"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{problem}",
    fix="{advice}",
    source=VALIDATION,
    bad=GOOD.replace("periodSeconds: 10, ", ""),
    good=GOOD,
)
def knative_probe(subject: Subject) -> Iterator[Hit]:
    """Without a period Knative itself asks whether a container is ready, many times a second, and counts no failures.

    A port may be named as the container's own port is; one without a name is called http. The other rules on probes
    hold for the pod of a Knative Service as well, but for what Knative completes.
    """
    place = ("spec", "template", "spec", "containers")
    every = sequence(subject.data, *place)
    for number, container in enumerate(every):
        if isinstance(container, dict) and serves(container, every):
            for one in wrong(container):
                yield hit(*place, number, *one.path, problem=one.problem, advice=one.advice)
