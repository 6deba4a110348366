"""Canaries in the framework form (``tensorflow:`` …): the one place where its old rules still apply.

In the stable predictor the mutating webhook makes ``model`` of the framework field first, and the rules of ``model``
are fewer; a canary stays as it is written.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.canary import GOOD
from generator.checks.rules.kserve.spec import COMPONENT, V0_20, canaries
from generator.checks.subject import mapping, text
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

GPU_FIELDS = ("tensorflow", "pytorch")
STORED_FIELDS = ("tensorflow", "pytorch", "onnx", "huggingface", "pmml")
STORES = ("s3://", "hdfs://", "webhdfs://")
MODEL = "model: {name: kserve-container, modelFormat: {name: sklearn}, storageUri: s3://models/digits/2}"


def _frameworks(subject: Subject, fields: tuple[str, ...]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for _, _, component in canaries(subject):
        for field in fields:
            found = component.spec.get(field)
            if isinstance(found, dict):
                yield (*component.path, field), found


@rule(
    id="KSV060",
    name="canary-gpu-suffix",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="runtimeVersion '{version}' {suffix} the suffix -gpu, but the canary asks for {gpu}",
    fix="Change the suffix or the limits, or write the canary with model: instead of the framework's name.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/predictor_tfserving.go"),
    bad=GOOD.replace(
        MODEL, "tensorflow: {name: kserve-container, runtimeVersion: 2.20.0-gpu, storageUri: s3://models/digits/2}"
    ),
    good=GOOD,
)
def canary_gpu_suffix(subject: Subject) -> Iterator[Hit]:
    """TensorFlow and TorchServe have images of their own for GPUs; the webhook holds tag and limits together."""
    for path, spec in _frameworks(subject, GPU_FIELDS):
        version = text(spec, "runtimeVersion")
        limits = mapping(spec, "resources", "limits")
        gpu = any(name == "nvidia.com/gpu" or name.startswith("nvidia.com/mig") for name in limits)
        if version is not None and gpu != ("-gpu" in version):
            values = {"version": version, "suffix": "lacks" if gpu else "has", "gpu": "a GPU" if gpu else "none"}
            yield Hit((*path, "runtimeVersion"), values)


@rule(
    id="KSV061",
    name="canary-onnx-extension",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="storageUri ends in '{extension}'; for onnx KServe takes .onnx or a folder",
    fix="Point to a .onnx file or its folder, or write the canary with model: instead of onnx:.",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/predictor_onnxruntime.go"),
    bad=GOOD.replace(MODEL, "onnx: {name: kserve-container, storageUri: s3://models/digits/model.pb}"),
    good=GOOD,
)
def canary_onnx_extension(subject: Subject) -> Iterator[Hit]:
    """A dot in the last segment, as in a version `1.2`, counts as an extension too."""
    for path, spec in _frameworks(subject, ("onnx",)):
        last = posixpath.basename(text(spec, "storageUri") or "")
        extension = last[last.rindex(".") :] if "." in last else ""
        if extension not in ("", ".onnx"):
            yield Hit((*path, "storageUri"), {"extension": extension})


@rule(
    id="KSV062",
    name="canary-storage-type",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"canary"}),
    since=V0_20,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="with 'storage' KServe takes {choices} only, not '{value}'",
    fix="Use one of them, or remove 'storage', or write the canary with model: instead of the framework's name.",
    source=COMPONENT,
    bad=GOOD.replace(
        MODEL,
        "pmml: {name: kserve-container, storage: {key: models, path: digits/2, parameters: {type: gs}}}",
    ),
    good=GOOD,
)
def canary_storage_type(subject: Subject) -> Iterator[Hit]:
    """The check is switched off for models; the framework fields still have it."""
    for path, spec in _frameworks(subject, STORED_FIELDS):
        if not isinstance(spec.get("storage"), dict):
            continue
        uri = text(spec, "storageUri")
        kind = text(spec, "storage", "parameters", "type")
        if uri is not None and not uri.startswith(STORES):
            yield Hit((*path, "storageUri"), {"choices": ", ".join(STORES), "value": uri})
        elif uri is None and kind is not None and not f"{kind}://".startswith(STORES):
            choices = ", ".join(store.removesuffix("://") for store in STORES)
            yield Hit((*path, "storage", "parameters", "type"), {"choices": choices, "value": kind})
