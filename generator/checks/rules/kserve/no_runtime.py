"""Models that none of KServe's own runtimes takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.runtimes import RUNTIMES
from generator.checks.rules.kserve.runtimes_shipped import SHIPPED, offer
from generator.checks.rules.kserve.spec import MODELMESH, mode, model, predictors, storage_uri
from generator.checks.subject import may_be_in, sequence, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.runtimes_shipped import Offer
    from generator.checks.rules.kserve.spec import Container
    from generator.checks.subject import Index, Subject

SELECTION = Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/predictor_model.go")

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: onnx}, protocolVersion: v2, storageUri: s3://models/digits/1}
"""
VERSIONED = GOOD.replace("{name: onnx}, protocolVersion: v2", '{name: xgboost, version: "2"}')


def _chosen(subject: Subject) -> Iterator[tuple[Container, str, Offer, str]]:
    """Model, format, offer and protocol where KServe has to choose among its own runtimes.

    A runtime in the given set that takes the format is left alone, and so are predictors with workers.
    """
    if mode(subject) == MODELMESH:
        return
    for component in predictors(subject):
        served = model(component)
        if served is None or served.path[-1] != "model" or served.spec.get("runtime") is not None:
            continue
        form = text(served.spec, "modelFormat", "name") or ""
        offered = offer(subject.release, form)
        if offered and component.spec.get("workerSpec") is None and not own_runtime(subject, form):
            yield served, form, offered, text(served.spec, "protocolVersion") or "v1"


@rule(
    id="KSV110",
    name="format-without-protocol",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no built-in runtime serves {format} with protocol {protocol}",
    fix="Set protocolVersion: {right}, or name a runtime of your own.",
    source=SELECTION,
    bad=GOOD.replace(" protocolVersion: v2,", ""),
    good=GOOD,
)
def format_without_protocol(subject: Subject) -> Iterator[Hit]:
    """`onnx:` gets v2 by the webhook, `model: {modelFormat: {name: onnx}}` doesn't.

    The service stays unready with NoSupportingRuntime. A runtime in the given set that takes the format is left alone.
    """
    for served, form, offered, protocol in _chosen(subject):
        if not offered.speaks(protocol):
            asked = text(served.spec, "protocolVersion") is not None
            place = "protocolVersion" if asked else "modelFormat"
            told = protocol if asked else f"{protocol}, which a model without protocolVersion asks for"
            right = "v2" if offered.speaks("v2") else offered.protocols[0]
            path = (*served.path, place) if asked else (*served.path, place, "name")
            yield Hit(path, {"format": form, "protocol": told, "right": right})


@rule(
    id="KSV138",
    name="format-version-without-runtime",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"modelFormat"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no built-in runtime takes {format} of version '{version}' with protocol {protocol}, only {known}",
    fix="Write version: {written}, or leave version out, so that any fits; or name a runtime of your own.",
    source=SHIPPED,
    bad=VERSIONED.replace('"2"', '"1"'),
    good=VERSIONED,
)
def format_version_without_runtime(subject: Subject) -> Iterator[Hit]:
    """KServe compares versions as text, so "1.4" or "1.0" isn't "1", and the service stays unready.

    The lists change with KServe: 0.17 put xgboost 2 for 1 and lightgbm 4 for 3. Services that ran till then fail at
    the first change after the upgrade, with NoSupportingRuntime.
    """
    for served, form, offered, protocol in _chosen(subject):
        version = text(served.spec, "modelFormat", "version")
        known = offered.taken(protocol)
        if version is not None and known and version not in known:
            values = {"format": form, "version": version, "protocol": protocol}
            shown = {"known": " and ".join(known), "written": f'"{known[-1]}"'}
            yield Hit((*served.path, "modelFormat", "version"), values | shown)


@rule(
    id="KSV139",
    name="model-without-format",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"model"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the model has no format: KServe writes an empty name, and no runtime takes that",
    fix="Add modelFormat: {right}.",
    source=SELECTION,
    bad=GOOD.replace("modelFormat: {name: onnx}, ", ""),
    good=GOOD,
)
def model_without_format(subject: Subject) -> Iterator[Hit]:
    """The schema requires it, but the webhook fills in an empty one before the schema is asked.

    A runtime that is named doesn't help: it has to list the format as well. The service stays unready with
    NoSupportingRuntime.
    """
    if mode(subject) == MODELMESH:
        return
    for component in predictors(subject):
        served = model(component)
        if served and served.path[-1] == "model" and _lacks_format(served.spec):
            _, uri = storage_uri(component) or ((), "")
            form = "huggingface" if uri.startswith("hf://") else "…"
            yield Hit(served.path, {"right": f"{{name: {form}}}"}, on_key=True)


def _lacks_format(spec: Mapping[str, Any]) -> bool:
    """Whether nothing is said; what is said in a wrong form, such as a bare word, is told as that."""
    said = spec.get("modelFormat")
    return said is None or (isinstance(said, dict) and said.get("name") in (None, ""))


def own_runtime(subject: Subject, form: str) -> bool:
    """Whether a runtime of the given set takes a format."""
    return may_be_in(subject.index.derive(formats).get(form, ()), subject.document.namespace)


def formats(index: Index) -> Mapping[str, set[str]]:
    """The formats that runtimes of the set take, with the runtimes' namespaces; a cluster's runtime is in any."""
    found: dict[str, set[str]] = {}
    for runtime in (runtime for kind in RUNTIMES for runtime in index.by_kind.get(kind, ())):
        for entry in sequence(runtime.data, "spec", "supportedModelFormats"):
            found.setdefault(text(entry, "name") or "", set()).add(runtime.namespace)
    return found
