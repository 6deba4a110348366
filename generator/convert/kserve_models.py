"""What an InferenceService's predictor runs: the model, its format, and the runtime that the controller would choose.

Sources: kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go (framework fields become
``model``, protocols), predictor_model.go (``GetSupportingRuntimes``), config/runtimes at each release (images).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator import platforms
from generator.convert import common
from generator.convert.parts import Part
from generator.platforms.base import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.convert.draft import Draft

FRAMEWORKS = (
    "sklearn",
    "xgboost",
    "lightgbm",
    "pmml",
    "paddle",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
)
"""The fields of the old form; the first that stands there wins, as with the defaulter."""

V2_FRAMEWORKS = ("triton", "onnx", "huggingface")
V2_FORMATS = ("triton", "vLLM")
V2_RUNTIMES = ("kserve-mlserver", "kserve-tritonserver")
"""Runtimes that get protocol v2 where the manifest names them and no protocol (``SetRuntimeDefaults``)."""

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "tensorflow": "savedmodel",
        "onnx": "onnx",
        "pmml": "pmml",
        "sklearn": "sklearn",
        "xgboost": "xgboost",
        "lightgbm": "lightgbm",
        "mlflow": "mlflow",
        "huggingface": "huggingface",
        "paddle": "paddle",
        "triton": "triton",
        "pytorch": "torchserve",
        "vLLM": "huggingface",
    }
)
"""KServe's names of formats to ours."""

RUNTIMES: Mapping[str, str] = MappingProxyType(
    {
        "kserve-tensorflow-serving": "tensorflow-serving",
        "kserve-sklearnserver": "kserve",
        "kserve-xgbserver": "kserve",
        "kserve-lgbserver": "kserve",
        "kserve-pmmlserver": "kserve",
        "kserve-paddleserver": "kserve",
        "kserve-mlserver": "mlserver",
        "kserve-tritonserver": "triton",
        "kserve-torchserve": "torchserve",
        "kserve-huggingfaceserver": "huggingface",
        "kserve-vllmserver": "vllm",
    }
)
"""The runtimes that KServe ships to ours."""

CHOSEN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "tensorflow": MappingProxyType(
            {
                "v1": "kserve-tensorflow-serving",
                "grpc-v1": "kserve-tensorflow-serving",
                "v2": "kserve-tritonserver",
                "grpc-v2": "kserve-tritonserver",
            }
        ),
        "sklearn": MappingProxyType({"v1": "kserve-sklearnserver", "v2": "kserve-mlserver"}),
        "xgboost": MappingProxyType({"v1": "kserve-xgbserver", "v2": "kserve-mlserver"}),
        "lightgbm": MappingProxyType({"v1": "kserve-lgbserver", "v2": "kserve-mlserver"}),
        "mlflow": MappingProxyType({"v2": "kserve-mlserver"}),
        "pytorch": MappingProxyType(
            {"v1": "kserve-torchserve", "v2": "kserve-torchserve", "grpc-v2": "kserve-torchserve"}
        ),
        "onnx": MappingProxyType({"v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"}),
        "triton": MappingProxyType({"v2": "kserve-tritonserver", "grpc-v2": "kserve-tritonserver"}),
        "huggingface": MappingProxyType({"v1": "kserve-huggingfaceserver", "v2": "kserve-huggingfaceserver"}),
        "pmml": MappingProxyType({"v1": "kserve-pmmlserver", "v2": "kserve-pmmlserver"}),
        "paddle": MappingProxyType({"v1": "kserve-paddleserver", "v2": "kserve-paddleserver"}),
        "vLLM": MappingProxyType({"v1": "kserve-vllmserver", "v2": "kserve-vllmserver"}),
    }
)
"""Format and protocol to the shipped runtime that is chosen where the manifest names none."""

IMAGES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "kserve-tensorflow-serving": (("0.15", "2.6.2"),),
        "kserve-tritonserver": (("0.15", "23.05-py3"),),
        "kserve-torchserve": (("0.15", "0.9.0"),),
        "kserve-mlserver": (("0.15", "1.5.0"), ("0.18", "1.7.1")),
    }
)
"""The tags that the shipped runtimes run, and the release of KServe since when (config/runtimes/kustomization.yaml)."""

WITH_GPU = ("kserve-tensorflow-serving", "kserve-torchserve")
"""Runtimes whose tag gets ``-gpu`` where a GPU is asked for and no version is named (``UpdateImageTag``)."""


def model(draft: Draft, predictor: Part, index: int) -> None:
    """The model of a predictor into the variant ``index``; that of the first holds for the service."""
    framework = next((name for name in FRAMEWORKS if (predictor / name).mapping), None)
    if framework is not None:
        (predictor / "model").lose(f"KServe overwrites it with {framework}")
        _described(draft, predictor / framework, framework, index)
    elif (predictor / "model").mapping:
        _described(draft, predictor / "model", None, index)
    else:
        _custom(draft, predictor, index)


def _described(draft: Draft, part: Part, framework: str | None, index: int) -> None:
    """A model that a runtime serves."""
    name = part / "modelFormat" / "name"
    theirs = framework or name.value
    if not isinstance(theirs, str):
        return
    protocol = part / "protocolVersion"
    spoken = protocol.text()
    given = part / "runtime"
    if spoken is None:
        v2 = framework in V2_FRAMEWORKS or theirs in V2_FORMATS or given.value in V2_RUNTIMES
        spoken = "v2" if v2 else "v1"
    chosen = given.value or CHOSEN.get(theirs, {}).get(spoken)
    ours = "torchscript" if (theirs, chosen) == ("pytorch", "kserve-tritonserver") else FORMATS.get(theirs, theirs)
    name.take()
    origin = name if framework is None else part
    runtime = RUNTIMES.get(chosen) if isinstance(chosen, str) else None
    if runtime:
        given.take()
    elif given.there and _newest(ours):
        draft.otherwise.append(
            (given, "Serinus writes a runtimeVersion for the runtime that KServe ships, also for this")
        )
    if (part / "name").value == "":
        (part / "name").take()
    version = part / "runtimeVersion"
    written = version.text() or _shipped(draft, chosen, ours, part)
    if index == 0:
        draft.put(("model", "format"), ours, origin)
        draft.put(
            ("model", "formatVersion"), (part / "modelFormat" / "version").text(), part / "modelFormat" / "version"
        )
        draft.put(("model", "runtime"), runtime, given)
        draft.put(("model", "runtimeVersion"), written, version)
        draft.put(("model", "protocol"), spoken, protocol)
    else:
        same = draft.get("model") or {}
        if (ours, runtime, written) != (same.get("format"), same.get("runtime"), same.get("runtimeVersion")):
            draft.put(("variants", index, "format"), ours, origin)
            draft.put(("variants", index, "runtime"), runtime, given)
            draft.put(("variants", index, "runtimeVersion"), written, version)
        if spoken != same.get("protocol"):
            protocol.lose("the variants of a service speak one protocol")
    if chosen == MLSERVER and not (part / "readinessProbe").there:
        draft.otherwise.append(
            (
                name if framework is None else part,
                "a readiness probe asks MLServer whether its model is loaded, not for a connection only",
            )
        )
    _files(draft, part, index)
    at = () if index == 0 else ("variants", index)
    read_here = ("modelFormat", "protocolVersion", "runtime", "runtimeVersion", "storageUri", "storage", "storageUris")
    common.container(draft, (*at, "container"), part, (*read_here, *OWN))
    common.resources(draft, (*at, "resources"), part / "resources")


MLSERVER = "kserve-mlserver"
"""The runtime that is ready for KServe before its model is loaded, so that Serinus writes a probe."""

MODEL_FOLDER = "/mnt/models"
"""Where a model is fetched to, where nothing says another place."""

OWN = ("confidential", "storageClass")
"""Fields beside a container's own that have no place in a service file."""


def _newest(model_format: str) -> str:
    """The version that Serinus writes for a format's own server where none is named."""
    platform = platforms.platforms().get("kserve")
    servers = platform.servers.get(model_format, {}) if platform else {}
    return next((server.newest for server in servers.values()), "")


def _shipped(draft: Draft, runtime: object, model_format: str, part: Part) -> str | None:
    """The version that the cluster's runtime has, where Serinus would otherwise write a newer one."""
    platform = platforms.platforms().get("kserve")
    if platform is None or not isinstance(runtime, str):
        return None
    server = platform.servers.get(model_format, {}).get(RUNTIMES.get(runtime, ""))
    if server is None or not server.newest:
        return None
    here = numbers(draft.get("platform", "version") or platform.releases[-1])
    tag = next((tag for since, tag in reversed(IMAGES.get(runtime, ())) if numbers(since) <= here), None)
    if tag is None:
        return None
    gpu = any("gpu" in name for kind in ("requests", "limits") for name in (part / "resources" / kind).mapping)
    draft.comments["model"] = (
        "The manifest leaves the server's version to the cluster: this is the one that KServe ships."
    )
    return f"{tag}-gpu" if gpu and runtime in WITH_GPU else tag


def _files(draft: Draft, part: Part, index: int) -> None:
    """Where the model lies: at an address, or where an entry of the secret storage-config leads."""
    uri, storage = part / "storageUri", part / "storage"
    draft.put(("variants", index, "uri"), uri.text(), uri)
    _beside(draft, Part(part.source, part.path[:-1]) / "storageUris", index)
    key, path, bucket = storage / "key", storage / "path", storage / "parameters" / "bucket"
    if index or not key.there:
        return
    if path.there and isinstance(bucket.value, str) and isinstance(path.value, str):
        where = f"s3://{bucket.take()}"
        path.take()
        draft.put(("variants", index, "uri"), f"{where}/{path.value.lstrip('/')}", storage)
        draft.put(("store",), {"url": where}, storage)
        draft.otherwise.append((storage, f"it is one address now, {where}/{path.value.lstrip('/')}, beside the key"))
    elif path.there:
        storage.lose("the bucket stands in the secret alone; a service file names the whole address")
        return
    elif isinstance(uri.value, str) and "://" in uri.value:
        draft.put(("store",), {"url": "/".join(uri.value.split("/")[:3])}, storage)
    draft.put(("store", "key"), key.text(), key)


def _beside(draft: Draft, part: Part, index: int) -> None:
    """Several addresses: that which is fetched to the model's own folder is the model."""
    beside = 0
    for each in part.items():
        uri, path = each / "uri", each / "mountPath"
        if path.value in (None, "", MODEL_FOLDER) and draft.get("variants", index, "uri") is None:
            draft.put(("variants", index, "uri"), uri.text(), uri)
            path.take()
        elif path.there:
            draft.put(("variants", index, "beside", beside, "uri"), uri.text(), uri)
            draft.put(("variants", index, "beside", beside, "path"), path.text(), path)
            beside += 1


def _custom(draft: Draft, predictor: Part, index: int) -> None:
    """A container that brings its model; its name is KServe's own in a predictor with one."""
    containers = (predictor / "containers").items()
    if not containers:
        return
    first = containers[0]
    (first / "name").take()
    if index == 0:
        draft.put(("model", "format"), "custom", first)
    at = ("variants", index)
    common.container(draft, (*at, "container"), first)
    common.resources(draft, ("resources",) if index == 0 else (*at, "resources"), first / "resources")
