"""A canary of KServe that no route leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.canary import GOOD
from generator.checks.rules.kserve.spec import V0_20, V0_21, canaries, kept_inside
from generator.checks.rules.references import leads_to
from generator.checks.subject import integer, text
from generator.outcome.kserve.names import predictor_service
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

INSIDE = GOOD.replace("  annotations:", "  labels: {networking.kserve.io/visibility: cluster-local}\n  annotations:", 1)


@rule(
    id="REF001",
    name="canary-without-route",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the canary gets no traffic: {who} makes its pods, but no route to them, and no HTTPRoute in the "
    "given files leads to its Service {service}",
    fix="Add an HTTPRoute with weighted backends {stable} and {service}, and check the files together.",
    source=Source(
        "kserve/kserve",
        "v0.20.0",
        "pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/httproute_reconciler.go",
    ),
    bad=INSIDE[: INSIDE.index("---")],
    good=INSIDE,
)
def canary_without_route(subject: Subject) -> Iterator[Hit]:
    """In 0.20 spec.canary makes a Deployment and a Service, and the status repeats the wished share.

    No route carries the weights: all requests go to the stable model, and the canary looks healthy because nothing
    ever reaches it. The weights came with 0.21, on routes that KServe doesn't make for a service that a label keeps
    inside the cluster.
    """
    inside = kept_inside(subject)
    if subject.release and subject.release >= V0_21 and not inside:
        return
    who = "for a service kept inside the cluster KServe" if inside else "KServe 0.20"
    document = subject.document
    own = text(subject.data, "spec", "predictor", "name")
    stable = predictor_service(document.name, own or "")
    for path, entry, component in canaries(subject):
        name = text(component.spec, "name")
        if not name or not integer(entry, "trafficPercent"):
            continue
        service = predictor_service(document.name, name)
        if not leads_to(subject.index, service, document.namespace):
            yield Hit((*path, "trafficPercent"), {"service": service, "stable": stable, "who": who})
