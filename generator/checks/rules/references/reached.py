"""Which Services a route reaches, whatever kind of route it is, and which Services the set has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.children import called
from generator.checks.rules.references import GATEWAY, ROUTES, services
from generator.checks.rules.references.workloads import by_name
from generator.checks.subject import integer, kind_of, mapping, may_be_in, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import INGRESS, KNATIVE_SERVICE, SERVICE, VIRTUAL_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Document, Path

STREAMS = tuple(Kind(GATEWAY, name) for name in ("TCPRoute", "TLSRoute", "UDPRoute"))
DESTINATION_RULE = Kind("networking.istio.io", "DestinationRule")
REACHING = (*ROUTES, *STREAMS, VIRTUAL_SERVICE, DESTINATION_RULE, INGRESS)
KEYS = frozenset(("backendRefs", "backendRef", "destination", "host", "backend", "defaultBackend"))
"""Keys of which one stands in each route that reaches a Service."""


class Reached(NamedTuple):
    """A Service that a route names.

    Attributes:
        path: Where the name stands.
        name: The Service's name.
        namespace: Its namespace; empty where neither the route nor the reference says one.
        port: The port that is asked for, a number or a name; None where none is.
        port_path: Where the port stands.
    """

    path: Path
    name: str
    namespace: str
    port: int | str | None = None
    port_path: Path = ()


def reached(document: Document, data: Mapping[str, Any]) -> Iterator[Reached]:
    """The Services that a route of any kind names; hosts outside the cluster are none."""
    kind = kind_of(document)
    if kind == INGRESS:
        yield from _by_ingress(document, data)
    elif kind == VIRTUAL_SERVICE:
        yield from _by_istio(document, data)
    elif kind == DESTINATION_RULE:
        yield from _host(document, text(data, "spec", "host"), ("spec", "host"), None, ())
    else:
        yield from _by_gateway(document, mapping(data, "spec"), ("spec",))


def _by_gateway(document: Document, value: Any, path: Path) -> Iterator[Reached]:
    """Backends, and mirrors among the filters, at any depth."""
    if isinstance(value, list):
        for number, child in enumerate(value):
            yield from _by_gateway(document, child, (*path, number))
    elif isinstance(value, dict):
        for key, child in value.items():
            if key == "backendRefs":
                for number, one in enumerate(child if isinstance(child, list) else ()):
                    yield from _backend(document, one, (*path, key, number))
            elif key == "backendRef":
                yield from _backend(document, child, (*path, key))
            if isinstance(child, (dict, list)):
                yield from _by_gateway(document, child, (*path, key))


def _backend(document: Document, one: object, path: Path) -> Iterator[Reached]:
    name, group, kind = text(one, "name"), text(one, "group") or "", text(one, "kind") or "Service"
    if name and (group, kind) == ("", "Service"):
        namespace = text(one, "namespace") or document.namespace
        yield Reached((*path, "name"), name, namespace, integer(one, "port"), (*path, "port"))


def _by_ingress(document: Document, data: Mapping[str, Any]) -> Iterator[Reached]:
    spec = mapping(data, "spec")
    places: list[Path] = [("defaultBackend",)]
    for number, entry in enumerate(sequence(spec, "rules")):
        places += [
            ("rules", number, "http", "paths", index, "backend")
            for index, _ in enumerate(sequence(entry, "http", "paths"))
        ]
    for place in places:
        found = mapping(spec, *place, "service")
        name = text(found, "name")
        if name:
            asked: int | str | None = integer(found, "port", "number")
            field = "number" if asked is not None else "name"
            asked = text(found, "port", "name") if asked is None else asked
            path = ("spec", *place, "service")
            yield Reached((*path, "name"), name, document.namespace, asked, (*path, "port", field))


def _by_istio(document: Document, data: Mapping[str, Any]) -> Iterator[Reached]:
    for protocol in ("http", "tcp", "tls"):
        for number, entry in enumerate(sequence(data, "spec", protocol)):
            path: Path = ("spec", protocol, number)
            places = [(*path, "route", index, "destination") for index, _ in enumerate(sequence(entry, "route"))]
            places += [(*path, "mirrors", index, "destination") for index, _ in enumerate(sequence(entry, "mirrors"))]
            for place in (*places, (*path, "mirror")):
                port = integer(data, *place, "port", "number")
                host = text(data, *place, "host")
                yield from _host(document, host, (*place, "host"), port, (*place, "port", "number"))


def _host(document: Document, host: str | None, path: Path, port: int | None, port_path: Path) -> Iterator[Reached]:
    """The Service of a host: a name alone, or the long form. Istio takes all between for addresses of other places."""
    if host is None:
        return
    name, dot, rest = host.partition(".")
    namespace, tail = rest.partition(".")[::2]
    if name and "*" not in name and (not dot or (namespace and f".{tail}" in (".svc", ".svc.cluster.local"))):
        yield Reached(path, name, namespace or document.namespace, port, port_path)


def there(subject: Subject, name: str, namespace: str) -> bool:
    """Whether the set has a Service, or an object of which one is made."""
    known = may_be_in(subject.index.derive(services).get(name, ()), namespace)
    return known or any(True for _ in _made(subject, name, namespace))


def ports(subject: Subject, name: str, namespace: str) -> list[Mapping[str, Any]] | None:
    """The ports of a Service of the set; None where it isn't there, or where what makes it says no ports.

    Of several by the same name none is known to be the one.
    """
    own: list[Mapping[str, Any]] = [one.data for one in by_name(subject.index, SERVICE, name, namespace)]
    own = own or [data for kind, data in _made(subject, name, namespace) if kind == SERVICE]
    if len(own) != 1 or text(own[0], "spec", "type") == "ExternalName":
        return None
    return [one for one in sequence(own[0], "spec", "ports") if isinstance(one, dict)]


def _made(subject: Subject, name: str, namespace: str) -> Iterator[tuple[Kind, Mapping[str, Any]]]:
    for kind in (SERVICE, KNATIVE_SERVICE):
        for made in called(subject.index, subject.beside, kind, name, namespace):
            yield kind, made.child.data
