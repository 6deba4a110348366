"""Formats that no built-in runtime serves with protocol v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Kind, Source, Stage, rule
from generator.checks.rules.kserve.spec import INFERENCE_SERVICE, MODELMESH, mode, model, predictors
from generator.checks.subject import may_be_in, sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Index, Subject

V2_ONLY = ("onnx", "tensorrt", "mlflow")
RUNTIMES = (Kind("serving.kserve.io", "ServingRuntime"), Kind("serving.kserve.io", "ClusterServingRuntime"))


@rule(
    id="KSV110",
    name="format-without-protocol",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no built-in runtime serves {format} with protocol v1, which a model without protocolVersion asks for",
    fix="Add protocolVersion: v2, or name a runtime of your own.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/predictor_model.go"),
    bad="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: onnx}, storageUri: s3://models/digits/1}
""",
    good="""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: onnx}, protocolVersion: v2, storageUri: s3://models/digits/1}
""",
)
def format_without_protocol(subject: Subject) -> Iterator[Hit]:
    """`onnx:` gets v2 by the webhook, `model: {modelFormat: {name: onnx}}` doesn't.

    The service stays unready with NoSupportingRuntime. A runtime in the given set that takes the format is left alone.
    """
    if mode(subject) == MODELMESH:
        return
    for component in predictors(subject):
        served = model(component)
        if served is None or served.path[-1] != "model" or served.spec.get("runtime") is not None:
            continue
        form = text(served.spec, "modelFormat", "name") or ""
        protocol = text(served.spec, "protocolVersion")
        if form in V2_ONLY and protocol in (None, "v1") and not _own_runtime(subject, form):
            yield Hit((*served.path, "modelFormat", "name"), {"format": form})


def _own_runtime(subject: Subject, form: str) -> bool:
    return may_be_in(subject.index.derive(formats).get(form, ()), subject.document.namespace)


def formats(index: Index) -> Mapping[str, set[str]]:
    """The formats that runtimes of the set take, with the runtimes' namespaces; a cluster's runtime is in any."""
    found: dict[str, set[str]] = {}
    for runtime in (runtime for kind in RUNTIMES for runtime in index.by_kind.get(kind, ())):
        for entry in sequence(runtime.data, "spec", "supportedModelFormats"):
            found.setdefault(text(entry, "name") or "", set()).add(runtime.namespace)
    return found
