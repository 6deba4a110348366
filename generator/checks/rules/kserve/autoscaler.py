"""How a component scales, as far as the webhook looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.scaling import HPA, KPA, scaling, targets
from generator.checks.rules.kserve.spec import AUTOSCALER, VALIDATION, annotations_of
from generator.checks.subject import integer, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

CLASSES = ("hpa", "external", "keda", "none")
GOOD_HPA = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: hpa
spec:
  predictor:
    minReplicas: 2
    maxReplicas: 4
    scaleMetric: cpu
    scaleTarget: 70
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""
GOOD_KNATIVE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    minReplicas: 2
    maxReplicas: 4
    scaleMetric: rps
    scaleTarget: 50
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV030",
    name="unknown-autoscaler-class",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({AUTOSCALER}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the autoscaler class '{value}'",
    fix="Write hpa, keda, external or none; in Knative mode leave the annotation out for Knative's own autoscaler.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Knative
    serving.kserve.io/autoscalerClass: kpa
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD_HPA,
)
def unknown_autoscaler_class(subject: Subject) -> Iterator[Hit]:
    """The code has a constant for `kpa`, but the list of what is taken hasn't: Knative's autoscaler needs no class."""
    notes = annotations_of(subject)
    if AUTOSCALER in notes and notes[AUTOSCALER] not in CLASSES:
        yield hit("metadata", "annotations", AUTOSCALER, value=notes[AUTOSCALER] or "")


@rule(
    id="KSV031",
    name="hpa-metric-unsupported",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleMetric"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="scaleMetric {metric} doesn't go with the autoscaler class hpa",
    fix="Write cpu or memory.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: hpa
spec:
  predictor:
    scaleMetric: concurrency
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD_HPA,
)
def hpa_metric_unsupported(subject: Subject) -> Iterator[Hit]:
    """A HorizontalPodAutoscaler counts no requests. Without the class annotation nobody tells you; see KSV105."""
    for component in scaling(subject, HPA):
        metric = text(component.spec, "scaleMetric")
        if metric is not None and metric not in ("cpu", "memory"):
            yield Hit((*component.path, "scaleMetric"), {"metric": metric})


@rule(
    id="KSV032",
    name="hpa-target-out-of-range",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleTarget"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="scaleTarget {target} lies outside 1 to 100",
    fix="Write the utilisation in percent, 1 to 100; KServe wants that for memory too.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: hpa
spec:
  predictor:
    maxReplicas: 4
    scaleMetric: memory
    scaleTarget: 512
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD_HPA,
)
def hpa_target_out_of_range(subject: Subject) -> Iterator[Hit]:
    """The error text for memory speaks of MiB, yet the check refuses more than 100, and the HPA reads percent."""
    for component in scaling(subject, HPA):
        target = integer(component.spec, "scaleTarget")
        if target is not None and not 1 <= target <= 100:  # noqa: PLR2004 (percent)
            yield Hit((*component.path, "scaleTarget"), {"target": target})


@rule(
    id="KSV033",
    name="hpa-metric-source",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{problem}; the autoscaler class hpa takes metrics of type Resource with 'resource' set",
    fix="Write type: Resource and its resource, or use the autoscaler class keda.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: hpa
spec:
  predictor:
    maxReplicas: 4
    autoScaling:
      metrics:
        - type: Resource
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: hpa
spec:
  predictor:
    maxReplicas: 4
    autoScaling:
      metrics:
        - type: Resource
          resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def hpa_metric_source(subject: Subject) -> Iterator[Hit]:
    """The list is shared with KEDA, whose External and PodMetric an HPA made by KServe doesn't know."""
    for path, metric in targets(scaling(subject, HPA)):
        kind = text(metric, "type")
        if kind != "Resource":
            yield Hit((*path, "type"), {"problem": f"a metric is of type {kind}"})
        elif not isinstance(metric.get("resource"), dict):
            yield Hit(path, {"problem": "a metric of type Resource has no resource"})


@rule(
    id="KSV034",
    name="deployment-strategy-outside-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"deploymentStrategy"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses deploymentStrategy where the mode annotation isn't Standard",
    fix="Remove it, or set the annotation serving.kserve.io/deploymentMode: Standard.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    deploymentStrategy: {type: Recreate}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD_KNATIVE,
)
def deployment_strategy_outside_standard(subject: Subject) -> Iterator[Hit]:
    """Only Standard mode has a Deployment. The webhook reads the annotation, not what the cluster will do without."""
    for component in scaling(subject, KPA):
        if isinstance(component.spec.get("deploymentStrategy"), dict):
            yield Hit((*component.path, "deploymentStrategy"), on_key=True)


@rule(
    id="KSV035",
    name="knative-metric-unsupported",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleMetric"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="scaleMetric {metric} needs the mode Standard with the autoscaler class hpa",
    fix="Write concurrency or rps, or set the annotations deploymentMode: Standard and autoscalerClass: hpa.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    scaleMetric: cpu
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD_KNATIVE,
)
def knative_metric_unsupported(subject: Subject) -> Iterator[Hit]:
    """Where the annotation isn't Standard, the webhook takes Knative's autoscaler for granted; it counts requests."""
    for component in scaling(subject, KPA):
        metric = text(component.spec, "scaleMetric")
        if metric is not None and metric not in ("concurrency", "rps"):
            yield Hit((*component.path, "scaleMetric"), {"metric": metric})


@rule(
    id="KSV036",
    name="knative-rps-target-below-one",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleTarget"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="scaleTarget {target} is no rate; KServe wants 1 request per second or more",
    fix="Write how many requests per second one pod should get.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    scaleMetric: rps
    scaleTarget: 0
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good=GOOD_KNATIVE,
)
def knative_rps_target_below_one(subject: Subject) -> Iterator[Hit]:
    """A target of no requests would mean pods without end. For concurrency the webhook has no such check."""
    for component in scaling(subject, KPA):
        target = integer(component.spec, "scaleTarget")
        if component.spec.get("scaleMetric") == "rps" and target is not None and target < 1:
            yield Hit((*component.path, "scaleTarget"), {"target": target})
