"""Which of the webhook's three readings of the scaling fields applies to a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kserve.spec import (
    AUTOSCALER,
    KNATIVE_CLASS,
    STANDARD,
    V0_16,
    annotations_of,
    components,
    mode,
)
from generator.checks.subject import sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rules.kserve.spec import Component
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

HPA, KEDA, KPA = "hpa", "keda", "kpa"


def reading(subject: Subject) -> str | None:
    """``hpa``, ``keda``, ``kpa``, or None where the webhook checks nothing.

    In Standard mode the class annotation decides, and no class, ``external`` and ``none`` are not looked at; any other
    mode annotation, also a missing one, means Knative's autoscaler, unless Knative's own annotation asks for the HPA.
    Up to 0.15 the mode is compared with its old name (inference_service_validation.go,
    validateAutoScalingCompExtension).
    """
    standard = "RawDeployment" if subject.release is not None and subject.release < V0_16 else STANDARD
    notes = annotations_of(subject)
    if mode(subject) == standard:
        found = notes.get(AUTOSCALER)
        return found if found in (HPA, KEDA) else None
    return HPA if notes.get(KNATIVE_CLASS) == "hpa.autoscaling.knative.dev" else KPA


def scaling(subject: Subject, wanted: str) -> Iterator[Component]:
    """The components, if the webhook reads their scaling fields in the wanted way."""
    if reading(subject) == wanted:
        yield from components(subject)


def targets(found: Iterable[Component]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Place and entry of each metric under ``autoScaling``."""
    for component in found:
        for number, metric in enumerate(sequence(component.spec, "autoScaling", "metrics")):
            if isinstance(metric, dict):
                yield (*component.path, "autoScaling", "metrics", number), metric
