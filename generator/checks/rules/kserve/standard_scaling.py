"""Scaling fields that Standard mode takes and doesn't do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.read_by import BY_HPA, CONCURRENCY, NO_CLASS, unread
from generator.checks.rules.kserve.spec import AUTOSCALER, STANDARD, annotations_of, canaries, components, mode
from generator.checks.subject import integer, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Component
    from generator.checks.subject import Subject

HPA = Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/reconcilers/hpa/hpa_reconciler.go")
ALL = 100
"""Percent of the memory that a pod requests."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 4
    scaleMetric: memory
    scaleTarget: 70
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


def in_standard(subject: Subject, classes: tuple[str | None, ...]) -> Iterator[Component]:
    """The components of a service in Standard mode with one of the autoscaler classes; None is no class."""
    if mode(subject) in (STANDARD, "RawDeployment") and annotations_of(subject).get(AUTOSCALER) in classes:
        yield from components(subject)


@rule(
    id="KSV106",
    name="request-metric-in-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleMetric"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="in Standard mode nothing scales by {metric}: the service scales by 80 % CPU instead",
    fix="Write scaleMetric: cpu or memory, use the autoscaler class keda, or Knative mode.",
    source=HPA,
    bad=GOOD.replace("scaleMetric: memory", "scaleMetric: concurrency"),
    good=GOOD,
)
def request_metric_in_standard(subject: Subject) -> Iterator[Hit]:
    """The webhook looks at the metric only where the class annotation is hpa, though hpa is the default.

    The controller then makes an autoscaler without a metric, and Kubernetes fills in 80 % CPU.
    """
    for component in in_standard(subject, (NO_CLASS,)):
        metric = text(component.spec, "scaleMetric")
        if metric in ("concurrency", "rps"):
            yield Hit((*component.path, "scaleMetric"), {"metric": metric})


@rule(
    id="KSV107",
    name="memory-metric-without-target",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleMetric"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="scaleMetric memory without scaleTarget is dropped: the service scales by 80 % CPU instead",
    fix="Add scaleTarget, the utilisation of memory in percent.",
    source=HPA,
    bad=GOOD.replace("    scaleTarget: 70\n", ""),
    good=GOOD,
)
def memory_metric_without_target(subject: Subject) -> Iterator[Hit]:
    """There is a default target for CPU and none for memory, so the autoscaler gets no metric at all."""
    for component in in_standard(subject, BY_HPA):
        if component.spec.get("scaleMetric") == "memory" and component.spec.get("scaleTarget") is None:
            yield Hit((*component.path, "scaleMetric"))


@rule(
    id="KSV128",
    name="memory-target-above-all-memory",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleTarget"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="scaleTarget {target} of memory is a percentage, not MiB: pods are added at {target} % of their requests",
    fix="Write a percentage below 100, such as 70; for an amount use the autoscaler class keda.",
    source=HPA,
    bad=GOOD.replace("scaleTarget: 70", "scaleTarget: 1024"),
    good=GOOD,
)
def memory_target_above_all_memory(subject: Subject) -> Iterator[Hit]:
    """KServe's own error text speaks of mebibytes, and the controller makes a utilisation of the number.

    Pods are killed at their limit long before, so nothing ever scales. With the class annotation hpa the webhook
    refuses a target above 100; without it nobody looks.
    """
    for component in in_standard(subject, (NO_CLASS,)):
        target = integer(component.spec, "scaleTarget")
        if component.spec.get("scaleMetric") == "memory" and target is not None and target > ALL:
            yield Hit((*component.path, "scaleTarget"), {"target": target})


@rule(
    id="KSV108",
    name="scale-to-zero-in-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"minReplicas"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="in Standard mode minReplicas 0 becomes 1: a HorizontalPodAutoscaler never scales to zero",
    fix="Write 1, or use the autoscaler class keda, or Knative mode.",
    source=HPA,
    bad=GOOD.replace("minReplicas: 1", "minReplicas: 0"),
    good=GOOD,
)
def scale_to_zero_in_standard(subject: Subject) -> Iterator[Hit]:
    """The pod stays, and so does the bill for its GPU."""
    stable = tuple(in_standard(subject, BY_HPA))
    others = tuple(component for _, _, component in canaries(subject)) if stable else ()
    for component in (*stable, *others):
        if integer(component.spec, "minReplicas") == 0:
            yield Hit((*component.path, "minReplicas"))


@rule(
    id="KSV109",
    name="concurrency-in-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"containerConcurrency"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="containerConcurrency works in Knative mode only; in Standard mode nothing limits the requests of a pod",
    fix=CONCURRENCY.instead,
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/component.go"),
    bad=GOOD.replace("    minReplicas: 1\n", "    minReplicas: 1\n    containerConcurrency: 4\n"),
    good=GOOD,
)
def concurrency_in_standard(subject: Subject) -> Iterator[Hit]:
    """The limit is kept by Knative's proxy, and Standard mode has none."""
    for component in components(subject):
        if integer(component.spec, "containerConcurrency") and unread(subject, CONCURRENCY, component.name):
            yield Hit((*component.path, "containerConcurrency"), on_key=True)
