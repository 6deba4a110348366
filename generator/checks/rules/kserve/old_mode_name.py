"""Mode names of before 0.16."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.spec import DEFAULTS, MODE, NEW_NAMES, V0_16, V0_17, VALIDATION
from generator.checks.subject import text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

BAD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: RawDeployment}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""
GOOD = BAD.replace("RawDeployment", "Standard")


@rule(
    id="KSV116",
    name="old-mode-name",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    since=V0_17,
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="KServe rewrites the mode '{old}' to '{new}'",
    fix="Write {new}, so that GitOps tools see no difference that nobody made.",
    source=DEFAULTS,
    bad=BAD,
    good=GOOD,
)
def old_mode_name(subject: Subject) -> Iterator[Hit]:
    """The old names still work, but the object in the cluster has the new one, and Argo CD shows it as drift."""
    yield from _old(subject)


@rule(
    id="KSV117",
    name="old-mode-name-on-0-16",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    since=V0_16,
    until=V0_17,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe 0.16 takes the mode '{old}' at first, and then refuses every update of the service",
    fix="Write {new}.",
    source=VALIDATION,
    bad=BAD,
    good=GOOD,
)
def old_mode_name_on_0_16(subject: Subject) -> Iterator[Hit]:
    """This release knows both names but rewrites neither: its status says Standard, the annotation RawDeployment.

    The webhook compares the two on every update, and it applies Knative's scaling rules to the old name.
    """
    yield from _old(subject)


def _old(subject: Subject) -> Iterator[Hit]:
    old = text(subject.document.data, "metadata", "annotations", MODE)
    if old in NEW_NAMES:
        yield hit("metadata", "annotations", MODE, old=old, new=NEW_NAMES[old])
