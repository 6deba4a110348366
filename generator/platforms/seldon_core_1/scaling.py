"""How many pods run: replicas, HPA, KEDA, and the budget that a drained node has to keep.

Source: SeldonIO/seldon-core v1.17.1, operator/controllers/seldondeployment_controller.go (``createHpa``,
``createKeda``, ``createPdb``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms.base import Sheet
from generator.platforms.labels import own_labels
from generator.service.scaling import SHARE_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Share
    from generator.platforms.base import Objection
    from generator.service import Service

DEFAULT_METRIC, DEFAULT_TARGET = "cpu", 80
"""Kubernetes' own, written out: the operator compares what it wants with what is there, and would write for ever."""


def objections(service: Service) -> Iterator[Objection]:
    """What can't be scaled, or would never come up."""
    replicas = service.replicas
    if replicas.min == 0:
        message = "a predictor without pods never counts as ready on Seldon Core 1, and no request would wake it."
        yield ("replicas", "min"), message, "Write 1."
    if replicas.metric in ("concurrency", "rps"):
        query = "metric: prometheus with a query over seldon_api_executor_server_requests_seconds_count"
        message = f"Seldon Core 1 can't scale by {replicas.metric}."
        yield ("replicas", "metric"), message, f"Write cpu or memory, or {query}."
    if replicas.scaler == "kpa":
        yield ("replicas", "scaler"), "kpa is Knative's, and Seldon Core 1 runs Deployments.", "Write hpa or keda."
    if replicas.scaler == "hpa" and replicas.metric == "prometheus":
        yield ("replicas", "scaler"), "an HPA doesn't ask Prometheus.", "Write scaler: keda, or leave it out."
    if replicas.behavior and not by_keda(service):
        message = "the operator gives the HPA that it makes no behavior."
        yield ("replicas", "behavior"), message, "Write scaler: keda, or leave it out."
    yield from _without_request(service, replicas.metric or DEFAULT_METRIC)


def _without_request(service: Service, metric: str) -> Iterator[Objection]:
    """An HPA divides by what all containers of a pod ask for; where one asks for nothing, it never scales."""
    scaled = service.replicas.max is not None and metric in SHARE_METRICS
    for index, variant in enumerate(service.variants if scaled else ()):
        if metric not in (variant.resources or service.resources).requests:
            path = ("variants", index, "resources") if variant.resources else ("replicas", "metric")
            message = f"the {metric} is scaled by as a share of the request, and '{variant.name}' requests none."
            yield path, message, f"Set resources.requests.{metric}."
    asked = service.transformer
    if asked and asked.max_replicas is not None:
        resources = asked.container.get("resources")
        requests = resources.get("requests") if isinstance(resources, dict) else None
        if not isinstance(requests, dict) or DEFAULT_METRIC not in requests:
            message = "the transformer is scaled by its share of the cpu that it requests, and it requests none."
            yield ("transformer", "maxReplicas"), message, "Set resources.requests.cpu in its container."


def by_keda(service: Service) -> bool:
    """Whether KEDA scales: where it is asked for, and where nothing else could."""
    return service.replicas.max is not None and (
        service.replicas.scaler == "keda" or service.replicas.metric == "prometheus"
    )


def scaler(service: Service, share: Share) -> dict[str, Any]:
    """The part of a componentSpec that scales it; empty for a fixed number of pods."""
    most = service.replicas.max
    if most is None:
        return {}
    bounds = (share.replicas, max(most, share.replicas))
    return {"kedaSpec": _keda(service, *bounds)} if by_keda(service) else {"hpaSpec": _hpa(service, *bounds)}


def _hpa(service: Service, least: int, most: int) -> dict[str, Any]:
    return hpa(least, most, service.replicas.metric or DEFAULT_METRIC, service.replicas.target or DEFAULT_TARGET)


def hpa(least: int, most: int, metric: str = DEFAULT_METRIC, target: int = DEFAULT_TARGET) -> dict[str, Any]:
    """``metricsv2`` has the form of autoscaling/v2; ``metrics`` has one that Kubernetes dropped with 1.25."""
    wanted = {"name": metric, "target": {"type": "Utilization", "averageUtilization": target}}
    return {"minReplicas": least, "maxReplicas": most, "metricsv2": [{"type": "Resource", "resource": wanted}]}


def _keda(service: Service, least: int, most: int) -> dict[str, Any]:
    made: dict[str, Any] = {"minReplicaCount": least, "maxReplicaCount": most, "triggers": [_trigger(service)]}
    if service.replicas.behavior:
        made["advanced"] = {"horizontalPodAutoscalerConfig": {"behavior": service.replicas.behavior}}
    return made


def _trigger(service: Service) -> dict[str, Any]:
    """KEDA's metadata is text: kedacore/keda v2.20.2, pkg/scalers/prometheus_scaler.go, cpu_memory_scaler.go."""
    replicas = service.replicas
    metric = replicas.metric or DEFAULT_METRIC
    if metric in SHARE_METRICS:
        target = str(replicas.target or DEFAULT_TARGET)
        return {"type": metric, "metricType": "Utilization", "metadata": {"value": target}}
    asked = {"serverAddress": replicas.server, "query": replicas.query, "threshold": str(replicas.target)}
    return {"type": "prometheus", "metricType": "AverageValue", "metadata": asked}


def budget(service: Service, name: str, labels: Mapping[str, str]) -> Sheet:
    """A PodDisruptionBudget over the pods of one unit.

    The operator's own (pdbSpec) counts the pods of all predictors and of the explainer together, and since the engine
    is told of it, a change restarts pods. The name is never a Deployment's: the operator deletes budgets that are
    named as its Deployments and that it doesn't know.

    Args:
        service: The service, with ``replicas.available``.
        name: The budget's name.
        labels: What the pods carry.
    """
    available = service.replicas.available or ""
    context = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "available": int(available) if available.isdigit() else available,
        "selector": dict(labels),
    }
    return Sheet("seldon-core-1/poddisruptionbudget.yaml.j2", "PodDisruptionBudget", name, service.namespace, context)


def notes(service: Service) -> Iterator[str]:
    """What works on some clusters only, and what works against itself."""
    replicas = service.replicas
    if by_keda(service):
        yield (
            f"{service.name}: Seldon's operator has to be installed with keda.enabled: true; another one scales "
            "nothing and runs one pod."
        )
    if replicas.available and replicas.available.isdigit() and int(replicas.available) >= replicas.min:
        yield (
            f"{service.name}: with {replicas.available} of {replicas.min} pods to be available, a node that is drained "
            "waits for ever where no more than these run."
        )
