"""TrainedModels: one model of a service that serves several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.subject import text
from generator.schemas.kinds import TRAINED_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

WEBHOOK = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1alpha1/trainedmodel_webhook.go")
PREFIXES = ("s3://", "gs://", "https://", "http://")

GOOD = """
apiVersion: serving.kserve.io/v1alpha1
kind: TrainedModel
metadata:
  name: digits-2
spec:
  inferenceService: digits
  model:
    framework: sklearn
    storageUri: s3://models/digits/2
    memory: 256Mi
"""


@rule(
    id="KSV350",
    name="trained-model-name",
    product="kserve",
    kinds=(TRAINED_MODEL,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the name '{name}' of a TrainedModel",
    fix="Write it without dots, such as digits-2.",
    source=WEBHOOK,
    bad=GOOD.replace("name: digits-2", "name: digits.v2"),
    good=GOOD,
)
def trained_model_name(subject: Subject) -> Iterator[Hit]:
    """Kubernetes takes dots in the name, KServe's webhook doesn't: the name becomes part of the model's URL."""
    name = text(subject.data, "metadata", "name")
    prefix = text(subject.data, "metadata", "generateName")
    if name and "." in name:
        yield hit("metadata", "name", name=name)
    elif not name and prefix and "." in prefix:
        yield hit("metadata", "generateName", name=f"{prefix}…")


@rule(
    id="KSV351",
    name="trained-model-storage-scheme",
    product="kserve",
    kinds=(TRAINED_MODEL,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a TrainedModel can't be fetched from '{uri}'",
    fix="Write an address that starts with s3://, gs://, https:// or http://.",
    source=WEBHOOK,
    bad=GOOD.replace("s3://models", "pvc://models"),
    good=GOOD,
)
def trained_model_storage_scheme(subject: Subject) -> Iterator[Hit]:
    """Here the agent beside the server fetches the model, not the storage initializer, and it knows fewer stores.

    The schema wants an address in a spec, but no spec.
    """
    uri = text(subject.data, "spec", "model", "storageUri")
    if uri is not None and not uri.startswith(PREFIXES):
        yield hit("spec", "model", "storageUri", uri=uri)
    elif subject.data.get("spec") is None:
        yield hit("spec", uri="")
