"""A model without storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.spec import MODELMESH, mode
from generator.checks.subject import mapping, may_be_in, text
from generator.schemas.kinds import INFERENCE_SERVICE, TRAINED_MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

STORAGE = ("storageUri", "storage")


@rule(
    id="KSV115",
    name="model-without-storage",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"model"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the model has no storage, so KServe takes this for a multi-model server that waits for TrainedModels",
    fix="Add storageUri; or give TrainedModels that name this service.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/controller/v1beta1/inferenceservice/utils/utils.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}}
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
def model_without_storage(subject: Subject) -> Iterator[Hit]:
    """The server comes up without a model, with an agent beside it, and answers 404 to every request.

    Hugging Face models may come by an argument, and a TrainedModel in the given set shows that it is meant.
    """
    predictor = mapping(subject.data, "spec", "predictor")
    model = mapping(predictor, "model")
    if not model or mode(subject) == MODELMESH or predictor.get("storageUris"):
        return
    stored = any(model.get(field) is not None for field in STORAGE)
    if stored or text(model, "modelFormat", "name") == "huggingface" or model.get("image") is not None:
        return
    document = subject.document
    if not may_be_in(subject.index.derive(trained).get(document.name, ()), document.namespace):
        yield hit("spec", "predictor", "model", on_key=True)


def trained(index: Index) -> Mapping[str, set[str]]:
    """The InferenceServices that TrainedModels of the set name, with the namespaces of those."""
    found: dict[str, set[str]] = {}
    for entry in index.by_kind.get(TRAINED_MODEL, ()):
        found.setdefault(text(entry.data, "spec", "inferenceService") or "", set()).add(entry.namespace)
    return found
