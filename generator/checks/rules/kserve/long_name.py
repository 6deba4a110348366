"""Names that are too long for what KServe makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import KNATIVE, STANDARD, canaries, components, mode
from generator.checks.subject import text
from generator.outcome.kserve.names import app, component, predictor_service
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

LIMIT = 63
"""Characters of a label's value and of a part of a host name."""


@rule(
    id="KSV111",
    name="service-name-too-long",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe makes '{made}' of this name, {length} characters, and {limit} are allowed",
    fix="Shorten the name by {over}.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: handwritten-digits-of-the-post-office-in-production
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: handwritten-digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def service_name_too_long(subject: Subject) -> Iterator[Hit]:
    """Admission looks at the characters of the name, not at their number.

    The controller then fails on the label or the host that it makes of it, and the service never gets ready.
    """
    name = subject.document.name
    if not name:
        return
    for path, made in _made(subject, name):
        if len(made) > LIMIT:
            yield hit(*path, made=made, length=len(made), limit=LIMIT, over=len(made) - LIMIT)
            return


def _made(subject: Subject, name: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What the controller makes of the names: labels in Standard mode, host parts in Knative mode."""
    found = mode(subject)
    namespace = subject.document.namespace
    parts = sorted((component.name for component in components(subject)), key=len, reverse=True)
    if found == STANDARD:
        own = text(subject.data, "spec", "predictor", "name")
        if own:
            yield ("spec", "predictor", "name"), app(predictor_service(name, own))
        for _, _, canary in canaries(subject):
            yield (*canary.path, "name"), app(predictor_service(name, text(canary.spec, "name") or ""))
        yield from ((("metadata", "name"), app(component(name, part))) for part in parts)
    elif found == KNATIVE and namespace:
        yield from ((("metadata", "name"), f"{name}-{part}-{namespace}") for part in parts)
