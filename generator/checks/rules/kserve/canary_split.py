"""Canaries of KServe 0.21, whose own routes carry the weights: where they do, and where they don't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.canary import GOOD
from generator.checks.rules.kserve.changed_in_0_21 import CANARY, ROUTES
from generator.checks.rules.kserve.spec import V0_21, canaries, components, kept_inside
from generator.checks.rules.references import leads_to
from generator.checks.subject import integer, text
from generator.outcome.kserve.names import predictor_service
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

TRANSFORMER = "  transformer:\n    containers: [{name: kserve-container, image: example/prepare:1}]\n"


def _shares(subject: Subject) -> Iterator[tuple[Path, str, int]]:
    """Place, name and share of each canary that is to get requests."""
    for path, entry, canary in canaries(subject):
        share = integer(entry, "trafficPercent")
        if share:
            yield (*path, "trafficPercent"), text(canary.spec, "name") or "", share


@rule(
    id="KSV464",
    name="canary-behind-a-transformer",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe doesn't split what goes through the {component}, so the canary {name} doesn't get its {share} %",
    fix="Split with two InferenceServices and an HTTPRoute of your own, or leave the {component} out.",
    source=ROUTES,
    bad=CANARY + TRANSFORMER,
    good=CANARY,
)
def canary_behind_a_transformer(subject: Subject) -> Iterator[Hit]:
    """A transformer or explainer calls the stable predictor's Service, which has no weights.

    The predictor's own route splits. By how the release was built, a part of the requests may go past the component.
    """
    _, *others = components(subject)
    for path, name, share in _shares(subject) if others else ():
        yield Hit(path, {"component": others[0].name, "name": name, "share": share})


@rule(
    id="KSV465",
    name="canary-needs-gateway-api",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="KServe gives the canary {name} its {share} % only where its ConfigMap has enableGatewayApi: true, which "
    "no manifest shows",
    fix="Look at inferenceservice-config; with Ingress or Istio lead an HTTPRoute of your own to {service}.",
    source=ROUTES,
    bad=CANARY,
    good=GOOD,
)
def canary_needs_gateway_api(subject: Subject) -> Iterator[Hit]:
    """The ConfigMap that ships says false. Without it the canary's pods run and get no request, as in 0.20.

    Nothing is said where a route of the given files leads to the canary. One that is kept inside the cluster
    gets none of KServe's routes (REF001).
    """
    _, *others = components(subject)
    for path, name, share in _shares(subject) if not (others or kept_inside(subject)) else ():
        service = predictor_service(subject.document.name, name)
        if not leads_to(subject.index, service, subject.document.namespace):
            yield Hit(path, {"name": name, "share": share, "service": service})


@rule(
    id="KSV466",
    name="canary-split-in-two-places",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the canary {name} is split by a route of yours and, with enableGatewayApi: true, by KServe's own as well",
    fix="Keep trafficPercent equal to your weight; while the canary isn't ready yours answers its share with errors.",
    source=ROUTES,
    bad=GOOD,
    good=CANARY,
)
def canary_split_in_two_places(subject: Subject) -> Iterator[Hit]:
    """Two ways in, each with weights of its own: who calls KServe's hosts sees KServe's.

    KServe waits until the canary is ready; an HTTPRoute of yours doesn't.
    """
    for path, name, _ in () if kept_inside(subject) else _shares(subject):
        if leads_to(subject.index, predictor_service(subject.document.name, name), subject.document.namespace):
            yield Hit(path, {"name": name})
