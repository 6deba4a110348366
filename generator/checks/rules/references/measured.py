"""What an autoscaler measures: containers that ask for nothing, and kinds that have no pods to measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kubernetes.examples import DEPLOYMENT
from generator.checks.rules.references.workloads import by_name, requested, target, workloads
from generator.checks.subject import mapping, may_be_in, reach, sequence, text
from generator.reading.kind import Kind
from generator.schemas import load
from generator.schemas.kinds import AUTOSCALER, LIMIT_RANGE
from generator.schemas.products import KUBERNETES, owned_groups, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.references.workloads import Target
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

WITHOUT_PODS = frozenset((Kind("mlops.seldon.io", "Model"),))
"""Kinds with a scale whose replicas are none of pods: a Model's are copies in the memory of its server's pods."""
_OF_PODS = ("Resource", "ContainerResource", "Pods")
_FROM = Source("kubernetes/kubernetes", "v1.34.0", "pkg/controller/podautoscaler/metrics/utilization.go")
_SCALE = Source("kubernetes/kubernetes", "v1.34.0", "pkg/controller/podautoscaler/horizontal.go")
_AUTOSCALER = """---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: digits
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: digits}
  maxReplicas: 6
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
"""
_MODEL = """
apiVersion: mlops.seldon.io/v1alpha1
kind: Model
metadata: {name: digits}
spec: {storageUri: "s3://models/digits/1", requirements: [sklearn], secretName: store}
"""


class Metric(NamedTuple):
    """A share of what containers ask for.

    Attributes:
        path: Where it stands.
        resource: The resource.
        container: The one container that counts; empty for all.
    """

    path: Path
    resource: str
    container: str = ""


@rule(
    id="REF021",
    name="metric-without-request",
    product=KUBERNETES,
    kinds=(AUTOSCALER,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the container {container} of {workload} has no request for {resource}, so no share of it can be told: "
    "nothing is scaled",
    fix="Give it resources.requests.{resource}, or aim at an averageValue.",
    source=_FROM,
    bad=DEPLOYMENT + _AUTOSCALER,
    good=f"{DEPLOYMENT}          resources: {{requests: {{cpu: 500m}}}}\n{_AUTOSCALER}",
)
def metric_without_request(subject: Subject) -> Iterator[Hit]:
    """A share is one of the pods' requests, of all their containers; where one has none, nothing can be told.

    The autoscaler then keeps the pods as they are, and only its events say "missing request for cpu". A LimitRange of
    the namespace may fill requests in, so with one in the set nothing is said.
    """
    scaled = target(AUTOSCALER, subject.data)
    namespace = subject.document.namespace
    if scaled is None or _filled_in(subject, namespace):
        return
    for workload in workloads(subject, scaled.kind, scaled.name, namespace)[:1]:
        for metric in _shares(subject.data):
            if reach(workload.pod, "resources", "requests", metric.resource) is not None:
                continue
            for _, container in workload.containers:
                name = text(container, "name") or ""
                if metric.container in ("", name) and not requested(container, metric.resource):
                    what = f"the {workload.kind.kind} {workload.name}"
                    values = {"container": name, "workload": what, "resource": metric.resource}
                    yield Hit(metric.path, values)
                    break


def _filled_in(subject: Subject, namespace: str) -> bool:
    return any(may_be_in((one.namespace,), namespace) for one in subject.index.by_kind.get(LIMIT_RANGE, ()))


def _shares(data: Mapping[str, Any]) -> Iterator[Metric]:
    """The shares that an autoscaler aims at; without any metric it is 80 % of the CPU."""
    spec = mapping(data, "spec")
    if not sequence(spec, "metrics"):
        old = spec.get("targetCPUUtilizationPercentage")
        yield Metric(("spec", "targetCPUUtilizationPercentage") if old is not None else ("spec", "maxReplicas"), "cpu")
    for number, metric in enumerate(sequence(spec, "metrics")):
        for kind, field in (("Resource", "resource"), ("ContainerResource", "containerResource")):
            found = mapping(metric, field)
            name = text(found, "name")
            if text(metric, "type") == kind and name and reach(found, "target", "averageUtilization") is not None:
                container = text(found, "container") or "" if kind == "ContainerResource" else ""
                yield Metric(("spec", "metrics", number, field), name, container)


@rule(
    id="REF022",
    name="scaled-without-pods",
    product=KUBERNETES,
    kinds=(AUTOSCALER,),
    when=frozenset({"scaleTargetRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{problem}: this autoscaler scales nothing",
    fix="{advice}",
    source=_SCALE,
    bad=_MODEL + _AUTOSCALER.replace("apps/v1, kind: Deployment", "mlops.seldon.io/v1alpha1, kind: Model"),
    good=f"{DEPLOYMENT}          resources: {{requests: {{cpu: 500m}}}}\n{_AUTOSCALER}",
)
def scaled_without_pods(subject: Subject) -> Iterator[Hit]:
    """An autoscaler asks a kind for its scale, takes the selector from there, and measures the pods that this selects.

    A kind without a scale, or without a selector in it, can't be scaled at all; where the replicas are no pods, what
    pods use says nothing of them.
    """
    scaled = target(AUTOSCALER, subject.data)
    if scaled is None:
        return
    problem, advice = _unscalable(subject, scaled)
    if problem:
        yield Hit(scaled.path, {"problem": problem, "advice": advice})
    elif scaled.kind in WITHOUT_PODS:
        for number, metric in enumerate(sequence(subject.data, "spec", "metrics")):
            if text(metric, "type") in _OF_PODS:
                what = text(metric, "resource", "name") or text(metric, "containerResource", "name") or "metrics"
                problem = f"a {scaled.kind.kind} has no pods of its own whose {what} could be read"
                advice = "Take a metric of type Object or External, such as its requests; or scale its Server by it."
                yield Hit(("spec", "metrics", number), {"problem": problem, "advice": advice})


def _unscalable(subject: Subject, scaled: Target) -> tuple[str, str]:
    """Why something can't be scaled, by its CRD, and what to do; empty where it can, or where nobody here knows."""
    for product, release, _ in subject.beside:
        if product == KUBERNETES or scaled.kind.group not in owned_groups(product):
            continue
        schema = load(product, release).kind(scaled.kind.group, scaled.version, scaled.kind.kind)
        if schema is None:
            continue
        scale, named = schema.kind.scale, f"{title(product)}'s {scaled.kind.kind}"
        if scale is None or not scale.selector:
            problem = f"{named} has no scale" if scale is None else f"the scale of {named} has no selector"
            return problem, "Scale the workload that has the pods, or use the kind's own means."
        if _says_no_replicas(subject, scaled):
            problem = (
                f"the {scaled.kind.kind} {scaled.name} says no replicas, which is read as 0, and 0 switches it off"
            )
            return problem, f"Set replicas in the {scaled.kind.kind}."
    return "", ""


def _says_no_replicas(subject: Subject, scaled: Target) -> bool:
    """Whether what is scaled stands in the set and leaves its replicas open, which nobody fills in for a CRD."""
    namespace = subject.document.namespace
    every = by_name(subject.index, scaled.kind, scaled.name, namespace)
    return bool(every) and all(reach(one.data, "spec", "replicas") is None for one in every)
