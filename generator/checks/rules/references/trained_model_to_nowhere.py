"""A TrainedModel for an InferenceService that the given files don't have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.trained_model import GOOD
from generator.checks.rules.references.graph_to_nowhere import services
from generator.checks.subject import may_be_in, text
from generator.schemas.kinds import TRAINED_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="REF011",
    name="trained-model-to-nowhere",
    product="kserve",
    kinds=(TRAINED_MODEL,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no InferenceService {name} in the given files, which is to serve this model",
    fix="Check the model together with its service, or mend the name.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1alpha1/trainedmodel/controller.go"),
    bad=GOOD,
    good=f"""{GOOD}---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {{serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    model: {{modelFormat: {{name: sklearn}}, storageUri: s3://models/digits/1}}
""",
)
def trained_model_to_nowhere(subject: Subject) -> Iterator[Hit]:
    """Without its service, which has to be in the same namespace, the model is never loaded.

    The service may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    name = text(subject.data, "spec", "inferenceService")
    if name and not may_be_in(subject.index.derive(services).get(name, ()), subject.document.namespace):
        yield hit("spec", "inferenceService", name=name)
