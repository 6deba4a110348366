"""Services."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.examples import SERVICE as EXAMPLE
from generator.checks.rules.kubernetes.examples import with_field
from generator.checks.rules.kubernetes.objects import CORE, integer, items, keys, refusal, said
from generator.checks.rules.kubernetes.selectors import label_faults
from generator.checks.rules.kubernetes.service_changes import service_spec, type_of
from generator.checks.rules.kubernetes.syntax import (
    LABEL,
    SUBDOMAIN,
    address,
    is_address,
    is_cidr,
    is_label,
    is_port,
    is_port_or_name,
    is_qualified,
    is_subdomain,
)
from generator.checks.rules.kubernetes.words import PROTOCOLS
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_LONGEST_AFFINITY = 86400
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("SingleStack", "PreferDualStack", "RequireDualStack")


def _headless(spec: Mapping[str, Any]) -> bool:
    several = sequence(spec, "clusterIPs") or [text(spec, "clusterIP")]
    return several == ["None"]


@refusal(
    id="K8S094",
    name="service-port",
    kinds=(SERVICE,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace("- {name: http, port: 80, targetPort: 8080}", "- {port: 80}\n    - {port: 8081}"),
    good=EXAMPLE,
)
def service_port(subject: Subject) -> Iterable[Hit]:
    """A Service has a port, unless it is headless or stands for an external name.

    Of several each has a name, so that others can ask for it; names, and numbers of one protocol, differ.
    """
    spec = service_spec(subject)
    ports = list(items(spec, ("spec",), "ports"))
    if not ports and not _headless(spec) and type_of(spec) != "ExternalName":
        yield said(("spec", "ports"), "the Service has no port", "Add ports.")
    names: set[str] = set()
    numbers: set[tuple[str, object]] = set()
    for place, port in ports:
        name, protocol = text(port, "name") or "", text(port, "protocol") or "TCP"
        number = port.get("port") or 0
        if not name and len(ports) > 1:
            yield said((*place, "name"), "one of several ports has no name", "Add a name.")
        elif name and not is_label(name):
            yield said((*place, "name"), f"a port can't have the name '{name}'", f"Use {LABEL}.")
        elif name and name in names:
            yield said((*place, "name"), f"two ports have the name '{name}'", "Rename one of them.")
        if (protocol, number) in numbers:
            yield said((*place, "port"), f"the port {number} stands twice", "Change one of them.")
        names.add(name)
        numbers.add((protocol, number))
        yield from _port(port, number, protocol, place)


def _port(port: Mapping[str, Any], number: object, protocol: str, place: Path) -> Iterator[Hit]:
    if not is_port(number):
        yield said((*place, "port"), f"a port can't have the number {number}", "Write a number from 1 to 65535.")
    if protocol not in PROTOCOLS:
        yield said((*place, "protocol"), f"'{protocol}' is no protocol of a port", "Write TCP, UDP or SCTP.")
    target = port.get("targetPort")
    if target not in (None, "", 0) and not is_port_or_name(target):
        yield said((*place, "targetPort"), f"'{target}' can't be a port", "Write a number, or the name of a port.")
    application = port.get("appProtocol")
    if isinstance(application, str) and not is_qualified(application):
        yield said((*place, "appProtocol"), f"'{application}' is no protocol's name", "Write for example http.")


@refusal(
    id="K8S095",
    name="service-type",
    kinds=(SERVICE,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=with_field(EXAMPLE, "type: LoadBalancer\n  clusterIP: None"),
    good=with_field(EXAMPLE, "clusterIP: None"),
    when=keys("type", "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "externalName"),
)
def service_type(subject: Subject) -> Iterable[Hit]:
    """A headless Service has no address, so nothing outside can be led to it.

    One of type ExternalName has a name and no address at all.
    """
    spec = service_spec(subject)
    kind = type_of(spec)
    if kind not in TYPES:
        yield said(("spec", "type"), f"'{kind}' is no type of a Service", f"Write {', '.join(TYPES)}.")
    if kind in ("NodePort", "LoadBalancer") and _headless(spec):
        yield said(("spec", "clusterIP"), f"a Service of type {kind} can't be headless", "Remove clusterIP: None.")
    if kind == "ExternalName":
        yield from _external(spec)
    else:
        yield from _addresses(subject, spec)
        yield from _families(spec)


def _external(spec: Mapping[str, Any]) -> Iterator[Hit]:
    name = (text(spec, "externalName") or "").removesuffix(".")
    if not is_subdomain(name):
        problem = f"'{name}' is no host name" if name else "a Service of type ExternalName has no externalName"
        yield said(("spec", "externalName"), problem, f"Use {SUBDOMAIN}.")
    for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(field) not in (None, "", []):
            yield said(("spec", field), f"a Service of type ExternalName has no {field}", "Remove it.", on_key=True)


def _addresses(subject: Subject, spec: Mapping[str, Any]) -> Iterator[Hit]:
    one, several = text(spec, "clusterIP") or "", [ip or "" for ip in sequence(spec, "clusterIPs")]
    if several and several[0] != one:
        yield said(("spec", "clusterIPs"), "the first of clusterIPs is not clusterIP", "Write it in both.", on_key=True)
    given = several or ([one] if one else [])
    for index, ip in enumerate(given):
        place = ("spec", "clusterIPs", index) if several else ("spec", "clusterIP")
        if ip == "None" and index == 0:
            if len(given) > 1:
                yield said(place, "None stands beside other addresses", "Keep None alone.")
        elif not is_address(ip, subject.release):
            yield said(place, f"'{ip}' is no IP address", "Write an IP address, None, or nothing.")
    found = [address(ip) for ip in given]
    if len(given) > 1 and all(found) and (len(given) > len(_FAMILIES) or found[0].version == found[1].version):  # type: ignore[union-attr]
        yield said(("spec", "clusterIPs"), "there are two addresses of one family", "Keep one of each.", on_key=True)
    for index, (ip, family) in enumerate(zip(found, sequence(spec, "ipFamilies"), strict=False)):
        if ip is not None and family in _FAMILIES and f"IPv{ip.version}" != family:
            yield said(("spec", "ipFamilies", index), f"{ip} is not {family}", "Make them agree.")


def _families(spec: Mapping[str, Any]) -> Iterator[Hit]:
    families, policy = sequence(spec, "ipFamilies"), spec.get("ipFamilyPolicy")
    for index, family in enumerate(families):
        if family not in _FAMILIES or family in families[:index]:
            yield said(
                ("spec", "ipFamilies", index), f"'{family or ''}' is wrong or twice", "Write IPv4 and IPv6, each once."
            )
    if isinstance(policy, str) and policy not in _FAMILY_POLICIES:
        yield said(("spec", "ipFamilyPolicy"), f"'{policy}' is no policy", f"Write {', '.join(_FAMILY_POLICIES)}.")
    alone = policy == "SingleStack" or (policy is None and (not _headless(spec) or bool(mapping(spec, "selector"))))
    if alone and (len(families) > 1 or len(sequence(spec, "clusterIPs")) > 1):
        yield said(("spec", "ipFamilyPolicy"), "two families need another policy", "Write PreferDualStack.")


@refusal(
    id="K8S096",
    name="service-setting",
    kinds=(SERVICE,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=with_field(EXAMPLE, "externalTrafficPolicy: Local"),
    good=with_field(EXAMPLE, "type: LoadBalancer\n  externalTrafficPolicy: Local"),
    when=keys(
        *("selector", "sessionAffinity", "externalIPs", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts"),
        *("loadBalancerClass", "externalTrafficPolicy", "internalTrafficPolicy", "trafficDistribution", _RANGES),
        *("healthCheckNodePort", "service.kubernetes.io/topology-mode"),
    ),
)
def service_setting(subject: Subject) -> Iterable[Hit]:
    """What a load balancer does can be set for a load balancer only, and policies are one of a few words."""
    spec = service_spec(subject)
    kind = type_of(spec)
    yield from label_faults(mapping(spec, "selector"), ("spec", "selector"))
    yield from _affinity(spec)
    yield from _outside(subject, spec, kind)
    for field, words in (
        ("internalTrafficPolicy", ("Cluster", "Local")),
        ("trafficDistribution", _distributions(subject)),
    ):
        value = spec.get(field)
        if isinstance(value, str) and words and value not in words:
            yield said(("spec", field), f"'{value}' is no {field}", f"Write {' or '.join(words)}.")
    annotations = mapping(subject.data, "metadata", "annotations")
    mode, hints = (annotations.get(f"service.kubernetes.io/topology-{name}") for name in ("mode", "aware-hints"))
    if mode is not None and hints is not None and mode != hints:
        path = ("metadata", "annotations", "service.kubernetes.io/topology-mode")
        yield said(path, "the two annotations on topology differ", "Remove the one on hints.")


def _distributions(subject: Subject) -> tuple[str, ...]:
    newer = subject.release is None or subject.release >= (1, 34)
    if subject.release is not None and subject.release < (1, 31):
        return ()
    return ("PreferClose", "PreferSameZone", "PreferSameNode") if newer else ("PreferClose",)


def _affinity(spec: Mapping[str, Any]) -> Iterator[Hit]:
    affinity = text(spec, "sessionAffinity") or "None"
    seconds = integer(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds")
    if affinity not in ("None", "ClientIP"):
        yield said(("spec", "sessionAffinity"), f"'{affinity}' is no affinity", "Write None or ClientIP.")
    elif affinity == "ClientIP" and seconds is not None and not 0 < seconds <= _LONGEST_AFFINITY:
        path = ("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
        yield said(path, f"{seconds} seconds are out of range", f"Write 1 to {_LONGEST_AFFINITY}.")


def _outside(subject: Subject, spec: Mapping[str, Any], kind: str) -> Iterator[Hit]:
    balanced = kind == "LoadBalancer"
    exposed = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(sequence(spec, "externalIPs")))
    policy = text(spec, "externalTrafficPolicy") or ""
    if policy and not exposed:
        advice = "Remove it, or write type: LoadBalancer."
        yield said(("spec", "externalTrafficPolicy"), "nothing outside reaches this Service", advice, on_key=True)
    elif policy not in ("", "Cluster", "Local"):
        yield said(("spec", "externalTrafficPolicy"), f"'{policy}' is no policy", "Write Cluster or Local.")
    for index, ip in enumerate(sequence(spec, "externalIPs")):
        if not is_address(ip or "", subject.release) or not reachable(ip or ""):
            yield said(("spec", "externalIPs", index), f"'{ip or ''}' can't be reached from outside", "Write another.")
    for field in ("allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"):
        if spec.get(field) not in (None, []) and not balanced:
            yield said(("spec", field), f"{field} is for the type LoadBalancer", "Remove it.", on_key=True)
    name = spec.get("loadBalancerClass")
    if isinstance(name, str) and balanced and not is_qualified(name):
        yield said(("spec", "loadBalancerClass"), f"'{name}' can't be a class", "Write name or prefix/name.")
    yield from _ranges(subject, spec, balanced=balanced)
    number = integer(spec, "healthCheckNodePort") or 0
    if number and not (balanced and policy == "Local"):
        yield said(("spec", "healthCheckNodePort"), "it needs LoadBalancer and Local", "Remove it.", on_key=True)
    elif number and not is_port(number):
        yield said(("spec", "healthCheckNodePort"), f"{number} is no port", "Write 1 to 65535, or remove it.")


def _ranges(subject: Subject, spec: Mapping[str, Any], *, balanced: bool) -> Iterator[Hit]:
    given = sequence(spec, "loadBalancerSourceRanges")
    for index, text_ in enumerate(given):
        if not is_cidr((text_ or "").strip(), subject.release):
            yield said(("spec", "loadBalancerSourceRanges", index), f"'{text_ or ''}' is no range", "Write 10.0.0.0/8.")
    annotation = mapping(subject.data, "metadata", "annotations").get(_RANGES)
    if isinstance(annotation, str) and not given:
        path = ("metadata", "annotations", _RANGES)
        if not balanced:
            yield said(path, "the annotation is for the type LoadBalancer", "Remove it.", on_key=True)
        ranges = annotation.strip().split(",") if annotation.strip() else []
        if not all(is_cidr(one.strip(), subject.release) for one in ranges):
            yield said(path, "the annotation holds no ranges of addresses", "Write 10.0.0.0/8,10.1.0.0/16.")


def reachable(ip: str) -> bool:
    """Whether others could send to an IP address: it is no node's own, and not of its link only."""
    found = address(ip)
    if found is None:
        return False
    link = str(found).startswith("224.0.0.") if isinstance(found, IPv4Address) else found.exploded.startswith("ff02")
    return not (found.is_unspecified or found.is_loopback or found.is_link_local or link)
