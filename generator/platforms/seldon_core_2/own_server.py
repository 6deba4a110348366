"""A Server of the service's own: where its pods, their resources and their identity have a place.

Models are loaded into Servers, so a Model has no pods. ``podSpec`` is laid over the ServerConfig's, containers by their
name (operator/controllers/reconcilers/common, v2.10.2). The Server's labels are copied to its pods
(statefulset_reconciler.go), so nothing of a release may stand on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms import access
from generator.platforms.base import Composition, Sheet
from generator.platforms.fragments import laid
from generator.platforms.labels import own_labels
from generator.platforms.seldon_core_2 import scaling

if TYPE_CHECKING:
    from generator.platforms.seldon_core_2.servers import Core2Server
    from generator.service import Service

SHIPPED = ("mlserver", "triton")
"""The ServerConfigs of the chart, whose container is named like them."""
SERVER_LABEL = "seldon-server-name"
"""On each pod of a Server (operator/pkg/constants/constants.go)."""
LONGEST = 52
"""A StatefulSet's name: its pods carry it and a hash of 10 characters in the label controller-revision-hash, of 63."""


def compose(service: Service, server: Core2Server, release: str) -> Composition:
    """The Server and its PodDisruptionBudget."""
    most = service.replicas.max
    scaled = most is not None and scaling.servers_scale(release)
    context = {
        "labels": {**own_labels(service), **access.pod_labels(service)},
        "config": service.server.config,
        "capabilities": list(service.server.capabilities),
        "replicas": service.server.replicas,
        "min_replicas": service.server.replicas if scaled else None,
        "max_replicas": max(most or 0, service.server.replicas) if scaled else None,
        "pod_spec": _pod(service, server),
    }
    sheets = [_sheet(service, "seldon-core-2/server.yaml.j2", "Server", context)]
    available = service.replicas.available
    if available:
        budget = {
            "labels": own_labels(service),
            "available": int(available) if available.isdigit() else available,
            "selector": {SERVER_LABEL: service.name},
        }
        sheets.append(
            _sheet(service, "seldon-core-2/poddisruptionbudget.yaml.j2", "PodDisruptionBudget", budget),
        )
    return Composition(tuple(sheets), notes=tuple(_notes(service, server, scaled=scaled)))


def _sheet(service: Service, template: str, kind: str, context: dict[str, Any]) -> Sheet:
    common = {"name": service.name, "namespace": service.namespace, "annotations": service.annotations}
    return Sheet(template, kind, service.name, service.namespace, {**common, **context})


def _pod(service: Service, server: Core2Server) -> dict[str, Any]:
    """What is laid over the configuration's pod; empty where that is right as it is."""
    container: dict[str, Any] = {}
    if service.model.runtime_version:
        container["image"] = f"{server.image}:{service.model.runtime_version}"
    if service.resources.mapping:
        container["resources"] = service.resources.mapping
    container = laid(container, service.container)
    pod: dict[str, Any] = {}
    account = access.account_name(service)
    if account:
        pod["serviceAccountName"] = account
    if container:
        pod["containers"] = [laid({"name": server.container}, container)]
    return laid(laid(pod, service.pod), service.server.pod)


def _notes(service: Service, server: Core2Server, *, scaled: bool) -> list[str]:
    config, notes = service.server.config, []
    if scaled:
        notes.append(
            f"{service.name}: Core 2 changes spec.replicas of the Server {service.name} with its Models: leave that "
            "field out of what GitOps compares."
        )
    account = access.account_name(service)
    if account:
        notes.append(
            f"{service.name}: the ServiceAccount {account} takes the place of seldon-server, so it needs what the "
            "agent reads by that one: bind it to the same Role (get Secrets and ConfigMaps)."
        )
    touched = service.model.runtime_version or service.resources.mapping or service.container
    if config not in SHIPPED and touched and "name" not in service.container:
        notes.append(
            f"{service.name}: the model server's container in the ServerConfig {config} has to be named "
            f"{server.container}; if it isn't, write its name to container.name."
        )
    return notes
