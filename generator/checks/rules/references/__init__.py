"""References from one object of the given set to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.outcome.kserve.names import EXPLAINER, TRANSFORMER, component, predictor_service
from generator.reading.kind import Kind
from generator.schemas.kinds import HTTP_ROUTE, INFERENCE_SERVICE, SERVICE, VIRTUAL_SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.checks.subject import Index
    from generator.reading.documents import Document, Path

GATEWAY = "gateway.networking.k8s.io"
ROUTES = (HTTP_ROUTE, Kind(GATEWAY, "GRPCRoute"))


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


def routed(index: Index) -> Mapping[str, frozenset[str]]:
    """The Services that HTTPRoutes and GRPCRoutes of the set name, each with the namespaces that it may be in."""
    found: dict[str, set[str]] = {}
    for route in (route for kind in ROUTES for route in index.by_kind.get(kind, ())):
        for backend in backends(route, route.data):
            found.setdefault(backend.name, set()).add(backend.namespace)
    return {name: frozenset(namespaces) for name, namespaces in found.items()}


def destinations(index: Index) -> frozenset[str]:
    """The hosts that Istio's VirtualServices of the set send requests to."""
    hosts = (
        text(entry, "destination", "host")
        for found in index.by_kind.get(VIRTUAL_SERVICE, ())
        for protocol in ("http", "tcp", "tls")
        for rule in sequence(found.data, "spec", protocol)
        for entry in sequence(rule, "route")
    )
    return frozenset(host for host in hosts if host)


def leads_to(index: Index, service: str, namespace: str) -> bool:
    """Whether a route of the set names a Service: an HTTPRoute, a GRPCRoute or a VirtualService."""
    if may_be_in(index.derive(routed).get(service, ()), namespace):
        return True
    long = (f"{service}.{namespace}{tail}" for tail in ("", ".svc", ".svc.cluster.local"))
    return any(host in index.derive(destinations) for host in (service, *long))


def namespaces(documents: Iterable[Document]) -> Mapping[str, set[str]]:
    """The names of objects of one kind, each with the namespaces that it is in."""
    found: dict[str, set[str]] = {}
    for one in documents:
        found.setdefault(one.name, set()).add(one.namespace)
    return found


def services(index: Index) -> Mapping[str, set[str]]:
    """The Services of the set, and those that KServe makes for its InferenceServices, with their namespaces."""
    return made_by(lambda kind: index.by_kind.get(kind, ()))


def made_by(of: Callable[[Kind], Iterable[Document]]) -> Mapping[str, set[str]]:
    """The Services that objects are or stand for, with their namespaces.

    Args:
        of: Gives the objects of a kind.
    """
    found: dict[str, set[str]] = {}
    for service in of(SERVICE):
        found.setdefault(service.name, set()).add(service.namespace)
    for owner in of(INFERENCE_SERVICE):
        for name in _made(owner):
            found.setdefault(name, set()).add(owner.namespace)
    return found


def earlier_of(index: Index, kind: Kind) -> Iterator[Document]:
    """The objects of a kind as they were before the change."""
    return (each for (of, _), documents in index.earlier.items() if of == kind for each in documents)


def _made(service: Document) -> Iterator[str]:
    """The Services that KServe makes for an InferenceService."""
    name = service.name
    spec = mapping(service.data, "spec")
    own = text(spec, "predictor", "name")
    yield predictor_service(name, own or "")
    yield from (component(name, part) for part in (TRANSFORMER, EXPLAINER) if isinstance(spec.get(part), dict))
    for entry in sequence(spec, "canary"):
        canary = text(entry, "predictor", "name")
        if canary:
            yield predictor_service(name, canary)
    yield name
