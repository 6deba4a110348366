"""LLMInferenceServices: how requests find them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.llm import HUB, LLM_SERVICE, OLD, is_hub, there, with_spec
from generator.checks.rules.kserve.spec import V0_16, V0_17, V0_18, V0_20
from generator.checks.subject import integer, mapping, reach, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

ROUTER = ("spec", "router")
ROUTE = (*ROUTER, "route")
HTTP = (*ROUTE, "http")
GATEWAY = (*ROUTER, "gateway")


@rule(
    id="KSV400",
    name="llm-route-refs-beside-spec",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"http"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the route has refs to HTTPRoutes and a spec of its own; KServe takes one of the two",
    fix="Remove refs, or remove spec.",
    source=HUB,
    bad=with_spec("  router: {route: {http: {refs: [{name: chat}], spec: {hostnames: [chat.example.com]}}}}\n"),
    good=with_spec("  router: {route: {http: {spec: {hostnames: [chat.example.com]}}}}\n"),
)
def llm_route_refs_beside_spec(subject: Subject) -> Iterator[Hit]:
    """With refs the route is yours and KServe writes none; with spec KServe writes it."""
    http = mapping(subject.data, *HTTP)
    if sequence(http, "refs") and there(http, "spec"):
        yield hit(*HTTP, on_key=True)


@rule(
    id="KSV401",
    name="llm-route-refs-with-managed-gateway",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"gateway"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the HTTPRoutes are yours and the gateway is KServe's, which it refuses",
    fix="Name your gateway in router.gateway.refs, or remove router.gateway.",
    source=HUB,
    bad=with_spec("  router: {gateway: {}, route: {http: {refs: [{name: chat}]}}}\n"),
    good=with_spec(
        "  router: {gateway: {refs: [{name: models, namespace: gateways}]}, route: {http: {refs: [{name: chat}]}}}\n"
    ),
)
def llm_route_refs_with_managed_gateway(subject: Subject) -> Iterator[Hit]:
    """A route of your own names its gateway itself, so KServe's would stand there without any."""
    managed = isinstance(reach(subject.data, *GATEWAY), dict) and not sequence(subject.data, *GATEWAY, "refs")
    if managed and sequence(subject.data, *HTTP, "refs"):
        yield hit(*HTTP, "refs")


@rule(
    id="KSV402",
    name="llm-route-parents-against-gateway",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"gateway"}),
    since=V0_16,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{what}, and the gateways are named in router.gateway.refs; KServe refuses both together",
    fix="Remove {remove}: KServe makes the route's parents of router.gateway.refs.",
    source=HUB,
    bad=with_spec(
        "  router:\n"
        "    gateway: {refs: [{name: models, namespace: gateways}]}\n"
        "    route: {http: {spec: {parentRefs: [{name: public, namespace: gateways}]}}}\n"
    ),
    good=with_spec(
        "  router:\n"
        "    gateway: {refs: [{name: models, namespace: gateways}]}\n"
        "    route: {http: {spec: {parentRefs: [{name: models, namespace: gateways}]}}}\n"
    ),
)
def llm_route_parents_against_gateway(subject: Subject) -> Iterator[Hit]:
    """What each version takes differs.

    v1alpha2 takes parents that are the gateways, in any order; v1alpha1 takes no parents; and 0.16 took no spec of the
    route at all beside gateways of one's own.
    """
    spec, gateways = reach(subject.data, *HTTP, "spec"), sequence(subject.data, *GATEWAY, "refs")
    if not isinstance(spec, dict) or not gateways:
        return
    release, parents = subject.release or V0_20, sequence(spec, "parentRefs")
    if release < V0_17:
        yield hit(*HTTP, "spec", on_key=True, what="the route has a spec", remove="route.http.spec")
        return
    same = _keys(parents, sections=release >= V0_18) == _keys(gateways, sections=release >= V0_18)
    if parents and not (is_hub(subject) and same):
        what = "the route's parents are not the gateways" if is_hub(subject) else "the route has parents"
        yield hit(*HTTP, "spec", "parentRefs", on_key=True, what=what, remove="parentRefs")


def _keys(references: list[Any], *, sections: bool) -> list[tuple[str, str, str]]:
    """What tells gateways apart: their sections only since 0.18."""
    return sorted(
        (text(one, "namespace") or "", text(one, "name") or "", (text(one, "sectionName") or "") if sections else "")
        for one in references
    )


@rule(
    id="KSV403",
    name="llm-own-gateway-with-managed-route",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"gateway"}),
    since=V0_16,
    until=V0_17,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the gateway is yours and the route is KServe's (route: {{}}), which KServe 0.16 refuses",
    fix="Name your HTTPRoutes in router.route.http.refs, or remove router.gateway.refs.",
    source=OLD,
    bad=with_spec(
        "  router: {gateway: {refs: [{name: models, namespace: gateways}]}, route: {}}\n", version="v1alpha1"
    ),
    good=with_spec("  router: {gateway: {}, route: {}}\n", version="v1alpha1"),
)
def llm_own_gateway_with_managed_route(subject: Subject) -> Iterator[Hit]:
    """Only since 0.17 does KServe make its route's parents of the gateways that are named."""
    route, refs = reach(subject.data, *ROUTE), reach(subject.data, *GATEWAY, "refs")
    if isinstance(route, dict) and not there(route, "http") and isinstance(refs, list):
        yield hit(*GATEWAY, "refs")


@rule(
    id="KSV420",
    name="llm-half-a-traffic-split",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"group", "weight"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the route has a {has} and no {missing}; a share of traffic needs both",
    fix="Add {missing}, or remove {has}.",
    source=HUB,
    bad=with_spec("  router: {route: {http: {}, weight: 10}}\n"),
    good=with_spec("  router: {route: {http: {}, group: chat, weight: 10}}\n"),
)
def llm_half_a_traffic_split(subject: Subject) -> Iterator[Hit]:
    """Services of one group share its requests by their weights: the group says among whom, the weight how much."""
    group, weight = _split(subject)
    if group != weight and not _ingress(subject):
        has, missing = ("group", "weight") if group else ("weight", "group")
        yield hit(*ROUTE, has, on_key=True, has=has, missing=missing)


def _split(subject: Subject) -> tuple[bool, bool]:
    route = mapping(subject.data, *ROUTE)
    return text(route, "group") is not None, integer(route, "weight") is not None


def _ingress(subject: Subject) -> bool:
    return isinstance(reach(subject.data, *ROUTER, "ingress"), dict)


@rule(
    id="KSV421",
    name="llm-traffic-split-with-ingress",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"ingress"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="traffic is split by HTTPRoutes, and this service has an Ingress",
    fix="Remove router.ingress, or remove group and weight.",
    source=HUB,
    bad=with_spec("  router: {ingress: {}, route: {group: chat, weight: 10}}\n"),
    good=with_spec("  router: {gateway: {}, route: {group: chat, weight: 10}}\n"),
)
def llm_traffic_split_with_ingress(subject: Subject) -> Iterator[Hit]:
    """An Ingress has no weights."""
    if any(_split(subject)) and _ingress(subject):
        yield hit(*ROUTER, "ingress", on_key=True)


@rule(
    id="KSV422",
    name="llm-traffic-split-with-own-routes",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"group"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe splits traffic in routes that it writes, and this route is yours",
    fix="Remove route.http.refs, or remove group and weight and put the weights into your HTTPRoute.",
    source=HUB,
    bad=with_spec("  router: {route: {group: chat, weight: 10, http: {refs: [{name: chat}]}}}\n"),
    good=with_spec("  router: {route: {group: chat, weight: 10, http: {}}}\n"),
)
def llm_traffic_split_with_own_routes(subject: Subject) -> Iterator[Hit]:
    """A route that refs name is never written by KServe, so nobody would put the weights there."""
    if all(_split(subject)) and not _ingress(subject) and sequence(subject.data, *HTTP, "refs"):
        yield hit(*HTTP, "refs")
