"""References from one namespace into another, which Gateway API lets through only where that one grants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.references import GATEWAY, ROUTES
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Path

OTHER_ROUTES = tuple(Kind(GATEWAY, name) for name in ("TCPRoute", "TLSRoute", "UDPRoute"))
GATEWAY_KIND = Kind(GATEWAY, "Gateway")
GRANT = Kind(GATEWAY, "ReferenceGrant")

_ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: digits, namespace: gateways}
spec:
  rules:
    - backendRefs: [{name: digits, namespace: models, port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: digits, namespace: models}
spec: {ports: [{port: 80}]}
"""
_GRANT = """---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: gateways, namespace: models}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: gateways}]
  to: [{group: "", kind: Service}]
"""


class Reference(NamedTuple):
    """A reference into another namespace.

    Attributes:
        path: Where it stands.
        kind: The kind that is referred to.
        name: The object's name.
        namespace: Its namespace.
    """

    path: Path
    kind: Kind
    name: str
    namespace: str


class Grant(NamedTuple):
    """What a ReferenceGrant of the set lets through.

    Attributes:
        namespace: Where it stands; empty where its file doesn't say.
        sources: Kinds and namespaces that may refer.
        targets: Kinds and names that may be referred to; an empty name for all.
    """

    namespace: str
    sources: frozenset[tuple[Kind, str]]
    targets: frozenset[tuple[Kind, str]]


@rule(
    id="REF023",
    name="reference-without-grant",
    product="gateway-api",
    kinds=(*ROUTES, *OTHER_ROUTES, GATEWAY_KIND),
    when=frozenset({"backendRefs", "backendRef", "certificateRefs"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no ReferenceGrant in the given files lets {kind} {name} of {namespace} be used from {own}",
    fix="Add one to {namespace}: from {source} in {own}, to {kind}.",
    source=Source("kubernetes-sigs/gateway-api", "v1.5.0", "apis/v1beta1/referencegrant_types.go"),
    bad=_ROUTE,
    good=_ROUTE + _GRANT,
)
def reference_without_grant(subject: Subject) -> Iterator[Hit]:
    """Without it the route's ResolvedRefs is False, RefNotPermitted, and the gateway answers 500.

    The owner of the other namespace says who may refer into it; the grant may be in the cluster already, so this is a
    note, unless the given files are all there is (--complete).
    """
    document, kind = subject.document, kind_of(subject.document)
    told = set()
    for one in _references(subject.data, ()):
        if not document.namespace or one.namespace == document.namespace or (one.kind, one.namespace) in told:
            continue
        if not any(_lets(grant, one, (kind, document.namespace)) for grant in subject.index.derive(grants)):
            told.add((one.kind, one.namespace))
            values = {"kind": one.kind.kind, "name": one.name, "namespace": one.namespace}
            yield Hit(one.path, {**values, "own": document.namespace, "source": kind.kind})


def _lets(grant: Grant, one: Reference, source: tuple[Kind, str]) -> bool:
    near = not grant.namespace or grant.namespace == one.namespace
    return near and source in grant.sources and not grant.targets.isdisjoint(((one.kind, ""), (one.kind, one.name)))


def grants(index: Index) -> list[Grant]:
    """The ReferenceGrants of the set."""
    return [
        Grant(
            one.namespace,
            frozenset((_kind(each), text(each, "namespace") or "") for each in sequence(one.data, "spec", "from")),
            frozenset((_kind(each), text(each, "name") or "") for each in sequence(one.data, "spec", "to")),
        )
        for one in index.by_kind.get(GRANT, ())
    ]


def _references(value: Any, path: Path) -> Iterator[Reference]:
    """All references that name a namespace: backends, mirrors among the filters, certificates."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key in ("backendRefs", "certificateRefs"):
                for number, one in enumerate(child if isinstance(child, list) else ()):
                    yield from _reference(mapping(one), (*path, key, number), key)
            elif key == "backendRef":
                yield from _reference(mapping(child), (*path, key), key)
            if isinstance(child, (dict, list)):
                yield from _references(child, (*path, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _references(child, (*path, number))


def _reference(one: Mapping[str, Any], path: Path, key: str) -> Iterator[Reference]:
    namespace, name = text(one, "namespace"), text(one, "name")
    if namespace and name:
        usual = "Secret" if key == "certificateRefs" else "Service"
        kind = Kind(text(one, "group") or "", text(one, "kind") or usual)
        yield Reference((*path, "namespace"), kind, name, namespace)


def _kind(value: object) -> Kind:
    return Kind(text(value, "group") or "", text(value, "kind") or "")
