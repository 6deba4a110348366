"""What the person who renders for Core 2 should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms.seldon_core_2 import scaling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.service import Service


def notes(plan: Plan, called: Mapping[str, str], *, routed: bool) -> Iterator[str]:
    """A sentence each."""
    service = plan.service
    name, replicas = service.name, service.replicas
    if plan.promoted:
        beside = called[plan.promoted.variant]
        yield (
            f"{name}: '{plan.stable.variant}' and '{plan.promoted.variant}' are both release "
            f"{plan.stable.files.version}. The Model {beside} has it loaded and gets all requests while "
            f"{service.model_name} loads it; when that one is Ready, set strategy.canary.step to 0."
        )
    else:
        yield from plan.notes
    if routed and service.strategy.canary and service.strategy.canary.step == 1:
        beside = ", ".join(called[share.variant] for share in plan.shares[1:])
        yield (
            f"{name}: behind a gateway a Model that isn't loaded yet answers its share of the requests with errors: "
            f"apply step 0 first, and step 1 when {beside} is Ready."
        )
    most = max(replicas.max or 0, scaling.most_at_start(service))
    if most > 1 and not service.server.config:
        yield (
            f"{name}: {most} replicas of a Model need a Server of as many; those of the chart have 1. "
            "With server.config the service gets one of its own."
        )
    if service.store and service.store.endpoint:
        yield (
            f"{name}: store.endpoint isn't rendered: the agent takes it from the Secret of the store "
            "(parameters.endpoint), for which access.secret stands."
        )
    if service.model.protocol == "grpc-v2":
        yield f"{name}: Core 2 answers gRPC and HTTP at one address; model.protocol changes nothing that is rendered."
    yield from _shared(service)


def _shared(service: Service) -> Iterator[str]:
    """What other platforms render of the file and Core 2 doesn't, since its Models share the pods of a Server."""
    name, metric = service.name, service.replicas.metric
    if not service.server.config:
        for key, there in (
            ("resources", bool(service.resources.mapping)),
            ("serviceAccount", service.service_account is not None),
        ):
            if there:
                yield (
                    f"{name}: {key} isn't rendered: Models run in the pods of a Server, which has its own. With "
                    "server.config the service gets a Server that takes them."
                )
    if metric and metric != scaling.PROMETHEUS:
        query = f'sum(rate(seldon_model_infer_total{{model="{service.model_name}"}}[1m]))'
        yield (
            f"{name}: replicas.metric: {metric} isn't rendered: between min and max Core 2 scales a Model by the "
            f"requests that wait. To scale by their number: metric: prometheus, with query: {query}"
        )
