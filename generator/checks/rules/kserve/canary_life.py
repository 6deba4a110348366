"""What becomes of a canary of KServe 0.20: its pods while it runs, and names when it is promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.canary import GOOD as CANARY
from generator.checks.rules.kserve.spec import AUTOSCALER, V0_20, V0_21, annotations_of, canaries
from generator.checks.rules.kserve.update import GOOD, PROMOTED, renamed
from generator.checks.rules.references import leads_to
from generator.checks.subject import integer
from generator.outcome.kserve.names import predictor_service
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

PREDICTOR = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/components/predictor.go")
ROUTE = Source(
    "kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/httproute_reconciler.go"
)
AT_ZERO = CANARY.replace("trafficPercent: 10", "trafficPercent: 0").replace("weight: 90", "weight: 100")


@rule(
    id="KSV126",
    name="canary-at-zero-keeps-a-pod",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the canary's share is 0 %, and its autoscaler keeps one pod all the same",
    fix="Remove the canary to free its resources, or keep it to have a pod ready.",
    source=PREDICTOR,
    bad=AT_ZERO.replace("weight: 10}", "weight: 0}").replace("        minReplicas: 1\n", ""),
    good=CANARY,
)
def canary_at_zero_keeps_a_pod(subject: Subject) -> Iterator[Hit]:
    """A canary without minReplicas gets its share of the stable's pods, rounded up.

    Of 0 % that is 0, but a HorizontalPodAutoscaler keeps at least 1. The stable's minimum is lowered by the canaries'
    pods in any case.
    """
    if annotations_of(subject).get(AUTOSCALER) not in (None, "hpa"):
        return
    for path, entry, canary in canaries(subject):
        if integer(entry, "trafficPercent") == 0 and not integer(canary.spec, "minReplicas"):
            yield Hit((*path, "trafficPercent"))


@rule(
    id="KSV127",
    name="promotion-renames-the-service",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    since=V0_20,
    until=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="with predictor.name the Service {old} becomes {new}, and so do the predictor's route and host; no route "
    "in the given files leads to the new name",
    fix="Lead your HTTPRoute to {new} in the same change, and tell those who call the predictor's own host.",
    source=ROUTE,
    before=GOOD,
    bad=PROMOTED.split("---", maxsplit=1)[0],
    good=PROMOTED,
)
def promotion_renames_the_service(subject: Subject) -> Iterator[Hit]:
    """A canary is promoted by giving the stable predictor its name and model, which restarts no pod.

    In 0.20 the names of Service, route and host are made of it; from 0.21 on they stay. The service's own host, without
    "predictor" in it, stays as well.
    """
    names, name = renamed(subject), subject.document.name
    if names is None or names.alone:
        return
    old, new = (_service(name, one) for one in (names.old, names.new))
    if not leads_to(subject.index, new, subject.document.namespace):
        yield hit("spec", "predictor", "name", old=old, new=new)


def _service(name: str, predictor: str) -> str:
    return predictor_service(name, predictor)
