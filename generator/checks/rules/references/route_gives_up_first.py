"""Routes that break a request off before what they lead to is done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.rules.kserve.graph import INFERENCE_GRAPH
from generator.checks.rules.references import backends
from generator.checks.subject import integer, mapping, may_be_in, sequence, text
from generator.schemas.kinds import HTTP_ROUTE, INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

PART = re.compile(r"([0-9]{1,5})(h|ms|m|s)")
SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
ENDINGS = ("", "-predictor", "-transformer")
"""What KServe adds to a service's name for the Services that it makes."""

BOUNDED = ROUTE.replace("    - backendRefs", "    - timeouts: {request: 450s}\n      backendRefs")
SLOW = """---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: digits, annotations: {serving.kserve.io/deploymentMode: Knative}}
spec:
  predictor:
    timeout: 400
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


def seconds(duration: str) -> float | None:
    """A duration of Gateway API (GEP-2257) in seconds, such as 400 for ``6m40s``; None for a text that is none."""
    parts = PART.findall(duration)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != duration:
        return None
    return sum(int(number) * SECONDS[unit] for number, unit in parts)


@rule(
    id="REF037",
    name="route-gives-up-first",
    product="gateway-api",
    kinds=(HTTP_ROUTE,),
    when=frozenset({"timeouts"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the route breaks off after {limit}, and {service} behind it may take {needed} s by its own timeout",
    fix="Raise the route's timeout to {needed}s or more, or lower that of {service}.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1/httproute_types.go"),
    bad=BOUNDED.replace("450s", "30s") + SLOW,
    good=BOUNDED + SLOW,
)
def route_gives_up_first(subject: Subject) -> Iterator[Hit]:
    """The client gets 504, and the model works on for nobody.

    Only timeouts that both say are held against each other; 0s in a route means none.
    """
    known = subject.index.derive(_timeouts)
    for backend in backends(subject.document, subject.data):
        rules = sequence(subject.data, "spec", "rules")
        for field in ("request", "backendRequest"):
            said = text(rules[backend.rule], "timeouts", field)
            limit = seconds(said) if said else None
            for namespace, needed in known.get(backend.name, ()):
                if limit and limit < needed and may_be_in([namespace], backend.namespace):
                    path = ("spec", "rules", backend.rule, "timeouts", field)
                    yield Hit(path, {"limit": said, "service": backend.name, "needed": needed})


def _timeouts(index: Index) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """By the name of a Service that KServe makes: namespaces, and the seconds that what is behind it may take."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for one in index.by_kind.get(INFERENCE_SERVICE, ()):
        spec = mapping(one.data, "spec")
        predictor = integer(spec, "predictor", "timeout")
        transformer = integer(spec, "transformer", "timeout")
        for ending, needed in zip(ENDINGS, (transformer or predictor, predictor, transformer), strict=True):
            if needed:
                name = f"{one.name}{ending}"
                found[name] = (*found.get(name, ()), (one.namespace, needed))
    for one in index.by_kind.get(INFERENCE_GRAPH, ()):
        needed = integer(one.data, "spec", "timeout")
        if needed:
            found[one.name] = (*found.get(one.name, ()), (one.namespace, needed))
    return found
