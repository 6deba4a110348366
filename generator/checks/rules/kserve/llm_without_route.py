"""Parts of an LLMInferenceService's router that wait for a route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.llm import LLM_SERVICE, there, with_spec
from generator.checks.rules.kserve.llm_whole import whole
from generator.checks.rules.kserve.spec import V0_16, V0_20
from generator.checks.subject import mapping
from generator.schemas.kinds import HTTP_ROUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

ROUTER = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha2/llmisvc/router.go")
GOOD = with_spec("  router: {gateway: {}, route: {}, scheduler: {}}\n")


@rule(
    id="KSV508",
    name="llm-scheduler-without-route",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"scheduler"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the scheduler has no route, so no gateway ever takes its InferencePool: the service doesn't get ready",
    fix="Add router.route: {{}}, or remove the scheduler.",
    source=ROUTER,
    bad=GOOD.replace("route: {}, ", ""),
    good=GOOD,
)
def llm_scheduler_without_route(subject: Subject) -> Iterator[Hit]:
    """A gateway says of an InferencePool that it takes it when a route leads there; readiness waits for that word.

    Since 0.20 only gateways of the service's own routes count. Before, an HTTPRoute of the user's that leads to the
    pool was enough, so nothing is said where the given files have one.
    """
    spec = whole(subject)
    router = mapping(spec, "router")
    if not there(router, "scheduler") or there(router, "route") or there(router, "ingress"):
        return
    own = subject.release is not None and subject.release < V0_20 and HTTP_ROUTE in subject.index.by_kind
    if not own and there(mapping(subject.data, "spec", "router"), "scheduler"):
        yield hit("spec", "router", "scheduler", on_key=True)


@rule(
    id="KSV509",
    name="llm-gateway-without-route",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"gateway"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a gateway without a route leads nowhere: KServe makes no HTTPRoute, so only the cluster gets there",
    fix="Add router.route: {{}}, or remove the gateway.",
    source=ROUTER,
    bad=GOOD.replace("route: {}, scheduler: {}", ""),
    good=GOOD,
)
def llm_gateway_without_route(subject: Subject) -> Iterator[Hit]:
    """`router.gateway` says to which gateways the route is attached, and isn't a wish for one."""
    spec = whole(subject)
    router = mapping(spec, "router")
    if any(there(router, field) for field in ("route", "scheduler", "ingress")) or spec is None:
        return
    if there(mapping(subject.data, "spec", "router"), "gateway") and HTTP_ROUTE not in subject.index.by_kind:
        yield hit("spec", "router", "gateway", on_key=True)
