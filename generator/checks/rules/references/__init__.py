"""References from one object of the given set to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import Kind
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index
    from generator.documents import Document, Path

GATEWAY = "gateway.networking.k8s.io"
HTTP_ROUTE = Kind(GATEWAY, "HTTPRoute")
ROUTES = (HTTP_ROUTE, Kind(GATEWAY, "GRPCRoute"))
VIRTUAL_SERVICE = Kind("networking.istio.io", "VirtualService")
SERVICE = Kind("", "Service")


class Backend(NamedTuple):
    """A Service that a route sends requests to.

    Attributes:
        path: Where it stands in the route.
        rule: The number of the route's rule.
        name: The Service's name.
        namespace: The Service's namespace; empty where neither backend nor route has one.
        weight: Its share within the rule; 1 where none is given.
    """

    path: Path
    rule: int
    name: str
    namespace: str
    weight: int


def backends(route: Document, data: Mapping[str, Any]) -> Iterator[Backend]:
    """The Services behind an HTTPRoute or GRPCRoute."""
    for number, rule in enumerate(sequence(data, "spec", "rules")):
        for index, backend in enumerate(sequence(rule, "backendRefs")):
            entry = mapping(backend)
            name = text(entry, "name")
            if name and entry.get("group", "") in ("", None) and entry.get("kind", "Service") in ("Service", None):
                weight = entry.get("weight")
                yield Backend(
                    path=("spec", "rules", number, "backendRefs", index),
                    rule=number,
                    name=name,
                    namespace=text(entry, "namespace") or route.namespace,
                    weight=weight if isinstance(weight, int) else 1,
                )


def leads_to(index: Index, service: str, namespace: str) -> bool:
    """Whether a route of the set names a Service: an HTTPRoute, a GRPCRoute or Istio's VirtualService."""
    for kind in ROUTES:
        for route in index.by_kind.get(kind, ()):
            for backend in backends(route, route.data):
                if backend.name == service and (
                    not namespace or not backend.namespace or backend.namespace == namespace
                ):
                    return True
    hosts = {service, *(f"{service}.{namespace}{tail}" for tail in ("", ".svc", ".svc.cluster.local"))}
    return any(
        text(entry, "destination", "host") in hosts
        for found in index.by_kind.get(VIRTUAL_SERVICE, ())
        for protocol in ("http", "tcp", "tls")
        for rule in sequence(found.data, "spec", protocol)
        for entry in sequence(rule, "route")
    )
