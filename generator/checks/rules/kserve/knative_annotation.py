"""Knative's annotations on a service that doesn't run on Knative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.read_by import KNATIVE_ANNOTATIONS
from generator.checks.rules.kserve.spec import STANDARD, annotations_of, components, mode
from generator.checks.subject import mapping
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path


@rule(
    id="KSV113",
    name="knative-annotation-in-standard",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"annotations"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="only Knative reads '{key}', and this service runs in Standard mode",
    fix="Remove it; scale by minReplicas, maxReplicas, scaleMetric and scaleTarget.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    autoscaling.knative.dev/target: "10"
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Knative
    autoscaling.knative.dev/target: "10"
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def knative_annotation_in_standard(subject: Subject) -> Iterator[Hit]:
    """It is copied to the pods, where nobody looks for it."""
    if mode(subject) != STANDARD:
        return
    places: list[tuple[Path, Mapping[str, Any]]] = [(("metadata",), annotations_of(subject))]
    places += [(component.path, mapping(component.spec, "annotations")) for component in components(subject)]
    for path, found in places:
        for key in found:
            if key.startswith(KNATIVE_ANNOTATIONS):
                yield Hit((*path, "annotations", key), {"key": key}, on_key=True)
