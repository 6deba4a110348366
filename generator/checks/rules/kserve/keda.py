"""What the webhook wants of a service that KEDA scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.scaling import KEDA, scaling, targets
from generator.checks.rules.kserve.spec import VALIDATION
from generator.checks.subject import integer, mapping, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject

TYPES = {"Resource": "resource", "External": "external", "PodMetric": "podmetric"}
TARGETS = {
    "cpu": ("Utilization",),
    "memory": ("AverageValue", "Utilization"),
}
VALUES = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}
GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: keda
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 4
    autoScaling:
      metrics:
        - type: Resource
          resource: {name: memory, target: {type: AverageValue, averageValue: 512Mi}}
        - type: External
          external:
            metric: {backend: prometheus, serverAddress: "http://prometheus.monitoring:9090", query: digits_queue}
            target: {type: Value, value: "10"}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV040",
    name="keda-with-scale-metric",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleMetric"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses scaleMetric with the autoscaler class keda",
    fix="Name the metric under autoScaling.metrics.",
    source=VALIDATION,
    bad=GOOD.replace("    minReplicas: 1\n", "    minReplicas: 1\n    scaleMetric: cpu\n"),
    good=GOOD,
)
def keda_with_scale_metric(subject: Subject) -> Iterator[Hit]:
    """KEDA takes its triggers from the list of metrics; the short form belongs to the other autoscalers."""
    for component in scaling(subject, KEDA):
        if component.spec.get("scaleMetric") is not None:
            yield Hit((*component.path, "scaleMetric"), on_key=True)


@rule(
    id="KSV041",
    name="keda-metric-without-source",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a metric of type {kind} has no '{field}'",
    fix="Add {field} to the metric, or change its type.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: keda
spec:
  predictor:
    autoScaling:
      metrics:
        - type: External
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def keda_metric_without_source(subject: Subject) -> Iterator[Hit]:
    """The type says which of the three blocks counts; the schema doesn't tie the two together, the webhook does."""
    for path, metric in targets(scaling(subject, KEDA)):
        kind = text(metric, "type") or ""
        field = TYPES.get(kind)
        if field and not isinstance(metric.get(field), dict):
            yield Hit(path, {"kind": kind, "field": field})


@rule(
    id="KSV042",
    name="keda-resource-target-type",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the target of {resource} is of type {kind}; KServe takes {choices}",
    fix="Write type: {choices} and {field} with it.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: keda
spec:
  predictor:
    autoScaling:
      metrics:
        - type: Resource
          resource: {name: cpu, target: {type: AverageValue, averageValue: 500m}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def keda_resource_target_type(subject: Subject) -> Iterator[Hit]:
    """CPU is scaled by utilisation only, memory by utilisation or by an amount."""
    for path, metric in targets(scaling(subject, KEDA)):
        resource = text(metric, "resource", "name") or ""
        kind = text(metric, "resource", "target", "type")
        choices = TARGETS.get(resource)
        if metric.get("type") == "Resource" and choices and kind is not None and kind not in choices:
            values = {"resource": resource, "kind": kind, "choices": " or ".join(choices), "field": VALUES[choices[0]]}
            yield Hit((*path, "resource", "target", "type"), values)


@rule(
    id="KSV043",
    name="keda-target-without-value",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the target has no {field}",
    fix="Add {field} to the target.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: keda
spec:
  predictor:
    autoScaling:
      metrics:
        - type: External
          external:
            metric: {backend: prometheus, serverAddress: "http://prometheus.monitoring:9090", query: digits_queue}
            target: {type: AverageValue, averageValue: "10"}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def keda_target_without_value(subject: Subject) -> Iterator[Hit]:
    """External metrics and pod metrics need `value` whatever their type is; others need what their type names."""
    for path, metric in targets(scaling(subject, KEDA)):
        field = TYPES.get(text(metric, "type") or "")
        target = mapping(metric, field, "target") if field else {}
        if not field or not isinstance(metric.get(field), dict):
            continue
        for wanted in _wanted(field, target):
            if target.get(wanted) is None:
                yield Hit((*path, field, "target"), {"field": wanted}, on_key=True)


def _wanted(field: str, target: Mapping[str, Any]) -> list[str]:
    """The values that a target needs; an amount of memory is left to the rule on too little memory."""
    named = VALUES.get(text(target, "type") or "")
    if field == "resource":
        return [named] if named == "averageUtilization" else []
    return list(dict.fromkeys(["value", *([named] if named else [])]))


@rule(
    id="KSV044",
    name="keda-utilization-out-of-range",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="averageUtilization {target} lies outside 1 to 100",
    fix="Write the utilisation in percent, 1 to 100.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: keda
spec:
  predictor:
    autoScaling:
      metrics:
        - type: Resource
          resource: {name: cpu, target: {type: Utilization, averageUtilization: 120}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def keda_utilization_out_of_range(subject: Subject) -> Iterator[Hit]:
    """A share of what the pod requests; above 100 the webhook refuses it, though Kubernetes would take it."""
    for path, metric in targets(scaling(subject, KEDA)):
        field = TYPES.get(text(metric, "type") or "")
        target = integer(metric, field, "target", "averageUtilization") if field else None
        kind = text(metric, field, "target", "type") if field else None
        if field and kind == "Utilization" and target is not None and not 1 <= target <= 100:  # noqa: PLR2004 (percent)
            yield Hit((*path, field, "target", "averageUtilization"), {"target": target})
