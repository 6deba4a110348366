"""Who scales a component's Deployment in mode Standard: an HPA, KEDA's ScaledObject, or nothing of KServe's.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers: autoscaler/autoscaler_reconciler.go
(``createAutoscaler``) and hpa/hpa_reconciler.go (``shouldCreateHPA``); the same since v0.15.2. Knative scales in its
own way: see ``knative``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import keda, otel
from generator.outcome.kserve.hpa import horizontal
from generator.outcome.part import Part, value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.part import Tree

CLASS = "serving.kserve.io/autoscalerClass"
"""The annotation that says who scales. It may stand on the InferenceService, on a component or on a runtime."""
_LOOKS = Version(0, 16)
HPA, KEDA, EXTERNAL, NONE = "hpa", "keda", "external", "none"


def scaler(annotations: Mapping[str, Tree]) -> str:
    """Who scales a component: ``hpa`` where its annotations say nothing."""
    found = value_of(annotations.get(CLASS))
    return found if isinstance(found, str) else HPA


def breaks(component: Component) -> str:
    """Why KServe makes nothing more; empty where it does.

    Up to 0.15 it reads the resource of each metric without a look whether there is one, and ends in a panic (kserve
    v0.15.2, hpa_reconciler.go, ``getHPAMetrics``).
    """
    said = component.extension.get("autoScaling")
    if component.release >= _LOOKS or scaler(component.annotations) != HPA or not isinstance(said, Part):
        return ""
    blind = any(value_of(metric.get("resource")) is None for metric in said.each("metrics"))
    return "KServe makes nothing: under the class hpa it breaks on a metric without resource" if blind else ""


def made(component: Component) -> Iterator[Tree]:
    """The objects that scale a component in mode Standard.

    A class that there isn't makes the controller give the whole component up; admission refuses it anyway.
    """
    yield from otel.made(component)
    who = scaler(component.annotations)
    if who == HPA:
        yield horizontal(component.metadata(), component.name, component.extension)
    elif who == KEDA:
        yield keda.scaled_object(component)
