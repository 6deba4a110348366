"""KEDA's ScaledObject of a component with the autoscaler class ``keda``.

kserve/kserve, pkg/controller/v1beta1/inferenceservice/reconcilers/keda/keda_reconciler.go at v0.15.2, v0.16.0 and
v0.20.0. From 0.16 the numbers stand as the user wrote them, a query on pods is confined to its Deployment, and
credentials and stabilization windows are handed on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.outcome.kserve.hpa import CPU_UTILIZATION, LEAST, at_most
from generator.outcome.kserve.values import derived, spelled, whole, words
from generator.outcome.part import Part
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.part import Tree

AS_WRITTEN = Version(0, 16, 0)
"""The first release that hands numbers on as they are written, and windows and credentials at all."""
_WINDOWS: Mapping[str, str] = {
    "scaleDown": "scaleDownStabilizationWindowSeconds",
    "scaleUp": "scaleUpStabilizationWindowSeconds",
}
"""The directions of a behavior, and the field of the ConfigMap's ``autoscaler`` that stands in for each."""
_NUMBER = re.compile(r"[-+]?\d{1,10}", re.ASCII)


def scaled_object(component: Component) -> Tree:
    """The ScaledObject of a component. One without triggers is refused by KEDA's schema."""
    extension = component.extension
    least = LEAST if whole(extension.get("minReplicas")) is None else extension["minReplicas"]
    said = extension.get("autoScaling")
    most = at_most(extension.get("maxReplicas"), least)
    metrics = said.each("metrics") if isinstance(said, Part) else ()
    triggers = [trigger for metric in metrics for trigger in _triggers(component, metric, least, most)]
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": component.metadata(),
        "spec": {
            "scaleTargetRef": {"name": component.name},
            "triggers": triggers or None,
            "minReplicaCount": least,
            "maxReplicaCount": most,
            "advanced": _windows(component, said if isinstance(said, Part) else None),
        },
    }


def _windows(component: Component, said: Part | None) -> Tree:
    """How long KEDA's HPA waits, each way; of ``autoScaling.behavior`` nothing else is read."""
    if component.release < AS_WRITTEN:
        return None
    behavior: dict[str, Tree] = {}
    for direction, key in _WINDOWS.items():
        own = said.get("behavior", direction, "stabilizationWindowSeconds") if said else None
        seconds = own if own is not None else _default(component, key)
        if seconds is not None:
            behavior[direction] = {"stabilizationWindowSeconds": seconds}
    return {"horizontalPodAutoscalerConfig": {"behavior": behavior}, "scalingModifiers": {}} if behavior else None


def _default(component: Component, key: str) -> Tree:
    found = component.settings.part("autoscaler", key)
    text = words(found)
    return derived(found, int(text)) if _NUMBER.fullmatch(text) else None


def _triggers(component: Component, metric: Part, least: Tree, most: Tree) -> Iterator[Tree]:
    kind = metric.text("type")
    if kind == "Resource":
        yield _resource(component, metric)
    elif kind == "External":
        yield _external(component, metric)
    elif kind == "PodMetric":
        yield _pods(component, metric, least, most)


def _resource(component: Component, metric: Part) -> Tree:
    """A trigger on CPU or memory; a target that isn't said is ``0``, but for CPU 80 percent."""
    name, kind = metric.get("resource", "name"), metric.get("resource", "target", "type")
    found: Tree = None
    if words(kind) == "Utilization":
        percent = metric.get("resource", "target", "averageUtilization")
        found = str(CPU_UTILIZATION) if percent is None and words(name) == "cpu" else spelled(percent)
    elif words(kind) in ("AverageValue", "Value"):
        step = "averageValue" if words(kind) == "AverageValue" else "value"
        found = _written(component, metric.get("resource", "target", step))
    return {"type": name, "metadata": {"value": "0" if found is None else found}, "metricType": kind}


def _written(component: Component, said: Part | None) -> Tree:
    """A quantity as a trigger has it: as it is written, before 0.16 in its canonical form."""
    if said is None or not isinstance(said.value, str | int):
        return None
    if component.release >= AS_WRITTEN:
        return said if isinstance(said.value, str) else spelled(said)
    found = quantity.read(said.value)
    return None if found is None else derived(said, str(found))


def _threshold(component: Component, said: Part | None) -> Tree:
    """What an outside metric is held against: as it is written, before 0.16 as a number with six decimals."""
    if component.release >= AS_WRITTEN:
        found = _written(component, said)
        return "0" if found is None else found
    found = quantity.read(said.value) if said else None
    return f"{0:f}" if found is None else derived(said, f"{float(found.number):f}")


def _external(component: Component, metric: Part) -> Tree:
    """A trigger on a metric of Prometheus or Graphite."""
    backend = metric.get("external", "metric", "backend")
    found = {
        "serverAddress": metric.get("external", "metric", "serverAddress") or "",
        "query": metric.get("external", "metric", "query") or "",
        "threshold": _threshold(component, metric.get("external", "target", "value")),
    }
    trigger: dict[str, Tree] = {"type": backend, "metadata": found}
    namespace = metric.get("external", "metric", "namespace")
    if words(backend) == "prometheus" and words(namespace):
        found["namespace"] = namespace
    if component.release >= AS_WRITTEN:
        modes = metric.get("external", "authenticationRef", "authModes")
        name = metric.get("external", "authenticationRef", "authenticationRef", "name")
        found["authModes"] = modes if words(modes) else None
        trigger["authenticationRef"] = {"name": name} if words(name) else None
    return trigger


def _pods(component: Component, metric: Part, least: Tree, most: Tree) -> Tree:
    """A trigger on a metric that the pods' OpenTelemetry collector sends; another backend gives one without a type."""
    if metric.text("podmetric", "metric", "backend") != "opentelemetry":
        return {"type": "", "metadata": {}}
    address = metric.get("podmetric", "metric", "serverAddress")
    query = metric.get("podmetric", "metric", "query")
    found = {
        "metricQuery": query or "",
        "targetValue": _threshold(component, metric.get("podmetric", "target", "value")),
        "scalerAddress": address if words(address) else _scaler(component),
        "operationOverTime": metric.get("podmetric", "metric", "operationOverTime"),
    }
    if component.release >= AS_WRITTEN:
        where = f'namespace="{words(component.namespace)}", deployment="{component.name}"'
        found["metricQuery"] = derived(query, f"sum({words(query)}{{{where}}})")
    else:
        found |= {"clampMin": spelled(least), "clampMax": spelled(most)}
    return {"type": "external", "metadata": found}


def _scaler(component: Component) -> Tree:
    return component.settings.part("opentelemetryCollector", "metricScalerEndpoint") or ""
