"""A server that is older than the library that wrote the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.serving import TRAINED_WITH, built_in_tensorflow, tag_release
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

BUILT_IN = (2, 6)
"""TensorFlow Serving 2.6.2, the tag that KServe's runtime has had since before 0.15."""

GOOD = f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {{serving.kserve.io/deploymentMode: Standard}}
spec:
  predictor:
    annotations: {{{TRAINED_WITH}: tensorflow 2.20.0}}
    model: {{modelFormat: {{name: tensorflow}}, runtimeVersion: 2.20.0, storageUri: s3://models/digits/1}}
"""


@rule(
    id="ART001",
    name="server-older-than-model",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({TRAINED_WITH}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="TensorFlow {trained} wrote the model, and {server} can't load what a newer one wrote",
    fix="Set runtimeVersion to {trained}.0 or newer, or train with an older TensorFlow.",
    source=Source("tensorflow/serving", "2.20.0", "README.md"),
    bad=GOOD.replace("runtimeVersion: 2.20.0", "runtimeVersion: 2.18.0"),
    good=GOOD,
)
def server_older_than_model(subject: Subject) -> Iterator[Hit]:
    """Operations that the server doesn't know stop the load: the pod runs, and the model answers 404.

    The other way round is fine: a server loads what an older TensorFlow wrote. Without runtimeVersion KServe's own
    TensorFlow Serving 2.6.2 runs.
    """
    for served in built_in_tensorflow(subject):
        release = BUILT_IN if served.version is None else tag_release(served.version)
        if served.trained_with is None or release is None or release >= served.trained_with:
            continue
        name = served.version or "2.6.2, the built-in one,"
        path = served.path if served.version is None else (*served.path, "runtimeVersion")
        trained = ".".join(str(part) for part in served.trained_with)
        values = {"trained": trained, "server": f"TensorFlow Serving {name}"}
        yield Hit(path, values, on_key=served.version is None)
