"""Ports of containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Stage, hit, rule
from generator.checks.rules.kubernetes.examples import container, pod
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, containers, items, keys, refusal, said
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.syntax import is_port, is_port_name
from generator.checks.rules.kubernetes.words import PROTOCOLS
from generator.checks.subject import kind_of, text
from generator.schemas.kinds import POD
from generator.schemas.products import KUBERNETES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

PORT_NAME = "up to 15 lower-case letters, digits and single hyphens inside, one of them a letter"
GOOD = container("ports: [{name: http, containerPort: 8080}]")
_PROXY = """        - name: proxy
          image: models/proxy:1.0
          ports: [{containerPort: %s}]
"""


@refusal(
    id="K8S060",
    name="container-port",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("ports: [{name: http, containerPort: 80800}]"),
    good=GOOD,
    when=keys("ports"),
)
def container_port(subject: Subject) -> Iterable[Hit]:
    """A port is a number from 1 to 65535, its protocol TCP, UDP or SCTP, and its name short enough for DNS."""
    for one in containers(subject):
        for place, port in items(one.spec, one.path, "ports"):
            for field in ("containerPort", "hostPort"):
                number = port.get(field) or 0
                if not is_port(number) and (number or field == "containerPort"):
                    problem = f"a port can't have the number {number}" if number else "a port has no containerPort"
                    yield said((*place, field), problem, "Write a number from 1 to 65535.")
            protocol, name = text(port, "protocol") or "TCP", text(port, "name") or ""
            if protocol not in PROTOCOLS:
                yield said((*place, "protocol"), f"'{protocol}' is no protocol of a port", "Write TCP, UDP or SCTP.")
            if name and not is_port_name(name):
                yield said((*place, "name"), f"a port can't have the name '{name}'", f"Use {PORT_NAME}.")


@refusal(
    id="K8S061",
    name="port-twice",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=container("ports: [{name: http, containerPort: 8080}, {name: http, containerPort: 8081}]"),
    good=GOOD,
    when=keys("ports"),
)
def port_twice(subject: Subject) -> Iterable[Hit]:
    """Probes and Services ask for a port by its name, so a container has each name once.

    And a port of the node can be given to one container only. The same containerPort twice is fine.
    """
    taken: set[tuple[object, ...]] = set()
    for one in containers(subject):
        names: set[str] = set()
        if one.list == "initContainers":
            taken = set()
        for place, port in items(one.spec, one.path, "ports"):
            name = text(port, "name") or ""
            if name and name in names:
                yield said((*place, "name"), f"two ports have the name '{name}'", "Rename one of them.")
            names.add(name)
            number = port.get("hostPort") or 0
            key = (text(port, "protocol") or "TCP", text(port, "hostIP") or "", number)
            if number and key in taken:
                yield said((*place, "hostPort"), f"the node's port {number} is asked for twice", "Change one of them.")
            taken.add(key)


@refusal(
    id="K8S062",
    name="host-port-differs",
    kinds=POD_KINDS,
    message="with hostNetwork the hostPort is the containerPort, not {port}",
    fix="Remove hostPort, or write {wanted}.",
    source=CORE,
    bad=pod("hostNetwork: true").replace(
        "          image: models/server:1.0\n",
        "          image: models/server:1.0\n          ports: [{containerPort: 8080, hostPort: 80}]\n",
    ),
    good=pod("hostNetwork: true"),
    when=keys("hostNetwork"),
)
def host_port_differs(subject: Subject) -> Iterable[Hit]:
    """A pod on the node's own network has the node's ports; there is nothing to map."""
    found = pod_of(subject)
    if found.spec.get("hostNetwork") is not True:
        return
    alone = kind_of(subject.document) == POD
    for one in containers(subject):
        if one.list == "containers":
            for place, port in items(one.spec, one.path, "ports"):
                given, wanted = port.get("hostPort") or 0, port.get("containerPort") or 0
                if given != wanted and (given or (alone and not wanted)):
                    yield hit(*place, "hostPort", port=given, wanted=wanted)


@rule(
    id="K8S140",
    name="port-of-two-containers",
    product=KUBERNETES,
    kinds=POD_KINDS,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the containers {first} and {second} both have the port {port}, and a pod has one of each: the later one "
    "can't listen",
    fix="Have {second} listen on another port, and write that.",
    source=CORE,
    bad=GOOD + _PROXY % 8080,
    good=GOOD + _PROXY % 8081,
    when=keys("ports"),
)
def port_of_two_containers(subject: Subject) -> Iterable[Hit]:
    """The containers of a pod share its network, so the second to start finds the address in use and crashes.

    Nothing refuses it: a list of ports is for people and for Services.
    """
    taken: dict[tuple[str, object], str] = {}
    for one in containers(subject):
        if one.list == "initContainers" and text(one.spec, "restartPolicy") != "Always":
            continue  # it is gone before the others start
        name = text(one.spec, "name") or ""
        for place, port in items(one.spec, one.path, "ports"):
            key = (text(port, "protocol") or "TCP", port.get("containerPort"))
            first = taken.setdefault(key, name)
            if key[1] and first != name:
                yield hit(*place, "containerPort", first=first, second=name, port=key[1])
