"""Weights that send nobody anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.k8s import ROUTE
from generator.checks.rules.references import ROUTES
from generator.checks.subject import reach, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="GWA001",
    name="weights-all-zero",
    product="gateway-api",
    kinds=ROUTES,
    when=frozenset({"weight"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="all weights of this rule are 0, so every request that it matches is answered with 500",
    fix="Give at least one backend a weight above 0, or remove the rule.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1/httproute_types.go"),
    bad=ROUTE.replace("port: 80", "port: 80, weight: 0"),
    good=ROUTE,
)
def weights_all_zero(subject: Subject) -> Iterator[Hit]:
    """A weight is a share of the sum of the rule's weights. Of a sum of 0 nobody gets a share."""
    for number, entry in enumerate(sequence(subject.data, "spec", "rules")):
        found = sequence(entry, "backendRefs")
        if found and all(reach(backend, "weight") == 0 for backend in found):
            yield hit("spec", "rules", number, "backendRefs", 0, "weight")
