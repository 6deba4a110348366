"""The HorizontalPodAutoscaler of a Deployment of KServe's.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/hpa/hpa_reconciler.go (``createHPA``,
``getHPAMetrics``); the same since v0.15.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve.values import derived, whole
from generator.outcome.part import Part, value_of
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.part import Tree

LEAST = 1
"""The fewest pods that an HPA is told, and the number where nobody says one (constants.go)."""
CPU_UTILIZATION = 80
"""Percent of the requested CPU from which an HPA adds pods where nobody says another (constants.go)."""


def horizontal(metadata: Tree, name: str, extension: Mapping[str, Tree]) -> Tree:
    """The HPA of a Deployment.

    Args:
        metadata: The HPA's.
        name: The Deployment's name.
        extension: What is said about scaling, by its names in a component.
    """
    least = at_least(extension.get("minReplicas"))
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata,
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": least,
            "maxReplicas": at_most(extension.get("maxReplicas"), least),
            "metrics": list(_metrics(extension)) or None,
            "behavior": {},
        },
    }


def at_least(said: Tree) -> Tree:
    """The fewest pods of an HPA: what is said, but never below 1."""
    number = whole(said)
    if number is None:
        return LEAST
    return said if number >= LEAST else derived(said, LEAST)


def at_most(said: Tree, least: Tree) -> Tree:
    """The most pods: what is said, lifted to the fewest."""
    number = whole(said)
    return said if number is not None and number >= value_of(least) else least


def _metrics(extension: Mapping[str, Tree]) -> Iterator[Tree]:
    """What an HPA looks at. ``autoScaling`` takes ``scaleMetric`` and ``scaleTarget`` away, even without metrics."""
    said = extension.get("autoScaling")
    if isinstance(said, Part):
        for metric in said.each("metrics"):
            yield from _resource(metric)
        return
    name, target = extension.get("scaleMetric"), extension.get("scaleTarget")
    which = "cpu" if name is None else value_of(name)
    if which == "cpu":
        yield _resource_metric(
            which if name is None else name, _utilization(CPU_UTILIZATION if target is None else target)
        )
    elif which == "memory" and target is not None:
        yield _resource_metric(name, _utilization(target))


def _resource(metric: Part) -> Iterator[Tree]:
    """One of ``autoScaling.metrics``; what isn't about CPU or memory is left out."""
    name, percent = metric.get("resource", "name"), metric.get("resource", "target", "averageUtilization")
    if name is None:
        return
    if name.value == "cpu":
        yield _resource_metric(name, _utilization(CPU_UTILIZATION if percent is None else percent))
    elif name.value == "memory":
        yield _resource_metric(name, _memory(metric, percent))


def _memory(metric: Part, percent: Tree) -> Tree:
    """The target of a memory metric. A type of ``Value`` is dropped, so that the API server refuses the HPA."""
    kind = metric.text("resource", "target", "type")
    if kind == "Utilization":
        return {"type": metric.get("resource", "target", "type"), "averageUtilization": percent}
    if kind != "AverageValue":
        return {"type": ""}
    said = metric.get("resource", "target", "averageValue")
    found = quantity.read(said.value) if said else None
    average = None if found is None else derived(said, str(found))
    return {"type": metric.get("resource", "target", "type"), "averageValue": average}


def _utilization(percent: Tree) -> Tree:
    return {"type": "Utilization", "averageUtilization": percent}


def _resource_metric(name: Tree, target: Tree) -> Tree:
    return {"type": "Resource", "resource": {"name": name, "target": target}}
