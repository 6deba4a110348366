"""A service that asks for KEDA and names nothing to scale by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.keda import GOOD
from generator.checks.rules.kserve.scaling import KEDA
from generator.checks.rules.kserve.spec import AUTOSCALER, STANDARD, V0_21, annotations_of, components, mode
from generator.checks.rules.kserve.tracing import VALIDATION
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

BAD = GOOD[: GOOD.index("    autoScaling:")] + GOOD[GOOD.index("    model:") :]


@rule(
    id="KSV461",
    name="keda-without-auto-scaling",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({AUTOSCALER}),
    since=V0_21,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the autoscaler class is keda and no component has autoScaling, which KServe refuses since 0.21",
    fix="Name what to scale by under autoScaling.metrics of a component, or write the class none.",
    source=VALIDATION,
    bad=BAD,
    good=GOOD,
)
def keda_without_auto_scaling(subject: Subject) -> Iterator[Hit]:
    """Before, such a service was taken and never scaled. One that lives in a cluster is refused at its next write.

    One component with autoScaling is enough; the others get no ScaledObject and keep their replicas.
    """
    if _scales_nothing(subject):
        yield hit("metadata", "annotations", AUTOSCALER)


def _scales_nothing(subject: Subject) -> bool:
    if annotations_of(subject).get(AUTOSCALER) != KEDA:
        return False
    return not any(isinstance(one.spec.get("autoScaling"), dict) for one in components(subject))


@rule(
    id="KSV493",
    name="keda-scales-nothing",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({AUTOSCALER}),
    until=V0_21,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the autoscaler class is keda and no component has autoScaling, so nothing scales",
    fix="Name what to scale by under autoScaling.metrics of a component; KServe 0.21 refuses the object as it is.",
    source=Source(
        "kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/reconcilers/keda/keda_reconciler.go"
    ),
    bad=BAD,
    good=GOOD,
)
def keda_scales_nothing(subject: Subject) -> Iterator[Hit]:
    """No ScaledObject is made, and no autoscaler of another kind either: the pods stay as many as they began."""
    if mode(subject) in (STANDARD, "RawDeployment") and _scales_nothing(subject):
        yield hit("metadata", "annotations", AUTOSCALER)
