"""Forms of another age that KServe still takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import DEFAULTS, MODE, MODELMESH, mode
from generator.checks.subject import mapping, text
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

V2 = ("triton", "onnx", "huggingface")
"""The framework fields for which the webhook sets the protocol as well."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="POL015",
    name="framework-form",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"predictor"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="KServe rewrites {field} to model, so the stored object differs from the file",
    fix="Write model: {{modelFormat: {{name: {field}}}{protocol}, …}} with the same fields.",
    source=DEFAULTS,
    bad=GOOD.replace("model: {modelFormat: {name: sklearn}, ", "sklearn: {"),
    good=GOOD,
)
def framework_form(subject: Subject) -> Iterator[Hit]:
    """The form of the first releases still works, but its field is gone when the object is stored.

    Argo CD and Flux show a difference that nobody made, and a patch by path finds nothing. It is said once an object
    and harms nobody, so it stays a note.
    """
    written = mapping(subject.document.data, "spec", "predictor")
    field = next((name for name in FRAMEWORKS if isinstance(written.get(name), dict)), None)
    if field and not isinstance(written.get("model"), dict) and mode(subject) != MODELMESH:
        protocol = ", protocolVersion: v2" if field in V2 and not text(written, field, "protocolVersion") else ""
        yield hit("spec", "predictor", field, on_key=True, field=field, protocol=protocol)


@rule(
    id="POL016",
    name="mode-modelmesh",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="mode ModelMesh leaves the predictor to another controller, which KServe doesn't ship",
    fix="Use Standard or Knative, unless ModelMesh is installed in the cluster and watches this namespace.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/controller.go"),
    bad=GOOD.replace("Standard", "ModelMesh"),
    good=GOOD,
)
def mode_modelmesh(subject: Subject) -> Iterator[Hit]:
    """The service is accepted and stays as it is, neither ready nor failed, where nobody runs ModelMesh's controller.

    That is a project of its own. Rules about the other modes keep silent on such a service.
    """
    if text(subject.document.data, "metadata", "annotations", MODE) == MODELMESH:
        yield hit("metadata", "annotations", MODE)
