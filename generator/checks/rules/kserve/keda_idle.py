"""A service that asks for KEDA and names nothing to scale by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.keda import GOOD
from generator.checks.rules.kserve.scaling import KEDA
from generator.checks.rules.kserve.spec import AUTOSCALER, INFERENCE_SERVICE, V0_21, annotations_of, components
from generator.checks.rules.kserve.tracing import VALIDATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


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
    bad=GOOD[: GOOD.index("    autoScaling:")] + GOOD[GOOD.index("    model:") :],
    good=GOOD,
)
def keda_without_auto_scaling(subject: Subject) -> Iterator[Hit]:
    """Before, such a service was taken and never scaled. One that lives in a cluster is refused at its next write.

    One component with autoScaling is enough; the others get no ScaledObject and keep their replicas.
    """
    if annotations_of(subject).get(AUTOSCALER) != KEDA:
        return
    if not any(isinstance(one.spec.get("autoScaling"), dict) for one in components(subject)):
        yield hit("metadata", "annotations", AUTOSCALER)
