"""A workload that two autoscalers scale: one of the files, and another, or the one that a controller makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.checks.children import named_after
from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.references.workloads import (
    LOWERING,
    borrowers,
    by_name,
    copied,
    owns,
    scalers,
    target,
    whose,
)
from generator.checks.subject import integer, kind_of, may_be_in, text
from generator.schemas.kinds import AUTOSCALER, DEPLOYMENT, SCALED_OBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.references.workloads import Target
    from generator.checks.subject import Subject
    from generator.reading.documents import Document

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

_REPLACED = "it has the same name, so it replaces this one"
"""A controller that finds an object by the name of its own writes its own over it."""


class _Other(NamedTuple):
    """Another one that scales the same, what comes of that, and what to do."""

    name: str
    outcome: str
    advice: str


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
    KServe and Seldon Core 1 make autoscalers that nobody sees in the files. One of the files by the very name of theirs
    is no second one: it's a copy out of a cluster (by its owner or labels), or it's replaced by theirs. Argo Rollouts
    takes down the Deployment whose template a Rollout takes, and an autoscaler leaves alone what has 0 replicas.
    """
    wanted = target(kind_of(subject.document), subject.data)
    if wanted is None:
        return
    for other in _others(subject, wanted):
        what = f"the {wanted.kind.kind} {wanted.name}"
        yield Hit(wanted.path, {"other": other.name, "what": what, "outcome": other.outcome, "advice": other.advice})
        return


def _others(subject: Subject, wanted: Target) -> Iterator[_Other]:
    """Who else scales it; neither a copy of what a controller made, beside its maker, nor KEDA's own for this one."""
    document = subject.document
    for one in subject.index.derive(scalers).get((wanted.kind, wanted.name), ()):
        near = not _same(one, document) and may_be_in((one.namespace,), document.namespace)
        if near and not owns(one, document) and not owns(document, one):
            advice = "Keep one of them, with the metrics of both."
            yield _Other(f"the {one.kind} {one.name}", _outcome(one.kind, document.kind), advice)
    for made in named_after(subject.index, subject.beside, wanted.name, document.namespace):
        child = made.child
        scaled = target(child.kind, child.data) if child.kind in (AUTOSCALER, SCALED_OBJECT) else None
        if scaled is None or (scaled.kind, scaled.name) != (wanted.kind, wanted.name):
            continue
        itself = any(_same(one, document) for one in by_name(subject.index, child.kind, child.name, child.namespace))
        if itself and copied(made, document):
            continue
        way = _WAY_OUT.get(made.document.api_version.rpartition("/")[0], "have its controller make none")
        outcome = _REPLACED if itself else _outcome(child.kind.kind, document.kind)
        yield _Other(whose(made), outcome, f"Keep one of them: give the {made.document.kind} the metric, or {way}.")
    for one in subject.index.derive(borrowers).get((wanted.kind, wanted.name), ()):
        lowers = wanted.kind == DEPLOYMENT and text(one.data, "spec", "workloadRef", "scaleDown") in LOWERING
        if lowers and may_be_in((one.namespace,), document.namespace):
            yield _Other(f"the Rollout {one.name}", _lowered(subject), f"Scale the Rollout {one.name} instead.")


def _lowered(subject: Subject) -> str:
    """What comes of it where a Rollout takes the Deployment down: at 0 an autoscaler is off, unless its least is 0."""
    off = kind_of(subject.document) == AUTOSCALER and integer(subject.data, "spec", "minReplicas") != 0
    return "down to 0, where an autoscaler stops" if off else "what one takes down, the other brings back"


def _same(one: Document, other: Document) -> bool:
    return (one.kind, one.name, one.namespace) == (other.kind, other.name, other.namespace)


def _outcome(*kinds: str) -> str:
    return "KEDA refuses that" if SCALED_OBJECT.kind in kinds else "both stop, and nothing is scaled"
