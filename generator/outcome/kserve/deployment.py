"""The Deployments of a component in mode Standard.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/deployment/deployment_reconciler.go. What the
API server would fill in to the same value is left to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import container as containers
from generator.outcome.kserve import names
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.part import Tree

AUTOSCALER = "serving.kserve.io/autoscalerClass"
HTTP_PORT = 8080
"""Where a container without ports is taken to listen."""
_ROLLING = "RollingUpdate"
_BY_CONFIG_MAP = Version(0, 16)


def deployments(component: Component) -> Iterator[dict[str, Tree]]:
    """The Deployment of a component, and that of its other nodes."""
    strategy = component.extension.get("deploymentStrategy") or _strategy(component)
    found = _deployment(component.metadata(), component.app, component.pod, strategy)
    replicas = component.extension.get("minReplicas")
    if replicas is not None and value_of(component.annotations.get(AUTOSCALER)) == "none":
        found["spec"]["replicas"] = replicas
    yield found
    nodes = component.nodes
    if nodes is None:
        return
    metadata = {**component.metadata(nodes.name), "labels": dict(nodes.labels), "annotations": dict(nodes.annotations)}
    found = _deployment(metadata, names.app(f"{component.name}-worker"), nodes.pod, _of_workers(strategy))
    found["spec"]["replicas"] = nodes.replicas
    yield found


def _deployment(metadata: dict[str, Tree], app: str, pod: Mapping[str, Tree], strategy: Tree) -> dict[str, Tree]:
    labels = metadata["labels"]
    of_pods = {**metadata, "labels": dict(labels), "annotations": dict(metadata["annotations"])}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {
            "selector": {"matchLabels": {names.APP: app}},
            "strategy": strategy,
            "template": {
                "metadata": of_pods,  # its name and namespace too, which no pod gets
                "spec": with_defaults(pod),
            },
        },
    }


def _strategy(component: Component) -> Tree:
    """That of the ConfigMap, which counts where its own mode is Standard; else the API server's."""
    settings = component.settings
    wanted = settings.value("deploy", "deploymentRolloutStrategy")
    rollout = wanted.get("defaultRollout") if isinstance(wanted, dict) else None
    if component.release < _BY_CONFIG_MAP or settings.mode != component.mode or not isinstance(rollout, dict):
        return None
    here = settings.here("deploy")
    given = {name: rollout.get(name) for name in ("maxSurge", "maxUnavailable")}
    amounts = {name: Part(value, here) if value else "25%" for name, value in given.items()}
    return {"type": _ROLLING, "rollingUpdate": amounts}


def _of_workers(strategy: Tree) -> Tree:
    """Of the other nodes: the old ones stay until the new ones are ready."""
    fields = {"type": _ROLLING} if strategy is None else opened(strategy)
    if fields.__class__ is not dict or value_of(fields.get("type")) != _ROLLING:
        return strategy
    return {**fields, "rollingUpdate": {"maxUnavailable": "0%", "maxSurge": "100%"}}


def with_defaults(pod: Mapping[str, Tree]) -> dict[str, Tree]:
    """A pod's spec with what KServe fills in otherwise than the API server.

    Images are pulled where they aren't there, whatever their tag, and what serves is ready when its first port takes
    connections.
    """
    listed = []
    for one in pod["containers"]:
        container = dict(one)
        if not value_of(container.get("imagePullPolicy")):
            container["imagePullPolicy"] = "IfNotPresent"
        serves = value_of(container.get("name")) in (containers.MAIN, containers.TRANSFORMER)
        if serves and container.get("readinessProbe") is None:
            container["readinessProbe"] = {"tcpSocket": {"port": first_port(container) or HTTP_PORT}}
        listed.append(container)
    return {**pod, "containers": listed}


def first_port(container: Mapping[str, Tree]) -> Tree:
    """The first port of a container; None where it names none."""
    ports = opened(container.get("ports"))
    first = opened(ports[0]) if isinstance(ports, list) and ports else None
    return first.get("containerPort") if first.__class__ is dict else None
