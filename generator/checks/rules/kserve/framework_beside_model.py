"""A framework field beside ``model``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.spec import DEFAULTS, MODELMESH, mode
from generator.checks.subject import mapping
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="KSV104",
    name="framework-beside-model",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"model"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{field}' overwrites this model without a word",
    fix="Keep one of the two; model is the form to keep.",
    source=DEFAULTS,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    sklearn: {storageUri: s3://models/digits/1}
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}
""",
)
def framework_beside_model(subject: Subject) -> Iterator[Hit]:
    """The mutating webhook makes a model of the framework field and puts it where the other model stood.

    After that there is exactly one implementation, so nothing refuses the object.
    """
    written = mapping(subject.document.data, "spec", "predictor")
    field = next((name for name in FRAMEWORKS if isinstance(written.get(name), dict)), None)
    if field and isinstance(written.get("model"), dict) and mode(subject) != MODELMESH:
        yield Hit(("spec", "predictor", "model"), {"field": field}, on_key=True, written=True)
