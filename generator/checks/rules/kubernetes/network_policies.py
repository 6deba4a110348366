"""NetworkPolicies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import NETWORKING, integer, items, keys, present, refusal, said
from generator.checks.rules.kubernetes.syntax import (
    is_cidr,
    is_port,
    is_port_name,
    network,
)
from generator.checks.rules.kubernetes.words import PROTOCOLS
from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import NETWORK_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

POLICY_EXAMPLE = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: digits
spec:
  podSelector: {matchLabels: {app: digits}}
  ingress:
    - from: [{namespaceSelector: {matchLabels: {name: gateways}}}]
      ports: [{port: 8080}]
"""


def _sides(subject: Subject) -> Iterator[tuple[Path, Mapping[str, Any], str]]:
    """The rules of both directions, and where their peers stand."""
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for place, rule in items(subject.data, (), "spec", direction):
            yield place, rule, side


@refusal(
    id="K8S104",
    name="policy-port",
    kinds=(NETWORK_POLICY,),
    message="{problem}",
    fix="{advice}",
    source=NETWORKING,
    bad=POLICY_EXAMPLE.replace("{port: 8080}", "{port: http, endPort: 8090}"),
    good=POLICY_EXAMPLE,
    when=keys("ports"),
)
def policy_port(subject: Subject) -> Iterable[Hit]:
    """A port is a number, or a name of a port of the pods; a range has a number at both ends."""
    for path, rule, _ in _sides(subject):
        for place, entry in items(rule, path, "ports"):
            protocol, port, end = entry.get("protocol"), entry.get("port"), integer(entry, "endPort")
            if isinstance(protocol, str) and protocol not in PROTOCOLS:
                yield said((*place, "protocol"), f"'{protocol}' is no protocol", "Write TCP, UDP or SCTP.")
            if isinstance(port, str) and not is_port_name(port):
                yield said((*place, "port"), f"'{port}' can't be the name of a port", "Write a number or a name.")
            elif port is not None and not isinstance(port, str) and not is_port(port):
                yield said((*place, "port"), f"{port} is no port", "Write a number from 1 to 65535.")
            if end is not None:
                if port is None or isinstance(port, str):
                    yield said(
                        (*place, "endPort"),
                        "a range needs a number as its port",
                        "Add port, the first number of the range; or remove endPort.",
                        on_key=True,
                    )
                elif not is_port(end) or end < port:
                    yield said((*place, "endPort"), f"the range ends at {end}", "Write port to 65535.")


@refusal(
    id="K8S105",
    name="policy-peer",
    kinds=(NETWORK_POLICY,),
    message="{problem}",
    fix="{advice}",
    source=NETWORKING,
    bad=POLICY_EXAMPLE.replace("{namespaceSelector: {matchLabels: {name: gateways}}}", "{ipBlock: {cidr: 10.0.0.1/8}}"),
    good=POLICY_EXAMPLE.replace(
        "{namespaceSelector: {matchLabels: {name: gateways}}}", "{ipBlock: {cidr: 10.0.0.0/8}}"
    ),
    when=keys("from", "to", "policyTypes"),
)
def policy_peer(subject: Subject) -> Iterable[Hit]:
    """A peer is chosen by selectors or by a range of addresses, not by both; what is excepted lies inside of the range.

    Since Kubernetes 1.36 a range has no bits beyond its prefix.
    """
    for path, rule, side in _sides(subject):
        for place, peer in items(rule, path, side):
            given = [name for name in ("podSelector", "namespaceSelector", "ipBlock") if present(peer, name)]
            if not given:
                yield said(place, "a peer chooses nothing", "Add podSelector, namespaceSelector or ipBlock.")
            elif "ipBlock" in given and len(given) > 1:
                yield said(place, "a peer has ipBlock and a selector", "Make two peers of it.")
            if "ipBlock" in given:
                yield from _block(subject, mapping(peer, "ipBlock"), (*place, "ipBlock"))
    types = sequence(subject.data, "spec", "policyTypes")
    for index, name in enumerate(types):
        if name not in ("Ingress", "Egress") or len(types) > 2:  # noqa: PLR2004 (there are two)
            path = ("spec", "policyTypes", index)
            yield said(path, f"'{name or ''}' is no policy type, or one too many", "Write Ingress and Egress.")


def _block(subject: Subject, block: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    cidr = text(block, "cidr") or ""
    if not is_cidr(cidr, subject.release):
        problem = f"'{cidr}' is no range of addresses" if cidr else "there is no range of addresses"
        yield said((*path, "cidr"), problem, "Write for example 10.0.0.0/8.")
    whole = network(cidr)
    if whole is None:
        return
    for index, entry in enumerate(sequence(block, "except")):
        inner = network(entry or "")
        inside = (
            inner is not None
            and inner.version == whole.version
            and inner.prefixlen > whole.prefixlen
            and inner.network_address in whole
        )
        if not is_cidr(entry or "", subject.release) or not inside:
            yield said(
                (*path, "except", index), f"'{entry or ''}' is no part of {cidr}", "Write a smaller range in it."
            )
