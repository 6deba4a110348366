"""What an InferenceService scales by, and who scales it.

Sources: kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/component.go; reconcilers/{hpa,keda} for what each reads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.platforms.kserve.scaling import DEFAULT_TARGET
from generator.service.scaling import SHARE_METRICS

if TYPE_CHECKING:
    from generator.convert.draft import Draft
    from generator.convert.parts import Part

AUTOSCALER = "serving.kserve.io/autoscalerClass"
KNATIVE_CLASS = "autoscaling.knative.dev/class"


def scaling(draft: Draft, part: Part) -> None:
    """Replicas, what is measured, and who scales."""
    annotations = part.source.root / "metadata" / "annotations"
    least = part / "minReplicas"
    draft.put(("replicas", "min"), 1 if least.value is None else least.number(), *([least] if least.there else []))
    most = part / "maxReplicas"
    if most.value == 0:
        most.take()
    draft.put(("replicas", "max"), most.number() if most.value else None, most)
    metric, target = part / "scaleMetric", part / "scaleTarget"
    if _query(draft, part):
        return
    share = _share(draft, part)
    scaler = annotations / AUTOSCALER
    if scaler.value == "keda" and most.value and not share:
        (part / "autoScaling").lose(
            f"a service file holds one share of CPU or memory, or one query to Prometheus: KEDA scales by CPU at "
            f"{DEFAULT_TARGET['cpu']} % without it"
        )
    if scaler.value in ("hpa", "keda") and most.value:
        draft.put(("replicas", "scaler"), scaler.text(), scaler)
    elif scaler.value == "none" and not most.value:
        scaler.take()
    knative_class = annotations / KNATIVE_CLASS
    if (knative_class.value == "hpa.autoscaling.knative.dev" and metric.value in ("cpu", "memory")) or (
        knative_class.value == "kpa.autoscaling.knative.dev" and metric.value not in ("cpu", "memory")
    ):
        knative_class.take()
    if share or not most.value:
        return
    draft.put(("replicas", "metric"), metric.text(), metric)
    if target.value is not None and not metric.there:
        knative = draft.get("platform", "mode") == "knative"
        draft.put(("replicas", "metric"), "concurrency" if knative else "cpu", target)
    draft.put(("replicas", "target"), target.number(), target)


def _share(draft: Draft, part: Part) -> bool:
    """A share of what was asked for, CPU or memory, by which KEDA scales."""
    metrics = (part / "autoScaling" / "metrics").items()
    scaler = part.source.root / "metadata" / "annotations" / AUTOSCALER
    if len(metrics) != 1 or not (part / "maxReplicas").value or scaler.value != "keda":
        return False
    resource = metrics[0] / "resource"
    name, target = resource / "name", resource / "target"
    share = target / "averageUtilization"
    plain = metrics[0].mapping.keys() == {"type", "resource"} and resource.mapping.keys() == {"name", "target"}
    if (
        not plain
        or name.value not in SHARE_METRICS
        or target.mapping != {"type": "Utilization", share.key: share.value}
    ):
        return False
    for each in (metrics[0] / "type", target / "type"):
        each.take()
    draft.put(("replicas", "metric"), name.text(), name)
    draft.put(("replicas", "target"), share.number(), share)
    return True


def _query(draft: Draft, part: Part) -> bool:
    """One query to Prometheus, by which KEDA scales."""
    metrics = (part / "autoScaling" / "metrics").items()
    if len(metrics) != 1 or not (part / "maxReplicas").value:
        return False
    external = metrics[0] / "external"
    metric, target = external / "metric", external / "target"
    wanted = str((target / "value").value)
    plain = metrics[0].mapping.keys() == {"type", "external"} and external.mapping.keys() == {"metric", "target"}
    if not plain or (metric / "backend").value != "prometheus" or not re.fullmatch(r"[0-9]{1,9}", wanted):
        return False
    for each in (metrics[0] / "type", metric / "backend", target / "type"):
        each.take()
    draft.put(("replicas", "metric"), "prometheus", metric)
    draft.put(("replicas", "query"), (metric / "query").text(), metric / "query")
    draft.put(("replicas", "server"), (metric / "serverAddress").text(), metric / "serverAddress")
    draft.put(("replicas", "target"), int(wanted), target / "value")
    (target / "value").take()
    scaler = part.source.root / "metadata" / "annotations" / AUTOSCALER
    if scaler.value == "keda":
        scaler.take()
    return True
