"""A workload that two autoscalers scale: one of the files, and another, or the one that a controller makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.children import named_after
from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.references.workloads import AUTOSCALER, SCALED_OBJECT, scalers, target, whose
from generator.checks.subject import kind_of, may_be_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.references.workloads import Target
    from generator.checks.subject import Subject

_ONE = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: %s}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
  maxReplicas: 6
"""
_WAY_OUT = {
    "serving.kserve.io": "set serving.kserve.io/autoscalerClass: external on the InferenceService",
    "machinelearning.seldon.io": "remove hpaSpec and kedaSpec",
}
"""How a controller is told to make no autoscaler of its own, by the group of the kind that it makes it for."""


@rule(
    id="REF020",
    name="scaled-twice",
    product=None,
    kinds=(AUTOSCALER, SCALED_OBJECT),
    when=frozenset({"scaleTargetRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{other} scales {what} as well: {outcome}",
    fix="{advice}",
    source=Source("kubernetes/kubernetes", "v1.34.0", "pkg/controller/podautoscaler/horizontal.go"),
    bad=f"{_ONE % ('digits', 'digits')}---\n{_ONE % ('digits-by-queue', 'digits')}",
    good=f"{_ONE % ('digits', 'digits')}---\n{_ONE % ('letters', 'letters')}",
)
def scaled_twice(subject: Subject) -> Iterator[Hit]:
    """Two HorizontalPodAutoscalers on the same pods both stop: their ScalingActive is False, AmbiguousSelector.

    KEDA's webhook refuses a ScaledObject for what has an autoscaler already; without the webhook KEDA makes a second.
    KServe and Seldon Core 1 make autoscalers that nobody sees in the files.
    """
    wanted = target(kind_of(subject.document), subject.data)
    if wanted is None:
        return
    for other, advice in _others(subject, wanted):
        keda = SCALED_OBJECT.kind in (subject.document.kind, other.split()[1])
        outcome = "KEDA refuses that" if keda else "both stop, and nothing is scaled"
        what = f"the {wanted.kind.kind} {wanted.name}"
        yield Hit(wanted.path, {"other": other, "what": what, "outcome": outcome, "advice": advice})
        return


def _others(subject: Subject, wanted: Target) -> Iterator[tuple[str, str]]:
    """Who else scales it, and what to do."""
    document = subject.document
    for one in subject.index.derive(scalers).get((wanted.kind, wanted.name), ()):
        same = (one.kind, one.name, one.namespace) == (document.kind, document.name, document.namespace)
        if not same and may_be_in((one.namespace,), document.namespace):
            yield f"the {one.kind} {one.name}", "Keep one of them, with the metrics of both."
    for made in named_after(subject.index, subject.beside, wanted.name, document.namespace):
        scaled = target(made.child.kind, made.child.data) if made.child.kind in (AUTOSCALER, SCALED_OBJECT) else None
        if scaled and (scaled.kind, scaled.name) == (wanted.kind, wanted.name):
            way = _WAY_OUT.get(made.document.api_version.rpartition("/")[0], "have its controller make none")
            yield whose(made), f"Keep one of them: give the {made.document.kind} the metric, or {way}."
