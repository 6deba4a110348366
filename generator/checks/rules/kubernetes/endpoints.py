"""Addresses behind Services that have no selector, written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import CORE, items, refusal, said, source
from generator.checks.rules.kubernetes.services import reachable
from generator.checks.rules.kubernetes.syntax import (
    LABEL,
    address,
    is_address,
    is_label,
    is_label_value,
    is_port,
    is_qualified,
    is_subdomain,
)
from generator.checks.rules.kubernetes.words import PROTOCOLS
from generator.checks.subject import sequence, text
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

ENDPOINTS = Kind("", "Endpoints")
SLICE = Kind("discovery.k8s.io", "EndpointSlice")
_NODE_HINTS = (1, 34)
_MOST_ZONES, _MOST_NODES = 8, 8
_MOST = {"endpoints": 1000, "addresses": 100, "ports": 20000}
EXAMPLE = """
apiVersion: v1
kind: Endpoints
metadata:
  name: store
subsets:
  - addresses: [{ip: 192.0.2.10}]
    ports: [{port: 9000}]
"""
SLICE_EXAMPLE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: store-1
  labels: {kubernetes.io/service-name: store}
addressType: IPv4
endpoints:
  - addresses: [192.0.2.10]
ports: [{port: 9000}]
"""


def _names(entry: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for field, check in (("hostname", is_label), ("nodeName", is_subdomain)):
        name = entry.get(field)
        if isinstance(name, str) and not check(name) and (name or path[-2] == "endpoints" or field == "nodeName"):
            yield said((*path, field), f"'{name}' can't be a {field}", f"Use {LABEL}.")


def _common_port(port: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    name, protocol, application = text(port, "name") or "", text(port, "protocol") or "TCP", port.get("appProtocol")
    if name and not is_label(name):
        yield said((*place, "name"), f"a port can't have the name '{name}'", f"Use {LABEL}.")
    if protocol not in PROTOCOLS:
        yield said((*place, "protocol"), f"'{protocol}' is no protocol of a port", "Write TCP, UDP or SCTP.")
    if isinstance(application, str) and not is_qualified(application):
        yield said((*place, "appProtocol"), f"'{application}' is no protocol's name", "Write for example http.")


@refusal(
    id="K8S121",
    name="endpoints",
    kinds=(ENDPOINTS,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace("192.0.2.10", "127.0.0.1"),
    good=EXAMPLE,
)
def endpoints(subject: Subject) -> Iterable[Hit]:
    """A subset has addresses, none of them the node's own or local to its link.

    And ports with numbers, which have names where there are several.
    """
    for place, subset in items(subject.data, (), "subsets"):
        fields = ("addresses", "notReadyAddresses")
        if not any(sequence(subset, field) for field in fields):
            yield said(place, "a subset has no address", "Add addresses.")
        for field in fields:
            for at, entry in items(subset, place, field):
                ip = text(entry, "ip") or ""
                if not is_address(ip, subject.release) or not reachable(ip):
                    yield said((*at, "ip"), f"'{ip}' can't be the address of an endpoint", "Write another address.")
                yield from _names(entry, at)
        ports = list(items(subset, place, "ports"))
        for at, port in ports:
            if len(ports) > 1 and not text(port, "name"):
                yield said((*at, "name"), "one of several ports has no name", "Add a name.")
            if not is_port(port.get("port") or 0):
                yield said((*at, "port"), "a port has no number from 1 to 65535", "Write one.")
            yield from _common_port(port, at)


@refusal(
    id="K8S122",
    name="endpoint-slice",
    kinds=(SLICE,),
    message="{problem}",
    fix="{advice}",
    source=source("pkg/apis/discovery/validation/validation.go"),
    bad=SLICE_EXAMPLE.replace("addressType: IPv4\n", ""),
    good=SLICE_EXAMPLE,
)
def endpoint_slice(subject: Subject) -> Iterable[Hit]:
    """A slice says of which type its addresses are, and each of them is of that type; names of ports differ."""
    kind = text(subject.data, "addressType") or ""
    if kind not in ("IPv4", "IPv6", "FQDN"):
        yield said(("addressType",), f"'{kind}' is no type of an address", "Write IPv4, IPv6 or FQDN.")
    for field in ("endpoints", "ports"):
        if len(sequence(subject.data, field)) > _MOST[field]:
            yield said((field,), f"there are more than {_MOST[field]} {field}", "Make several slices.", on_key=True)
    for place, entry in items(subject.data, (), "endpoints"):
        given = sequence(entry, "addresses")
        if not 1 <= len(given) <= _MOST["addresses"]:
            yield said((*place, "addresses"), f"an endpoint has {len(given)} addresses", "Give it 1 to 100.")
        for index, one in enumerate(given):
            if not _fits(subject, kind, one or ""):
                yield said(
                    (*place, "addresses", index), f"'{one or ''}' is no address of type {kind}", "Write another."
                )
        yield from _names(entry, place)
        yield from _hints(subject, entry, place)
    yield from _ports(subject)


def _ports(subject: Subject) -> Iterator[Hit]:
    names: set[str] = set()
    for place, port in items(subject.data, (), "ports"):
        name = text(port, "name") or ""
        if name in names:
            yield said((*place, "name"), f"two ports have the name '{name}'", "Rename one of them.")
        names.add(name)
        yield from _common_port(port, place)
        if port.get("protocol") == "":
            yield said((*place, "protocol"), "the protocol is empty", "Write TCP, or remove the field.")


def _hints(subject: Subject, entry: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """For which zones and nodes an endpoint is meant; until 1.34 the server dropped the nodes unread."""
    read = subject.release is None or subject.release >= _NODE_HINTS
    for field, fits, most in (("forZones", is_label_value, _MOST_ZONES), ("forNodes", is_subdomain, _MOST_NODES)):
        given = list(items(entry, path, "hints", field)) if read or field == "forZones" else []
        if len(given) > most:
            yield said((*path, "hints", field), f"there are more than {most} {field}", "Name fewer.", on_key=True)
            return
        seen: set[str] = set()
        for place, hint in given:
            name = text(hint, "name") or ""
            if name in seen or not fits(name):
                yield said((*place, "name"), f"'{name}' is wrong in {field}, or stands twice", "Write a name, once.")
            seen.add(name)


def _fits(subject: Subject, kind: str, text_: str) -> bool:
    if kind == "FQDN":
        name = text_.removesuffix(".")
        return is_subdomain(name) and "." in name and all(is_label(part) for part in name.split("."))
    if kind not in ("IPv4", "IPv6"):
        return True
    found = address(text_)
    if found is None or f"IPv{found.version}" != kind or not reachable(text_):
        return False
    if kind == "IPv6":
        return str(found) == text_ and is_address(text_, None)
    return is_address(text_, subject.release)
