"""How many pods run: KServe's autoscaler classes, their metrics, and the budget for drained nodes.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/{hpa,keda,deployment};
pkg/apis/serving/v1beta1/component.go for what the webhook wants.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.outcome.kserve.names import APP, app
from generator.platforms import replacing
from generator.platforms.base import Sheet
from generator.platforms.kserve import names
from generator.platforms.labels import own_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan
    from generator.platforms.kserve.setting import Setting
    from generator.service import Replicas

DEFAULT_TARGET = MappingProxyType({"cpu": 80, "memory": 80, "concurrency": 100, "rps": 200})
"""Kubernetes' and Knative's own defaults, written out so that the cluster has nothing to add."""
SHARES = ("cpu", "memory")
REQUESTS = ("concurrency", "rps")
WINDOW = "stabilizationWindowSeconds"
"""All that KServe hands on of a behavior, with KEDA and from 0.16 on (reconcilers/keda/keda_reconciler.go)."""


def autoscaler(setting: Setting) -> str:
    """The autoscaler class in mode standard; it holds for every part of an InferenceService."""
    replicas, transformer = setting.service.replicas, setting.service.transformer
    if replicas.max is None:
        return "hpa" if transformer and transformer.max_replicas else "none"
    return "keda" if replicas.scaler == "keda" or replicas.metric == "prometheus" else "hpa"


def on_knative_by_share(setting: Setting) -> bool:
    """Whether Knative hands a service to a HorizontalPodAutoscaler: its own one counts requests only."""
    return not setting.standard and (
        setting.service.replicas.metric in SHARES or setting.service.replicas.scaler == "hpa"
    )


def fields(setting: Setting, minimum: int) -> dict[str, Any]:
    """A predictor's bounds, and what it scales by."""
    replicas = setting.service.replicas
    if replicas.max is None:
        return {"minReplicas": minimum}
    scaled: dict[str, Any] = {"minReplicas": minimum, "maxReplicas": max(replicas.max, minimum)}
    if setting.standard and autoscaler(setting) == "keda":
        behavior = {"behavior": replicas.behavior} if replicas.behavior else {}
        return scaled | {"autoScaling": {"metrics": [_trigger(replicas)], **behavior}}
    metric = replicas.metric or ("cpu" if on_knative_by_share(setting) else None)
    if metric:
        scaled |= {"scaleMetric": metric, "scaleTarget": replicas.target or DEFAULT_TARGET[metric]}
    return scaled


def part(setting: Setting, minimum: int, maximum: int | None) -> dict[str, Any]:
    """The bounds of a part beside the predictor; with KEDA it needs a metric, or its ScaledObject has no trigger."""
    # Beside a shadow of mode knative, whose parts may scale to none, this is its mode standard, where none can.
    scaled: dict[str, Any] = {"minReplicas": max(minimum, 1) if setting.standard else minimum}
    if maximum is not None:
        scaled["maxReplicas"] = maximum
    if setting.standard and autoscaler(setting) == "keda":
        scaled["autoScaling"] = {"metrics": [_share("cpu", DEFAULT_TARGET["cpu"])]}
    return scaled | replaced(setting, max(minimum, maximum or 0))


def _trigger(replicas: Replicas) -> dict[str, Any]:
    """What KEDA watches."""
    if replicas.metric == "prometheus":
        source = {"backend": "prometheus", "query": replicas.query, "serverAddress": replicas.server}
        target = {"type": "Value", "value": str(replicas.target)}
        return {"type": "External", "external": {"metric": source, "target": target}}
    metric = replicas.metric or "cpu"
    return _share(metric, replicas.target or DEFAULT_TARGET[metric])


def _share(metric: str, target: int) -> dict[str, Any]:
    return {
        "type": "Resource",
        "resource": {"name": metric, "target": {"type": "Utilization", "averageUtilization": target}},
    }


def replaced(setting: Setting, most: int) -> dict[str, Any]:
    """``deploymentStrategy``; both bounds are written, since Kubernetes fills in the missing one.

    Args:
        setting: What is asked for.
        most: The pods that there may be: of few Kubernetes' own default lets none go first either.
    """
    rollout = setting.service.rollout
    unsaid = rollout.max_surge is None and rollout.max_unavailable is None
    if not setting.standard or (unsaid and most < replacing.QUARTERED):
        return {}
    surge, unavailable = map(number_or_share, replacing.bounds(rollout))
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"deploymentStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}


def number_or_share(text: str) -> int | str:
    """A number of pods as a number, a percentage as text."""
    return int(text) if text.isdigit() else text


def budgets(setting: Setting, plan: Plan) -> Iterator[Sheet]:
    """A PodDisruptionBudget for the predictor of each variant, on the labels that the controller gives its pods."""
    service = setting.service
    if service.replicas.available is None:
        return
    made = dict.fromkeys(_selected(setting, plan))
    for name, selector in made:
        context = {
            "name": name,
            "namespace": service.namespace,
            "labels": own_labels(service),
            "annotations": service.annotations,
            "available": number_or_share(service.replicas.available),
            "selector": dict(selector),
        }
        yield Sheet("kserve/poddisruptionbudget.yaml.j2", "PodDisruptionBudget", name, service.namespace, context)


def _selected(setting: Setting, plan: Plan) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Name and selector of each; in mode knative the variants of one InferenceService share one."""
    for share in names.made(plan):
        name = names.predictor_service(setting, share)
        if setting.standard:
            yield name, ((APP, app(name)),)
        else:
            owner = names.service_of(setting, share)
            yield name, (("component", "predictor"), ("serving.kserve.io/inferenceservice", owner))
