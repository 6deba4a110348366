"""How many pods a variant has: HorizontalPodAutoscaler or KEDA's ScaledObject, and the PodDisruptionBudget.

KEDA: kedacore/keda v2.20, apis/keda/v1alpha1/scaledobject_types.go and pkg/scalers (prometheus, cpu, memory).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.platforms.kubernetes.workload import Workload, int_or_percent, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.platforms.base import Objection, Sheet
    from generator.service import Replicas, Service

KEDA = "2.20"
"""The release of KEDA whose API is rendered (keda.sh/v1alpha1)."""
DEFAULT_TARGET = 80
"""Percent; what the API server would write (kubernetes/kubernetes, pkg/apis/autoscaling/v2/defaults.go)."""


def by_keda(replicas: Replicas) -> bool:
    """Whether KEDA scales; what comes out of Prometheus an HPA alone can't read."""
    return replicas.max is not None and (replicas.scaler == "keda" or replicas.metric == "prometheus")


def scaler(service: Service, made: Workload) -> tuple[Sheet, ...]:
    """What scales a variant; nothing where its pods are counted."""
    replicas = service.replicas
    if replicas.max is None:
        return ()
    context: dict[str, Any] = {
        "target": made.name,
        "minimum": made.share.replicas,
        "maximum": max(replicas.max, made.share.replicas),
    }
    if by_keda(replicas):
        return (
            sheet(
                service,
                "scaledobject",
                "ScaledObject",
                made.name,
                {**context, "triggers": _triggers(replicas, made), "behavior": replicas.behavior},
            ),
        )
    # The server's container alone: a proxy beside it would be counted in, or, without requests, stop the scaling.
    metric = {
        "type": "ContainerResource",
        "containerResource": {
            "container": made.container["name"],
            "name": replicas.metric or "cpu",
            "target": {"type": "Utilization", "averageUtilization": replicas.target or DEFAULT_TARGET},
        },
    }
    return (
        sheet(
            service,
            "horizontalpodautoscaler",
            "HorizontalPodAutoscaler",
            made.name,
            {**context, "metrics": [metric], "behavior": _whole(replicas.behavior)},
        ),
    )


BEHAVIOR: dict[str, Any] = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15},
        ],
    },
    "scaleDown": {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]},
}
"""What the API server writes into a behavior that says less; without any it writes nothing (kubernetes/kubernetes,
pkg/apis/autoscaling/v2/defaults.go, ``GenerateHPAScaleUpRules``, ``GenerateHPAScaleDownRules``)."""


def _whole(behavior: Mapping[str, Any]) -> dict[str, Any]:
    """A behavior with the API server's defaults, so that nobody sees a change that nobody made."""
    if not behavior:
        return {}
    return {side: {**rules, **behavior.get(side, {})} for side, rules in BEHAVIOR.items()}


def _triggers(replicas: Replicas, made: Workload) -> list[dict[str, Any]]:
    """KEDA's triggers; all that they say is text."""
    if replicas.metric == "prometheus":
        said = {
            "query": replicas.query or "",
            "serverAddress": replicas.server or "",
            "threshold": str(replicas.target),
        }
        return [{"type": "prometheus", "metricType": "AverageValue", "metadata": said}]
    said = {"containerName": str(made.container["name"]), "value": str(replicas.target or DEFAULT_TARGET)}
    return [{"type": replicas.metric or "cpu", "metricType": "Utilization", "metadata": said}]


def budget(service: Service, made: Workload) -> tuple[Sheet, ...]:
    """The PodDisruptionBudget of a variant; nothing where it would keep every pod for ever."""
    available = service.replicas.available
    if available is None or keeps_all(available, made.share.replicas):
        return ()
    context = {"minimum": int_or_percent(available), "selector": made.selector}
    return (sheet(service, "poddisruptionbudget", "PodDisruptionBudget", made.name, context),)


def keeps_all(available: str, pods: int) -> bool:
    """Whether so many pods have to stay that none may go; a percentage is rounded up (KEP-85, policy/v1)."""
    kept = math.ceil(int(available[:-1]) * pods / 100) if available.endswith("%") else int(available)
    return kept >= pods


def objections(service: Service) -> Iterator[Objection]:
    """What can't be scaled so."""
    replicas = service.replicas
    if replicas.scaler == "kpa":
        yield ("replicas", "scaler"), "the KPA scales Knative's revisions only.", "Write hpa or keda."
    if replicas.metric in ("concurrency", "rps"):
        yield (
            ("replicas", "metric"),
            f"nothing here counts {replicas.metric}.",
            "Write cpu or memory, or metric: prometheus with a query of the gateway's or the server's own metrics.",
        )
    if replicas.scaler == "hpa" and replicas.metric == "prometheus":
        yield ("replicas", "scaler"), "an HPA alone can't ask Prometheus.", "Write scaler: keda."
    if replicas.max and replicas.min == 0 and replicas.metric != "prometheus":
        yield (
            ("replicas", "min"),
            "without a pod there is no usage to scale by.",
            "Write 1, or metric: prometheus, by which KEDA wakes it up.",
        )
    if replicas.available and keeps_all(replicas.available, replicas.min):
        yield (
            ("replicas", "available"),
            f"of {replicas.min} pods {replicas.available} may never go, so no node that runs one could be drained.",
            "Lower it, or raise replicas.min.",
        )
    if replicas.max and replicas.metric in (None, "cpu", "memory"):
        yield from _unrequested(service)


def _unrequested(service: Service) -> Iterator[Objection]:
    """A usage in percent is one of what was requested."""
    metric = service.replicas.metric or "cpu"
    for index, variant in enumerate(service.variants):
        resources = variant.resources or service.resources
        if metric not in (*resources.requests, *resources.limits):
            path = ("variants", index, "resources") if variant.resources else ("resources",)
            yield (
                path,
                f"the pods are scaled by their share of the {metric} that they request, and they request none.",
                f"Write for example requests: {{{metric}: {'500m' if metric == 'cpu' else '1Gi'}}}.",
            )
            return


def notes(plan: Plan, made: tuple[Workload, ...]) -> Iterator[str]:
    """What the person who renders should know."""
    replicas, name = plan.service.replicas, plan.service.name
    small = [each.name for each in made if replicas.available and keeps_all(replicas.available, each.share.replicas)]
    if small:
        yield f"{name}: {', '.join(small)} runs too few pods for a PodDisruptionBudget that lets a node be drained."
    if replicas.metric == "prometheus" and len(made) > 1:
        yield f"{name}: replicas.query is the same for every variant, so each gets the pods for all of its traffic."
    grown = [each.name for each in made if replicas.max is not None and each.share.replicas > replicas.max]
    if grown:
        yield f"{name}: {', '.join(grown)} may have more pods than replicas.max: that many always run."
    if replicas.max is None and not all(each.share.replicas for each in made):
        yield f"{name}: with replicas.min 0 nothing runs, and nothing starts a pod when a request comes."
