"""What an InferenceService does otherwise after the upgrade of KServe from 0.20 to 0.21: its canary and its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Meaning, Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.canary import GOOD
from generator.checks.rules.kserve.spec import STANDARD, V0_21, canaries, components, kept_inside, mode
from generator.checks.rules.references import leads_to
from generator.checks.subject import integer, text
from generator.outcome.kserve.names import predictor_service
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

MASTER = "aaac4e294"
"""A commit of August 2026 on the way to 0.21, whose own sources can't be had."""
ROUTES = Source(
    "kserve/kserve", MASTER, "pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/httproute_reconciler.go"
)
PREDICTOR = Source("kserve/kserve", MASTER, "pkg/controller/v1beta1/inferenceservice/components/predictor.go")

CANARY = GOOD[: GOOD.index("---")].replace("    minReplicas: 2\n", "")
PARKED = CANARY.replace("trafficPercent: 10", "trafficPercent: 0")
NAMED = CANARY[: CANARY.index("  canary:")].replace("    model:", "    name: first\n    model:")


@rule(
    id="KSV470",
    name="canary-begins-to-get-traffic",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="{was}",
        after="with enableGatewayApi: true {share} % of the requests to KServe's own hosts go to the canary as soon as "
        "it's ready",
    ),
    message="the canary {name} gets live traffic with the upgrade",
    fix="Set trafficPercent: 0 before the upgrade where the canary was only parked{both}.",
    source=ROUTES,
    bad=CANARY,
    good=PARKED,
)
def canary_begins_to_get_traffic(subject: Subject) -> Iterator[Hit]:
    """In 0.20 no route of KServe's carries the weights; from 0.21 on both of its HTTPRoutes do.

    That is so where the ConfigMap has enableGatewayApi: true. A route of your own goes on as it was, beside them. A
    service that is kept inside the cluster has none of KServe's.
    """
    if mode(subject) != STANDARD or _others(subject) or kept_inside(subject):
        return
    for path, entry, canary in canaries(subject):
        name, share = text(canary.spec, "name"), integer(entry, "trafficPercent")
        if not name or not share:
            continue
        own = leads_to(subject.index, predictor_service(subject.document.name, name), subject.document.namespace)
        was = "only your own route splits; KServe's hosts lead to the stable model" if own else "it gets no request"
        both = ", and keep the weights of your route equal to it else" if own else ""
        yield Hit((*path, "trafficPercent"), {"name": name, "share": share, "was": was, "both": both})


def _others(subject: Subject) -> str:
    """The component that stands before the predictor; empty where there is none."""
    _, *others = components(subject)
    return others[0].name if others else ""


@rule(
    id="KSV471",
    name="canary-begins-to-pass-a-transformer",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="no route of KServe's leads to the canary",
        after="the predictor's own host splits, and what goes through the {component} either isn't split, or a part of "
        "it goes past the {component}",
    ),
    message="beside a {component} the canary {name} is split with the upgrade in a manner that nobody wants",
    fix="Set trafficPercent: 0, and split with two InferenceServices and an HTTPRoute of your own.",
    source=ROUTES,
    bad=CANARY.replace(
        "  canary:", "  transformer:\n    containers: [{name: kserve-container, image: example/prepare:1}]\n  canary:"
    ),
    good=PARKED,
)
def canary_begins_to_pass_a_transformer(subject: Subject) -> Iterator[Hit]:
    """Canary backends stand in the predictor's rules; those of a transformer or an explainer know one Service alone."""
    component = "" if kept_inside(subject) else _others(subject)
    for path, entry, canary in canaries(subject) if component and mode(subject) == STANDARD else ():
        if integer(entry, "trafficPercent"):
            values = {"name": text(canary.spec, "name") or "", "component": component}
            yield Hit((*path, "trafficPercent"), values)


@rule(
    id="KSV472",
    name="route-loses-the-predictor-s-name",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"predictor"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the predictor's HTTPRoute and its host are named {service}-{name}-predictor",
        after="they are named {service}-predictor; the old HTTPRoute stays and leads its host to the old Service as "
        "long as that is there",
    ),
    message="with the upgrade the predictor's own route and host no longer have '{name}' in their name",
    fix="Tell those who call the predictor's own host, and delete the HTTPRoute {service}-{name}-predictor afterwards.",
    source=ROUTES,
    bad=NAMED,
    good=NAMED.replace("    name: first\n", ""),
)
def route_loses_the_predictor_s_name(subject: Subject) -> Iterator[Hit]:
    """Deployment and Service keep the name, and so does the service's own host, without "predictor" in it.

    So from 0.21 on a promotion changes no host any more. It is so with Gateway API alone.
    """
    predictor, *_ = components(subject)
    name = text(predictor.spec, "name")
    if name and mode(subject) in (STANDARD, None) and not kept_inside(subject):
        yield hit("spec", "predictor", "name", name=name, service=subject.document.name)


@rule(
    id="KSV473",
    name="stable-keeps-its-pods-beside-a-canary",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    meaning=Meaning(
        before="the stable predictor's minReplicas {replicas} is lowered by the canaries' pods at once",
        after="it's lowered by the pods of canaries that are ready, so that a start takes more pods than before",
    ),
    message="with the upgrade the stable predictor keeps its {replicas} pods until the canary is ready",
    fix="See that there's room for the pods of both; a minReplicas that was raised to make up for it can go back.",
    source=PREDICTOR,
    bad=PARKED.replace("  predictor:\n    model", "  predictor:\n    minReplicas: 2\n    model", 1),
    good=PARKED,
)
def stable_keeps_its_pods_beside_a_canary(subject: Subject) -> Iterator[Hit]:
    """In 0.20 capacity fell before the canary had a pod, and stayed low where the canary never came up."""
    predictor, *_ = components(subject)
    replicas = integer(predictor.spec, "minReplicas") or 1
    if replicas > 1 and canaries(subject):
        yield hit("spec", "predictor", "minReplicas", replicas=replicas)
