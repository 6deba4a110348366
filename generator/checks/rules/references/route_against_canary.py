"""A route whose weights are not the shares that the InferenceService names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.canary import GOOD
from generator.checks.rules.references import backends
from generator.checks.subject import integer, mapping, may_be_in, reach, sequence, text
from generator.outcome.kserve.names import predictor_service
from generator.schemas.kinds import HTTP_ROUTE, INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.references import Backend
    from generator.checks.subject import Index, Subject

ROUNDING = 0.5
"""Percent that whole weights can't express."""


@rule(
    id="REF002",
    name="route-against-canary",
    product="gateway-api",
    kinds=(HTTP_ROUTE,),
    when=frozenset({"backendRefs"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="this route gives {service} {flows} % of the traffic, and the InferenceService {owner} says {wished} %",
    fix="Set the weights to {wished} for {service} and to the rest for the others, or change trafficPercent.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1/httproute_types.go"),
    bad=GOOD.replace("weight: 90", "weight: 50").replace("weight: 10", "weight: 50"),
    good=GOOD,
)
def route_against_canary(subject: Subject) -> Iterator[Hit]:
    """KServe 0.20 doesn't look at the route, and the route doesn't look at KServe: the weights are what flows.

    Whoever reads trafficPercent, a person or a dashboard, believes something else. Rules that match headers or query
    parameters are for some requests only and are left alone.
    """
    found = list(backends(subject.document, subject.data))
    for number, entry in enumerate(sequence(subject.data, "spec", "rules")):
        picky = any(reach(match, field) for match in sequence(entry, "matches") for field in ("headers", "queryParams"))
        if not picky:
            yield from _contradictions(subject, [backend for backend in found if backend.rule == number])


def _contradictions(subject: Subject, found: list[Backend]) -> Iterator[Hit]:
    total = sum(backend.weight for backend in found)
    if len(found) < 2 or total <= 0:  # noqa: PLR2004 (a split has two sides)
        return
    for backend in found:
        flows = 100 * backend.weight / total
        for wish in subject.index.derive(wishes).get(backend.name, ()):
            if may_be_in([wish.namespace], backend.namespace) and abs(flows - wish.share) > ROUNDING:
                values = {"service": backend.name, "flows": f"{flows:g}", "owner": wish.owner, "wished": wish.share}
                path = (*backend.path, "weight") if "weight" in mapping(subject.data, *backend.path) else backend.path
                yield Hit(path, values)


class Wish(NamedTuple):
    """The share that an InferenceService names for a canary."""

    owner: str
    namespace: str
    share: int


def wishes(index: Index) -> Mapping[str, list[Wish]]:
    """What the InferenceServices of the set wish, by the Services of their canaries.

    A service that names more than 100 % is refused, so its wishes count for nothing.
    """
    found: dict[str, list[Wish]] = {}
    for service in index.by_kind.get(INFERENCE_SERVICE, ()):
        canaries = sequence(service.data, "spec", "canary")
        if sum(integer(entry, "trafficPercent") or 0 for entry in canaries) > 100:  # noqa: PLR2004 (percent)
            continue
        for entry in canaries:
            share = 0 if reach(entry, "trafficPercent") is None else integer(entry, "trafficPercent")
            own = text(entry, "predictor", "name")
            if share is None or not own:
                continue  # no number, or no name: refused, so it wishes nothing
            name = predictor_service(service.name, own)
            wish = Wish(service.name, service.namespace, share)
            found.setdefault(name, []).append(wish)
    return found
