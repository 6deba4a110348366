"""Services that are to scale to zero by what only running pods have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.keda.zero import HANDLER, OF_PODS, WEBHOOK, measured_in_pods, names_of
from generator.checks.rules.kserve.keda import GOOD as BY_KEDA
from generator.checks.rules.kserve.llm import LLM_SERVICE, with_spec, workloads
from generator.checks.rules.kserve.scaling import KEDA
from generator.checks.rules.kserve.spec import KNATIVE, KNATIVE_CLASS, V0_21, annotations_of, mode
from generator.checks.rules.kserve.spec import components as components_of
from generator.checks.rules.kserve.standard_scaling import in_standard
from generator.checks.subject import integer, mapping, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

HPA_OF_KNATIVE = "hpa.autoscaling.knative.dev"
ON_KNATIVE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Knative
    autoscaling.knative.dev/class: hpa.autoscaling.knative.dev
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 4
    scaleMetric: cpu
    scaleTarget: 60
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""
TRIGGERED = with_spec(
    "  scaling:\n"
    "    minReplicas: 1\n"
    "    maxReplicas: 4\n"
    "    keda: {triggers: [{type: cpu, metricType: Utilization, metadata: {value: '60'}}]}\n"
).replace("  replicas: 1\n", "")
BY_CPU = """
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
        - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV525",
    name="zero-with-keda-by-cpu-alone",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"minReplicas"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KEDA refuses to scale to zero by {names} alone, so KServe gets no ScaledObject and nothing scales",
    fix="Write minReplicas: 1, or add a metric of type External, which there is without a pod.",
    source=WEBHOOK,
    bad=BY_CPU.replace("minReplicas: 1", "minReplicas: 0"),
    good=BY_KEDA.replace("minReplicas: 1", "minReplicas: 0"),
)
def zero_with_keda_by_cpu_alone(subject: Subject) -> Iterator[Hit]:
    """Without a pod there is no CPU to measure, so nothing would ever wake the service: KEDA's webhook says no.

    The Deployment is there by then, and keeps the pods that it began with.
    """
    for component in in_standard(subject, (KEDA,)):
        metrics = sequence(component.spec, "autoScaling", "metrics")
        names = [text(one, "resource", "name") if text(one, "type") == "Resource" else None for one in metrics]
        if integer(component.spec, "minReplicas") == 0 and names and all(name in OF_PODS for name in names):
            told = " and ".join(dict.fromkeys(name for name in names if name))
            yield Hit((*component.path, "minReplicas"), {"names": told})


@rule(
    id="KSV526",
    name="zero-with-the-hpa-of-knative",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({KNATIVE_CLASS}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="minReplicas 0 becomes 1: Knative's class hpa makes a HorizontalPodAutoscaler, which never scales to zero",
    fix="Write minReplicas: 1, or remove the annotation autoscaling.knative.dev/class and scale by requests.",
    source=Source("knative/serving", "knative-v1.20.0", "pkg/reconciler/autoscaling/hpa/resources/hpa.go"),
    bad=ON_KNATIVE.replace("minReplicas: 1", "minReplicas: 0"),
    good=ON_KNATIVE,
)
def zero_with_the_hpa_of_knative(subject: Subject) -> Iterator[Hit]:
    """Scaling to zero is what Knative is chosen for, and this class takes it away without a word."""
    if mode(subject) != KNATIVE or annotations_of(subject).get(KNATIVE_CLASS) != HPA_OF_KNATIVE:
        return
    for component in components_of(subject):
        if integer(component.spec, "minReplicas") == 0:
            yield Hit((*component.path, "minReplicas"))


@rule(
    id="KSV527",
    name="llm-idle-by-cpu-alone",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({"idleReplicaCount"}),
    since=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the service never idles: by {names} alone KEDA takes it for busy all the time",
    fix="Remove idleReplicaCount, or add a trigger from outside the pods.",
    source=HANDLER,
    bad=TRIGGERED.replace("keda: {triggers", "keda: {idleReplicaCount: 0, triggers"),
    good=TRIGGERED,
)
def llm_idle_by_cpu_alone(subject: Subject) -> Iterator[Hit]:
    """Zero is the idle count of a service that KEDA scales, and CPU and memory can't tell that nobody asks."""
    for path, spec in workloads(subject):
        scaler = mapping(spec, "scaling", "keda")
        triggers = sequence(scaler, "triggers")
        if measured_in_pods(triggers) and integer(scaler, "idleReplicaCount") is not None:
            yield hit(*path, "scaling", "keda", "idleReplicaCount", names=names_of(triggers))
