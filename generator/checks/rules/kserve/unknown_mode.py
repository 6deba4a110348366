"""A mode annotation that KServe doesn't know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import MODE, V0_16, V0_20, mode
from generator.checks.structure.suggest import nearest
from generator.checks.subject import sequence
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

OLD = ("RawDeployment", "Serverless", "ModelMesh")
NEW = ("Standard", "Knative", "ModelMesh")


@rule(
    id="KSV100",
    name="unknown-deployment-mode",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({MODE}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe doesn't know the mode '{value}' and ignores it: the cluster's default mode applies",
    fix="Write {advice}; case counts.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
""",
)
def unknown_deployment_mode(subject: Subject) -> Iterator[Hit]:
    """Nothing refuses a misspelt mode. The service comes up, in whatever mode the cluster was set up with.

    With spec.canary the webhook does refuse it; that is KSV050.
    """
    value = mode(subject)
    release = subject.release or V0_20
    known = OLD if release < V0_16 else (*NEW, *OLD)
    refused = release >= V0_20 and bool(sequence(subject.data, "spec", "canary"))
    if value is None or value in known or refused:
        return
    offered = OLD if release < V0_16 else NEW
    near = nearest(value, known)
    advice = near or f"{', '.join(offered[:-1])} or {offered[-1]}"
    yield hit("metadata", "annotations", MODE, value=value, advice=advice)
