"""Amounts and queries of a service that KEDA scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.keda import GOOD, TYPES
from generator.checks.rules.kserve.scaling import KEDA, scaling, targets
from generator.checks.rules.kserve.spec import VALIDATION
from generator.checks.subject import mapping, reach, text
from generator.schemas.kinds import INFERENCE_SERVICE
from generator.text.quantity import value as quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

MEBIBYTE = 1024 * 1024


@rule(
    id="KSV045",
    name="keda-memory-target-too-small",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a target of {target} memory is refused; KServe wants 1Mi or more",
    fix="Write averageValue with its unit, such as 512Mi.",
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
          resource: {name: memory, target: {type: AverageValue, averageValue: 512}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def keda_memory_target_too_small(subject: Subject) -> Iterator[Hit]:
    """A number without a unit counts bytes: 512 is not half a gigabyte. A missing amount counts as none."""
    for path, metric in targets(scaling(subject, KEDA)):
        resource = mapping(metric, "resource")
        target = mapping(resource, "target")
        if metric.get("type") != "Resource" or resource.get("name") != "memory" or target.get("type") != "AverageValue":
            continue
        amount = reach(target, "averageValue")
        if _bytes(amount) < MEBIBYTE:
            yield Hit((*path, "resource", "target", "averageValue"), {"target": "no" if amount is None else amount})


def _bytes(amount: object) -> float:
    """The amount in bytes; without an end for what is no quantity, which the schema refuses."""
    if amount is None:
        return 0
    try:
        return float(quantity(str(amount)))
    except ValueError:
        return float("inf")


@rule(
    id="KSV046",
    name="keda-metric-without-query",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a metric of type {kind} has no query",
    fix="Add the query that gives the number to scale by.",
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
            metric: {backend: prometheus, serverAddress: "http://prometheus.monitoring:9090"}
            target: {type: Value, value: "10"}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD,
)
def keda_metric_without_query(subject: Subject) -> Iterator[Hit]:
    """The schema lets it be, the webhook doesn't: without a query there is nothing to ask the monitoring for."""
    for path, metric in targets(scaling(subject, KEDA)):
        kind = text(metric, "type") or ""
        field = TYPES.get(kind)
        asked = field in ("external", "podmetric") and isinstance(metric.get(field), dict)
        if field and asked and not text(metric, field, "metric", "query"):
            yield Hit((*path, field, "metric"), {"kind": kind}, on_key=True)
