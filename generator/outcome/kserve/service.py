"""The Services of a component in mode Standard.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/service/service_reconciler.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import container as containers
from generator.outcome.kserve import names
from generator.outcome.kserve.deployment import HTTP_PORT
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.part import Tree

PORT = 80
"""The port of every component's Service, whatever its container's."""
AGENT_PORT = 9081
"""Where the agent listens, which takes requests first where they are logged or batched."""
_WORKERS_FOUND = Version(0, 18)


def services(component: Component) -> Iterator[dict[str, Tree]]:
    """The Service of a component, and the headless ones of several nodes."""
    headless = component.settings.value("service", "serviceClusterIPNone") is True
    labels = dict(component.labels)
    spec: dict[str, Tree] = {"selector": {names.APP: component.app}, "ports": _ports(component)}
    if headless:
        spec["clusterIP"] = Part("None", component.settings.here("service"))
    yield _service(component, component.name, labels, spec)
    if component.nodes is None:
        return
    generation = component.labels[names.GENERATION_LABEL]
    head = names.head_service(component.name, value_of(generation))
    yield _headless(component, head, labels, "head", component.app)
    if component.release >= _WORKERS_FOUND:
        workers = names.workers_service(component.name, value_of(generation))
        yield _headless(component, workers, labels, "worker", names.app(f"{component.name}-worker"))


def _service(component: Component, name: str, labels: dict[str, Tree], spec: dict[str, Tree]) -> dict[str, Tree]:
    metadata = {**component.metadata(name), "labels": labels}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _headless(component: Component, name: str, labels: dict[str, Tree], role: str, app: str) -> dict[str, Tree]:
    """A Service without an address, by which nodes find one another before they are ready."""
    generation = labels[names.GENERATION_LABEL]
    spec = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": {names.APP: app, names.GENERATION_LABEL: generation},
    }
    return _service(component, name, {**labels, names.ROLE_LABEL: role}, spec)


def _ports(component: Component) -> list[dict[str, Tree]]:
    """Those of the transformer inside the predictor's pods, or else of the first container; the first becomes 80."""
    listed = component.pod["containers"]
    place = containers.named(listed, containers.TRANSFORMER)
    given = [opened(one) for one in opened(listed[place or 0].get("ports")) or ()]
    ports = [_port(one, number) for number, one in enumerate(given) if one.__class__ is dict]
    if not ports:
        ports = [{"name": component.name, "port": PORT, "targetPort": HTTP_PORT, "protocol": "TCP"}]
    for extra in ("batcher", "logger"):
        source = component.extension.get(extra)
        if source is not None:
            ports[0]["targetPort"] = Part(AGENT_PORT, source.origin) if source.__class__ is Part else AGENT_PORT
    return ports


def _port(port: Mapping[str, Tree], number: int) -> dict[str, Tree]:
    name = value_of(port.get("name"))
    found = {
        "name": port.get("name"),
        "port": PORT if number == 0 else port.get("containerPort"),
        "targetPort": port.get("containerPort"),
        "protocol": port.get("protocol") or "TCP",
    }
    if isinstance(name, str) and ("grpc" in name or "h2c" in name):
        found["appProtocol"] = (
            Part("kubernetes.io/h2c", port["name"].origin) if _is_part(port["name"]) else "kubernetes.io/h2c"
        )
    return found


def _is_part(tree: Tree) -> bool:
    return tree.__class__ is Part
