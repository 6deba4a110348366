"""KServe 0.19 and the annotation Knative."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import KNATIVE, MODE, V0_19, V0_20, mode
from generator.checks.subject import mapping
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject

BAD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Knative}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV140",
    name="knative-on-0-19",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    since=V0_19,
    until=V0_20,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe 0.19.0 takes a new service with this annotation, and then refuses what its own controller writes",
    fix="Leave the annotation out where the cluster's default is Knative, or go on to KServe 0.20.",
    source=Source("kserve/kserve", "v0.19.0", "pkg/apis/serving/v1beta1/inference_service_validation.go"),
    bad=BAD,
    good=BAD.replace("Knative", "Standard"),
)
def knative_on_0_19(subject: Subject) -> Iterator[Hit]:
    """The webhook takes a status that is still empty for Standard, so it sees a change of the mode in every update.

    The first one is the controller's own finalizer; it gets no further, and the service never gets pods. Services that
    have a status from before are fine, and 0.20 mended it.
    """
    if mode(subject) == KNATIVE and not mapping(subject.data, "status").get("deploymentMode"):
        yield hit("metadata", "annotations", MODE)
