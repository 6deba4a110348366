"""No mode annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import V0_16, V0_20, mode
from generator.checks.subject import sequence
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="KSV101",
    name="no-deployment-mode",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="no mode annotation: the service runs as the cluster's default says, with Knative or without",
    fix="Set the annotation serving.kserve.io/deploymentMode: {choices}.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/configmap.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
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
def no_deployment_mode(subject: Subject) -> Iterator[Hit]:
    """Upstream's manifests default to Knative, many installations to Standard.

    The same file then scales, splits traffic and is reached differently from cluster to cluster.
    """
    release = subject.release or V0_20
    refused = release >= V0_20 and bool(sequence(subject.data, "spec", "canary"))
    if mode(subject) is None and not refused:
        yield hit(
            "metadata", on_key=True, choices="RawDeployment or Serverless" if release < V0_16 else "Standard or Knative"
        )
