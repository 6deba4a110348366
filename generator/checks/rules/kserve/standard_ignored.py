"""Scaling and timeouts in Standard mode that come to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.read_by import BY_HPA, BY_NOBODY, EVERY_CLASS, SCRAPING, unread
from generator.checks.rules.kserve.spec import AUTOSCALER, annotations_of
from generator.checks.rules.kserve.standard_scaling import GOOD, HPA, in_standard
from generator.checks.subject import integer, mapping, sequence
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from generator.checks.subject import Subject

REQUESTS = ("concurrency", "rps")


@rule(
    id="KSV118",
    name="scaling-without-maximum",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"scaleMetric", "scaleTarget", "autoScaling"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="without maxReplicas the autoscaler's maximum is its minimum: nothing scales, whatever {field} says",
    fix="Add maxReplicas.",
    source=HPA,
    bad=GOOD.replace("    maxReplicas: 4\n", ""),
    good=GOOD,
)
def scaling_without_maximum(subject: Subject) -> Iterator[Hit]:
    """KServe lifts a maximum that isn't set to minReplicas, or to 1.

    The HorizontalPodAutoscaler is there, healthy, and never does anything.
    """
    for component in in_standard(subject, BY_HPA):
        field = next((name for name in ("scaleMetric", "scaleTarget") if component.spec.get(name) is not None), None)
        if field is None and sequence(component.spec, "autoScaling", "metrics"):
            field = "autoScaling"
        other = component.spec.get("scaleMetric") in REQUESTS
        if field and not other and not component.spec.get("maxReplicas"):
            yield Hit((*component.path, field), {"field": field}, on_key=True)


@rule(
    id="KSV119",
    name="scaling-without-autoscaler",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({AUTOSCALER}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{field} is ignored with the autoscaler class {name}: KServe makes no autoscaler then",
    fix="Remove it, or write the autoscaler class hpa or keda.",
    source=HPA,
    bad=GOOD.replace(
        "deploymentMode: Standard", "deploymentMode: Standard, serving.kserve.io/autoscalerClass: none"
    ).replace("    scaleMetric: memory\n    scaleTarget: 70\n", ""),
    good=GOOD,
)
def scaling_without_autoscaler(subject: Subject) -> Iterator[Hit]:
    """With `none` the service keeps minReplicas, with `external` something else has to set the replicas."""
    for component in in_standard(subject, BY_NOBODY):
        field = _ignored(component.spec)
        if field:
            name = annotations_of(subject).get(AUTOSCALER)
            yield Hit((*component.path, field), {"field": field, "name": name}, on_key=True)


def _ignored(spec: Mapping[str, Any]) -> str | None:
    """The first field that asks for scaling; a maximum that equals the minimum doesn't."""
    if (integer(spec, "maxReplicas") or 0) > max(integer(spec, "minReplicas") or 1, 1):
        return "maxReplicas"
    if sequence(spec, "autoScaling", "metrics"):
        return "autoScaling"
    return next((name for name in ("scaleMetric", "scaleTarget") if spec.get(name) is not None), None)


@rule(
    id="KSV120",
    name="timeout-in-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"timeout"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="in Standard mode timeout counts only where KServe makes HTTPRoutes; an Ingress knows nothing of it",
    fix="Set the timeout at the Ingress controller too, if the cluster's KServe makes Ingresses.",
    source=Source(
        "kserve/kserve",
        "v0.20.0",
        "pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/httproute_reconciler.go",
    ),
    bad=GOOD.replace("    minReplicas: 1\n", "    minReplicas: 1\n    timeout: 120\n"),
    good=GOOD,
)
def timeout_in_standard(subject: Subject) -> Iterator[Hit]:
    """Knative's proxy keeps the timeout; Standard mode has to write it into whatever leads to the pods."""
    if not mapping(subject.data, "spec"):
        return
    for component in in_standard(subject, EVERY_CLASS):
        if integer(component.spec, "timeout"):
            yield Hit((*component.path, "timeout"), on_key=True)


@rule(
    id="KSV129",
    name="scraping-in-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset(SCRAPING.place),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="in Standard mode nobody answers the scraping that this asks for: it names a port of Knative's proxy",
    fix=SCRAPING.instead,
    source=Source("kserve/kserve", "v0.20.0", "pkg/webhook/admission/pod/metrics_aggregate_injector.go"),
    bad=GOOD.replace("deploymentMode: Standard", f'deploymentMode: Standard, {SCRAPING.place[0]}: "true"'),
    good=GOOD,
)
def scraping_in_standard(subject: Subject) -> Iterator[Hit]:
    """KServe annotates the pod with the port 9091, or 9088 with aggregation.

    Both belong to the proxy that Knative puts beside the server. In Standard mode there is none, Prometheus finds the
    target down, and dashboards stay empty.
    """
    key = SCRAPING.place[0]
    if annotations_of(subject).get(key) == "true" and unread(subject, SCRAPING):
        yield Hit(("metadata", "annotations", key))
