"""Ingresses and their classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import NETWORKING, items, keys, present, refusal, said
from generator.checks.rules.kubernetes.syntax import (
    SUBDOMAIN,
    address,
    is_dns_1035,
    is_label,
    is_path_segment,
    is_port,
    is_port_name,
    is_prefixed_path,
    is_subdomain,
    is_wildcard,
)
from generator.checks.subject import mapping, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import INGRESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

INGRESS_CLASS = Kind("networking.k8s.io", "IngressClass")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_CONTROLLER = 250
_RELAXED = (1, 36)
INGRESS_EXAMPLE = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: digits
spec:
  rules:
    - host: digits.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: digits, port: {number: 80}}}
"""


def _paths(subject: Subject) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for place, rule in items(subject.data, (), "spec", "rules"):
        yield from items(rule, place, "http", "paths")


@refusal(
    id="K8S106",
    name="ingress-path",
    kinds=(INGRESS,),
    message="{problem}",
    fix="{advice}",
    source=NETWORKING,
    bad=INGRESS_EXAMPLE.replace("            pathType: Prefix\n", ""),
    good=INGRESS_EXAMPLE,
    when=keys("http"),
)
def ingress_path(subject: Subject) -> Iterable[Hit]:
    """Each path says how it is compared: Exact, Prefix or ImplementationSpecific.

    It starts with a slash and has no detours.
    """
    for place, rule in items(subject.data, (), "spec", "rules"):
        if isinstance(rule.get("http"), dict) and not sequence(rule, "http", "paths"):
            yield said((*place, "http", "paths"), "the rule has no path", "Add one.")
    for place, entry in _paths(subject):
        kind, path = entry.get("pathType"), text(entry, "path") or ""
        if kind is None:
            yield said((*place, "pathType"), "the path has no pathType", "Add pathType: Prefix.")
        elif kind not in ("Exact", "Prefix", "ImplementationSpecific"):
            advice = "Write Exact, Prefix or ImplementationSpecific."
            yield said((*place, "pathType"), f"'{kind}' is no pathType", advice)
        elif not path.startswith("/") and (path or kind != "ImplementationSpecific"):
            yield said((*place, "path"), f"the path '{path}' does not start with '/'", "Start it with '/'.")
        elif kind != "ImplementationSpecific" and (
            any(part in path for part in _BAD_PARTS) or path.endswith(("/..", "/."))
        ):
            yield said(
                (*place, "path"), f"the path '{path}' has a detour", "Write it without '//', './', '..' and '%2f'."
            )


@refusal(
    id="K8S107",
    name="ingress-backend",
    kinds=(INGRESS,),
    message="{problem}",
    fix="{advice}",
    source=NETWORKING,
    bad=INGRESS_EXAMPLE.replace("{name: digits, port: {number: 80}}", "{name: digits}"),
    good=INGRESS_EXAMPLE,
)
def ingress_backend(subject: Subject) -> Iterable[Hit]:
    """An Ingress leads somewhere: to a Service and one of its ports, by number or by name, or to another resource."""
    spec = mapping(subject.data, "spec")
    if not sequence(spec, "rules") and not present(spec, "defaultBackend"):
        yield said(("spec", "rules"), "the Ingress leads nowhere", "Add rules, or a defaultBackend.")
    if present(spec, "defaultBackend"):
        yield from _backend(subject, mapping(spec, "defaultBackend"), ("spec", "defaultBackend"))
    for place, entry in _paths(subject):
        if entry.get("pathType") is not None:
            yield from _backend(subject, mapping(entry, "backend"), (*place, "backend"))


def _backend(subject: Subject, backend: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    if present(backend, "service") == present(backend, "resource"):
        yield said(path, "a backend is a service or a resource", "Give it exactly one of them.")
    elif present(backend, "resource"):
        yield from _resource(mapping(backend, "resource"), (*path, "resource"))
    else:
        strict = subject.release is not None and subject.release < _RELAXED
        name = text(backend, "service", "name") or ""
        if not (is_dns_1035 if strict else is_label)(name):
            yield said((*path, "service", "name"), f"no Service can have the name '{name}'", "Name a Service.")
        port, place = mapping(backend, "service", "port"), (*path, "service", "port")
        number, port_name = port.get("number") or 0, text(port, "name") or ""
        if bool(number) == bool(port_name):
            yield said(place, "a backend's port has a number or a name", "Give it exactly one of them.")
        elif number and not is_port(number):
            yield said((*place, "number"), f"{number} is no port", "Write a number from 1 to 65535.")
        elif port_name and not is_port_name(port_name):
            yield said((*place, "name"), f"'{port_name}' can't be the name of a port", "Write a port's name.")


def _resource(resource: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    group = resource.get("apiGroup")
    if isinstance(group, str) and not is_subdomain(group):
        yield said((*path, "apiGroup"), f"'{group}' can't be an API group", f"Use {SUBDOMAIN}.")
    for field in ("kind", "name"):
        value = text(resource, field) or ""
        if not value or not is_path_segment(value):
            yield said((*path, field), f"the reference has no {field} that there could be", f"Add {field}.")


@refusal(
    id="K8S108",
    name="ingress-host",
    kinds=(INGRESS,),
    message="{problem}",
    fix="{advice}",
    source=NETWORKING,
    bad=INGRESS_EXAMPLE.replace("digits.example.com", "digits.example.com:8080"),
    good=INGRESS_EXAMPLE,
    when=keys("host", "tls", "ingressClassName"),
)
def ingress_host(subject: Subject) -> Iterable[Hit]:
    """A host is a DNS name, with a wildcard as its first label at most; a port or an address is none.

    The old annotation and the class may differ in an Ingress that is there, never in a new one.
    """
    spec = mapping(subject.data, "spec")
    for place, rule in items(spec, ("spec",), "rules"):
        host = text(rule, "host") or ""
        if host and (address(host) is not None or not _is_host(host)):
            yield said((*place, "host"), f"'{host}' is no host name", f"Use {SUBDOMAIN}.")
    for place, entry in items(spec, ("spec",), "tls"):
        for index, host in enumerate(sequence(entry, "hosts")):
            if not _is_host(host or ""):
                yield said((*place, "hosts", index), f"'{host or ''}' is no host name", f"Use {SUBDOMAIN}.")
        secret = text(entry, "secretName") or ""
        if secret and not is_subdomain(secret):
            yield said((*place, "secretName"), f"no Secret can have the name '{secret}'", f"Use {SUBDOMAIN}.")
    name = spec.get("ingressClassName")
    if isinstance(name, str):
        annotated = text(subject.data, "metadata", "annotations", CLASS_ANNOTATION)
        if not is_subdomain(name):
            yield said(("spec", "ingressClassName"), f"no class can have the name '{name}'", f"Use {SUBDOMAIN}.")
        new = subject.index.before(subject.document) is None
        if new and annotated is not None and annotated != name:
            path = ("metadata", "annotations", CLASS_ANNOTATION)
            yield said(path, "the annotation names another class", "Remove the annotation.", on_key=True)


def _is_host(host: str) -> bool:
    return is_wildcard(host) if "*" in host else is_subdomain(host)


@refusal(
    id="K8S109",
    name="ingress-class",
    kinds=(INGRESS_CLASS,),
    message="{problem}",
    fix="{advice}",
    source=NETWORKING,
    bad="""
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: public}
spec: {controller: nginx}
""",
    good="""
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: public}
spec: {controller: k8s.io/ingress-nginx}
""",
)
def ingress_class(subject: Subject) -> Iterable[Hit]:
    """A class names its controller by a domain and a path.

    Parameters are of the cluster, or of a namespace that is named.
    """
    spec = mapping(subject.data, "spec")
    controller = text(spec, "controller") or ""
    if not is_prefixed_path(controller) or len(controller) > _CONTROLLER:
        advice = "Write for example k8s.io/ingress-nginx."
        yield said(("spec", "controller"), f"'{controller}' is no domain and path", advice)
    if not isinstance(spec.get("parameters"), dict):
        return
    parameters, path = mapping(spec, "parameters"), ("spec", "parameters")
    yield from _resource(parameters, path)
    scope = parameters.get("scope")
    if scope not in (None, "Cluster", "Namespace"):
        yield said((*path, "scope"), f"'{scope}' is no scope", "Write Cluster or Namespace.")
    elif (scope == "Namespace") != present(parameters, "namespace"):
        yield said((*path, "namespace"), "a namespace goes with scope: Namespace", "Set both, or neither.")
    elif scope == "Namespace" and not is_label(text(parameters, "namespace") or ""):
        yield said((*path, "namespace"), "this can't be a namespace", "Use a DNS label.")
