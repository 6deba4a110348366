"""The way to the pods: Services, and the NetworkPolicy.

``<service>`` is there under every strategy and leads to the variant that serves today, so clients in the cluster and
dashboards have one address for ever. It knows nothing of shares: who is to be part of a canary or a test calls the
gateway's host. A route leads to Services of the variants' own, whose names no promotion changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.plan.plan import Role
from generator.platforms.backends import Backend
from generator.platforms.base import GATEWAY
from generator.platforms.fragments import listed
from generator.platforms.kubernetes.workload import Workload, labels, sheet
from generator.platforms.labels import preview_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.platforms.base import Sheet
    from generator.service import Service

PORTS: Mapping[str, int] = {"http": 80, "grpc": 9000}
"""Ports of the Services: the same for every model server, so that another one changes no client."""
GRPC = "kubernetes.io/h2c"
"""What tells a gateway to speak HTTP/2 with the pods: Gateway API, GEP-1911."""


def services(plan: Plan, made: tuple[Workload, ...], way: str) -> list[Sheet]:
    """The Service that is the service's address, and those that the strategy needs besides."""
    result = [_service(plan.service, plan.service.name, made[0])]
    own = {each.name: each for each in made} if own_services(plan, way) else {}
    preview = preview_name(plan.service)
    # A variant may be called preview, and its own Service is what the route leads to, whichever part it has today.
    result += [_service(plan.service, preview, each) for each in made if _is_preview(each) and preview not in own]
    return result + [_service(plan.service, name, each) for name, each in own.items()]


def own_services(plan: Plan, way: str) -> bool:
    """Whether each variant has a Service of its own, for a route that chooses between them."""
    return plan.service.strategy.name != "rolling" and way == GATEWAY


def _is_preview(made: Workload) -> bool:
    return made.share.role is Role.PREVIEW


def backends(plan: Plan, made: tuple[Workload, ...], way: str) -> dict[str, Backend]:
    """Where a route leads to, by variant."""
    if own_services(plan, way):
        return {each.share.variant: Backend(each.name, _number(each.port, each)) for each in made}
    return {
        each.share.variant: Backend(
            preview_name(plan.service) if _is_preview(each) else plan.service.name, _number(each.port, each)
        )
        for each in made
    }


def _number(port: str, made: Workload) -> int:
    """A port's number on the Services; one that only a container of the user's own has keeps its own."""
    if port == next(iter(made.run.ports)) and port not in PORTS:
        return PORTS["http"]
    return PORTS.get(port, made.run.ports[port])


def _service(service: Service, name: str, made: Workload) -> Sheet:
    ports: list[dict[str, Any]] = []
    for port in made.run.ports:
        if port != "metrics" or port == made.port:  # scraped from the pods themselves
            more = {"appProtocol": GRPC} if port == "grpc" else {}
            ports.append({"name": port, "port": _number(port, made), "protocol": "TCP", "targetPort": port, **more})
    return sheet(service, "service", "Service", name, {"selector": made.served, "ports": ports})


def policy(service: Service, made: Iterable[Workload]) -> list[Sheet]:
    """The NetworkPolicy, where one is asked for: what isn't a port of the server's can't be reached.

    It isn't there unasked, since it would cut off what else comes into the pods: the tunnel of a mesh, its metrics.
    Where the pods themselves go stays open: the store and DNS are names, which a NetworkPolicy doesn't know.
    """
    network = service.network
    if network is None:
        return []
    open_ports = sorted({number for each in made for number in _listened(each)})
    rule: dict[str, Any] = {"ports": [{"port": port, "protocol": "TCP"} for port in open_ports]}
    if network.callers:
        rule = {"from": list(network.callers), **rule}
    rules = [rule]
    if network.ports:
        rules.append({"ports": [{"port": port, "protocol": "TCP"} for port in network.ports]})
    context = {"selector": labels(service), "ingress": rules}
    return [sheet(service, "networkpolicy", "NetworkPolicy", service.name, context)]


def notes(service: Service, made: tuple[Workload, ...]) -> Iterator[str]:
    """What the person who renders should know."""
    if service.gateway is None and made[0].port == "grpc":
        yield f"{service.name}: clients speak gRPC with port {PORTS['grpc']} of the Service {service.name}."


def _listened(made: Workload) -> Iterable[int]:
    """Every port of the container, the user's own too."""
    for each in listed(made.container["ports"]):
        if isinstance(each.get("containerPort"), int):
            yield each["containerPort"]
