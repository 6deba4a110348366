"""Annotations under KServe's prefix that nothing reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import PREFIX, V0_16, annotations_of, by_route
from generator.checks.structure.suggest import nearest
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.schemas import Version

ALWAYS = (
    *("deploymentMode", "autoscalerClass", "enable-tag-routing", "stop", "enable-metric-aggregation"),
    *("enable-prometheus-scraping", "nodegroup", "disable-localmodel", "gke-accelerator", "gpu-resource-types"),
    *("storage-initializer-uid", "storageSecretName", "secretName", "inferencepool-migrated"),
)
SINCE_0_16 = ("disable-auto-update",)
DEAD = {
    **dict.fromkeys(("metric", "metrics"), "write scaleMetric in the predictor"),
    "targetUtilizationPercentage": "write scaleTarget in the predictor",
    **dict.fromkeys(
        ("logger-secret-name", "logger-secret-path", "logger-secret-file"), "name the secret in logger.storage"
    ),
}
"""Constants of KServe's code that nothing reads, or names of another age, and what does the same."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations:
    serving.kserve.io/deploymentMode: Standard
    serving.kserve.io/autoscalerClass: hpa
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV112",
    name="unread-annotation",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe reads no annotation '{key}' on an InferenceService",
    fix="Remove it{advice}.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad=GOOD.replace("autoscalerClass", "autoscalerclass"),
    good=GOOD,
)
def unread_annotation(subject: Subject) -> Iterator[Hit]:
    """Annotations have no schema, so a misspelt one is taken and never looked at.

    The s3-* annotations count only on the Secret that holds the credentials, or on a ServiceAccount beside the
    annotation of an IAM role; and a canary's percent only as a field.
    """
    for key in annotations_of(subject):
        name = key.removeprefix(PREFIX)
        if key.startswith(PREFIX) and name not in _known(subject.release):
            yield hit("metadata", "annotations", key, on_key=True, key=key, advice=_advice(name, subject.release))


RELATED = re.compile(r"kserve|kubeflow|kfserving|(^|\.)serving\.", re.IGNORECASE)
"""Domains of which KServe's may be meant; ``serving.knative.dev`` is another's, and real."""


@rule(
    id="KSV562",
    name="annotation-in-a-wrong-domain",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe reads '{name}' in its own domain only, so nobody reads '{key}'",
    fix="Write {right} instead of {key}.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/constants/constants.go"),
    bad=GOOD.replace("serving.kserve.io/autoscalerClass", "serving.kubeflow.org/autoscalerClass"),
    good=GOOD,
)
def annotation_in_a_wrong_domain(subject: Subject) -> Iterator[Hit]:
    """Without its mode, a service runs as the cluster's default says; without its class, it is scaled by CPU.

    `serving.kubeflow.org` is what the domain was called in KFServing.
    """
    for key in annotations_of(subject):
        domain, slash, name = key.rpartition("/")
        strange = slash and domain not in (PREFIX.rstrip("/"), "serving.knative.dev") and RELATED.search(domain)
        if strange and name in _known(subject.release):
            yield hit("metadata", "annotations", key, on_key=True, key=key, name=name, right=f"{PREFIX}{name}")


def _known(release: Version | None) -> tuple[str, ...]:
    return ALWAYS if release is not None and release < V0_16 else (*ALWAYS, *SINCE_0_16)


def _advice(name: str, release: Version | None) -> str:
    """What to do instead; empty where nothing is known."""
    if name.startswith("s3-"):
        return ", or move it to the Secret with the credentials (a ServiceAccount counts only beside an IAM role)"
    if "canary" in name.lower():
        return f" and write canaryTrafficPercent in the predictor (Knative mode), or split with {by_route(release)}"
    if name in DEAD:
        return f"; {DEAD[name]}"
    near = nearest(name, _known(release))
    return f", or write {PREFIX}{near}" if near else ""
