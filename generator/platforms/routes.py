"""The way in: one route that does with the traffic what the plan says, through Gateway API or Istio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms import gateway_api, istio
from generator.platforms.base import Composition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.platforms.backends import Backend
    from generator.platforms.base import Objection
    from generator.service import Service


def compose(plan: Plan, backends: Mapping[str, Backend]) -> Composition:
    """The route of a service; nothing where the service has no gateway.

    Args:
        plan: The plan; its traffic is what the route does.
        backends: Variant to the Service that leads to it, for every variant that the traffic names.
    """
    gateway = plan.service.gateway
    if gateway is None:
        return Composition(())
    make = istio.compose if gateway.api == "istio" else gateway_api.compose
    return make(plan, gateway, backends) + Composition((), (), tuple(_sticky(plan)))


def _sticky(plan: Plan) -> Iterator[str]:
    """What a cookie of the gateway's keeps, and what it doesn't: Envoy Gateway 1.9.1 names an address in it."""
    if plan.traffic.sticky:
        yield (
            f"{plan.service.name}: the cookie {plan.traffic.sticky} keeps a client with one pod, and so with its "
            "variant while that pod lives; when it goes, the gateway chooses anew. strategy.ab.match keeps a client "
            "with its variant for good."
        )


def notes(plan: Plan, canaries: Iterable[str]) -> Iterator[str]:
    """What a route doesn't wait for, when a canary gets its first share.

    Args:
        plan: The plan.
        canaries: What the canaries' pods are known by.
    """
    canary = plan.service.strategy.canary
    names = ", ".join(canaries)
    if canary and canary.step == 1 and names:
        yield (
            f"{plan.service.name}: requests for {names} are lost until its pods are ready: apply "
            "strategy.canary.step 0 first, and step 1 when they are."
        )
    most = max((share.replicas for share in plan.shares[1:]), default=0)
    if canary and canary.step <= 1 and names and plan.service.replicas.max and most > 1:
        # Kubernetes' controllers alike: a Deployment without replicas has one pod until an autoscaler looks.
        yield (
            f"{plan.service.name}: {names} is ready with its first pod, and the autoscaler makes {most} of it at its "
            "next look: wait for that number before step 1."
        )


def alone(plan: Plan) -> Iterator[str]:
    """What a release that serves alone means where objects are named after releases, and another serves today."""
    canary, service = plan.service.strategy.canary, plan.service
    if canary is None or len(plan.shares) > 1 or service.gateway is None:
        return
    here = plan.stable.files
    told = f"release {here.version}" if here.version is not None else here.id
    yield (
        f"{service.name}: what serves is named after {told}. Where that doesn't run yet, as after a promotion of "
        f"another one, all requests would go to pods that aren't there. Go in steps: 1. '{canary.stable}' the release "
        f"that serves, '{canary.variant}' {told}, step: 0; apply, and wait until its pods are ready. 2. step: "
        f"{len(canary.steps)}; apply. 3. What is rendered here."
    )


def objections(service: Service, *, shares: bool = True) -> Iterator[Objection]:
    """What the gateway that is named can't do.

    Args:
        service: The service.
        shares: Whether the route shares the traffic out; where the platform does, the route leads to one place only.
    """
    if service.gateway:
        asked = istio.objections if service.gateway.api == "istio" else gateway_api.objections
        yield from asked(service, service.gateway, shares=shares)
