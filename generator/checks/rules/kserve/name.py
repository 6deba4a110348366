"""The name of an InferenceService."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.spec import VALIDATION
from generator.checks.subject import text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


@rule(
    id="KSV001",
    name="service-name-outside-the-pattern",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the name '{name}'",
    fix="Use lower-case letters, digits and '-' only, with a letter first and no '-' last.",
    source=VALIDATION,
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: 2nd.digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits-2nd
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def service_name_outside_the_pattern(subject: Subject) -> Iterator[Hit]:
    """Kubernetes would take the name, but KServe makes Services and hosts of it.

    Its webhook is stricter than the API server: no dot, and no digit in front.
    """
    name = text(subject.data, "metadata", "name")
    prefix = text(subject.data, "metadata", "generateName")
    if name and not NAME.fullmatch(name):
        yield hit("metadata", "name", name=name)
    elif not name and prefix and not NAME.fullmatch(f"{prefix}x"):
        yield hit("metadata", "generateName", name=f"{prefix}…")
