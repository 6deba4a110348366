"""KServe's built-in TensorFlow Serving is of 2021."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.serving import built_in_tensorflow
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="KSV105",
    name="built-in-tensorflow-server",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat", "tensorflow"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="without runtimeVersion TensorFlow Serving 2.6.2 runs; it can't load what TensorFlow 2.10 or newer wrote",
    fix="Set runtimeVersion to the TensorFlow that exported the model, or a newer one, such as 2.20.0.",
    source=Source("kserve/kserve", "v0.20.0", "config/runtimes/kustomization.yaml"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: tensorflow}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: tensorflow}, runtimeVersion: 2.20.0, storageUri: s3://models/digits/1}
""",
)
def built_in_tensorflow_server(subject: Subject) -> Iterator[Hit]:
    """The pod comes up, the service is Ready, and every request is answered with 404.

    The log says `Op type not registered 'DisableCopyOnRead'`: the server is years older than the model. Where the
    predictor says what it was trained with, ART001 compares the two.
    """
    for served in built_in_tensorflow(subject):
        if served.version is None and served.trained_with is None:
            yield Hit(served.path, on_key=True)
