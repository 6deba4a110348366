"""Ports of the nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.rules.kubernetes.examples import SERVICE as EXAMPLE
from generator.checks.rules.kubernetes.examples import with_field
from generator.checks.rules.kubernetes.objects import CORE, items, keys, refusal, said
from generator.checks.rules.kubernetes.service_changes import service_spec, type_of
from generator.checks.subject import text
from generator.schemas.kinds import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject


NODE_PORTS = (30000, 32767)
"""The range of an API server that isn't told otherwise (``--service-node-port-range``)."""


@refusal(
    id="K8S097",
    name="node-port",
    kinds=(SERVICE,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace("targetPort: 8080", "nodePort: 30080"),
    good=with_field(EXAMPLE, "type: NodePort").replace("targetPort: 8080", "nodePort: 30080"),
    when=keys("nodePort"),
)
def node_port(subject: Subject) -> Iterable[Hit]:
    """A port of the nodes belongs to Services of type NodePort and LoadBalancer.

    Unless the API server was told otherwise, it lies between 30000 and 32767.
    """
    spec = service_spec(subject)
    seen: set[tuple[str, object]] = set()
    for place, port in items(spec, ("spec",), "ports"):
        number = port.get("nodePort") or 0
        if not number:
            continue
        path = (*place, "nodePort")
        key = (text(port, "protocol") or "TCP", number)
        if type_of(spec) == "ClusterIP":
            yield said(path, "a Service of type ClusterIP has no nodePort", "Remove it, or write type: NodePort.")
        elif type_of(spec) != "ExternalName" and not NODE_PORTS[0] <= number <= NODE_PORTS[1]:
            yield said(path, f"{number} is no port of the nodes", f"Write {NODE_PORTS[0]} to {NODE_PORTS[1]}.")
        if key in seen:
            yield said(path, f"the nodePort {number} stands twice", "Change one of them.")
        seen.add(key)
