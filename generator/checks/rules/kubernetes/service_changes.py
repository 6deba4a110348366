"""What can't be changed in a Service that is there.

Source: ``ValidateServiceUpdate`` in ``pkg/apis/core/validation/validation.go`` of Kubernetes, and what
``pkg/registry/core/service/storage`` fills in from the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import integer
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.schemas import Version

_HEADLESS = "None"
_ON_NODES = ("NodePort", "LoadBalancer")


def type_of(spec: Mapping[str, Any]) -> str:
    """The type of a Service."""
    return text(spec, "type") or "ClusterIP"


def service_spec(subject: Subject) -> Mapping[str, Any]:
    """A Service as the API server validates it.

    An update that says no address keeps the old one; of what the new type has no use for, only what the update changes
    is left.
    """
    return subject.derive(_service_spec)


def _service_spec(subject: Subject) -> Mapping[str, Any]:
    spec, before = mapping(subject.data, "spec"), subject.index.before(subject.document)
    if before is None:
        return spec
    was = mapping(before.data, "spec")
    found = {name: value for name, value in spec.items() if not _is_of_no_use(name, spec, was)}
    if "ExternalName" not in (type_of(spec), type_of(was)):
        found |= {name: was[name] for name in ("clusterIP", "clusterIPs") if was.get(name) and not spec.get(name)}
    if type_of(was) in _ON_NODES and type_of(spec) not in _ON_NODES and _node_ports(spec) <= _node_ports(was):
        ports = sequence(spec, "ports")
        found["ports"] = [{**port, "nodePort": None} if isinstance(port, dict) else port for port in ports]
    return found


def _is_of_no_use(name: str, spec: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    """Whether a field was of use to the old type, is of none to the new one, and stays as it was."""
    kinds = type_of(was), type_of(spec)
    if name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        left = kinds[0] != "ExternalName" and kinds[1] == "ExternalName"
    elif name in ("loadBalancerClass", "allocateLoadBalancerNodePorts"):
        left = kinds[0] == "LoadBalancer" != kinds[1]
    elif name == "externalTrafficPolicy":
        left = _from_outside(was) and not _from_outside(spec)
    elif name == "healthCheckNodePort":
        left = _checked(was) and not _checked(spec)
    else:
        return False
    defaults = {"allocateLoadBalancerNodePorts": True, "externalTrafficPolicy": "Cluster"}
    had = was.get(name)
    return left and spec[name] == (defaults.get(name) if had in (None, "") else had)


def _from_outside(spec: Mapping[str, Any]) -> bool:
    return type_of(spec) in _ON_NODES or (type_of(spec) == "ClusterIP" and bool(sequence(spec, "externalIPs")))


def _checked(spec: Mapping[str, Any]) -> bool:
    """Whether a port of the nodes says if they have pods of the Service."""
    return type_of(spec) == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _node_ports(spec: Mapping[str, Any]) -> set[int]:
    return {number for port in sequence(spec, "ports") if (number := integer(port, "nodePort"))}


def service(new: Mapping[str, Any], old: Mapping[str, Any], _: Version | None) -> Iterator[Path]:
    """The fields of a Service that change and can't.

    An address that the file never had is the server's own choice: to write another one is refused too, but nobody can
    tell; only that it isn't None.
    """
    spec, was = mapping(new, "spec"), mapping(old, "spec")
    kinds = type_of(spec), type_of(was)
    if kinds == ("LoadBalancer", "LoadBalancer"):
        if (spec.get("loadBalancerClass") or None) != (was.get("loadBalancerClass") or None):
            yield ("spec", "loadBalancerClass")
        number, before = (one.get("healthCheckNodePort") or 0 for one in (spec, was))
        if number and before and number != before and _checked(spec) and _checked(was):
            yield ("spec", "healthCheckNodePort")
    if "ExternalName" not in kinds:
        yield from _addresses(spec, was)


def _addresses(spec: Mapping[str, Any], was: Mapping[str, Any]) -> Iterator[Path]:
    wanted, had = _ips(spec), _ips(was)
    if not wanted:
        return
    if not had:
        if _HEADLESS in wanted:
            yield ("spec", "clusterIP" if spec.get("clusterIP") else "clusterIPs")
        return
    if wanted[0] != had[0]:
        yield ("spec", "clusterIP" if spec.get("clusterIP") else "clusterIPs")
    elif len(wanted) == len(had) > 1 and wanted != had:
        yield ("spec", "clusterIPs")
    families, before = sequence(spec, "ipFamilies"), sequence(was, "ipFamilies")
    both = families and before and _HEADLESS not in (wanted[0], had[0])
    if both and (families[0] != before[0] or (len(families) == len(before) and list(families) != list(before))):
        yield ("spec", "ipFamilies")
    fewer = len(wanted) < len(had) and "clusterIPs" in spec
    if fewer and spec.get("ipFamilyPolicy") != "SingleStack":
        yield ("spec", "ipFamilyPolicy")


def _ips(spec: Mapping[str, Any]) -> list[Any]:
    found = [one for one in sequence(spec, "clusterIPs") if one]
    return found or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
