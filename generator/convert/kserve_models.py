"""What an InferenceService's predictor runs: the model, its format, and the runtime that the controller would choose.

Sources: kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go (framework fields become
``model``, protocols), predictor_model.go (``GetSupportingRuntimes``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import platforms
from generator.convert import common
from generator.convert import kserve_runtimes as runtimes
from generator.convert.parts import Part
from generator.outcome.kserve.frameworks import FRAMEWORKS, V2_FRAMEWORKS

if TYPE_CHECKING:
    from generator.convert.draft import Draft


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
    """A model that a runtime serves: one of KServe's by our names, any other in its own words."""
    name = part / "modelFormat" / "name"
    theirs = framework or name.value
    if not isinstance(theirs, str) or not theirs:
        part.lose("no modelFormat says what it is")
        return
    protocol, given = part / "protocolVersion", part / "runtime"
    spoken, origin = protocol.text(), name if framework is None else part
    v2 = framework in V2_FRAMEWORKS or theirs in runtimes.V2_FORMATS or given.value in runtimes.V2_RUNTIMES
    assumed = spoken or ("v2" if v2 else "v1")
    chosen = given.value or runtimes.CHOSEN.get(theirs, {}).get(assumed)
    ours = (
        "torchscript"
        if (theirs, chosen) == ("pytorch", "kserve-tritonserver")
        else runtimes.FORMATS.get(theirs, theirs)
    )
    name.take()
    version = part / "runtimeVersion"
    if runtimes.ships(_release(draft), ours, theirs, chosen):
        given.take()
        spoken = assumed
        said = {
            "format": (ours, origin),
            "runtime": (runtimes.RUNTIMES[str(chosen)], given),
            "runtimeVersion": (_written(version) or _shipped(draft, str(chosen), ours, part), version),
        }
    else:
        said = {
            "format": (ours if ours in runtimes.servers() else "custom", origin),
            "modelFormat": (theirs, origin),
            "runtime": (given.text(), given),
            "runtimeVersion": (_written(version), version),
        }
    if (part / "name").value == "":
        (part / "name").take()
    same = draft.get("model") or {}
    if index == 0 or any(value != same.get(key) for key, (value, _) in said.items()):
        for key, (value, source) in said.items():
            draft.put((*(("variants", index) if index else ("model",)), key), value, source)
    if index == 0:
        form = part / "modelFormat" / "version"
        draft.put(("model", "formatVersion"), form.text(), form)
        draft.put(("model", "protocol"), spoken, protocol)
    elif spoken != same.get("protocol"):
        protocol.lose("the variants of a service speak one protocol")
    if chosen == MLSERVER and not (part / "readinessProbe").there:
        why = "a readiness probe asks MLServer whether its model is loaded, not for a connection only"
        draft.otherwise.append((part / "readinessProbe", why))
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


def _release(draft: Draft) -> str:
    """The release of KServe that a file is written for; the newest where it is for another platform."""
    platform = platforms.platforms()["kserve"]
    here = draft.get("platform", "kind") == "kserve"
    return (draft.get("platform", "version") if here else "") or platform.releases[-1]


def _written(version: Part) -> str | None:
    """The server's version; a number, which KServe refuses there, becomes text."""
    value = version.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        version.lose("KServe takes no number there: it is text now")
        return str(value)
    return version.text()


def _shipped(draft: Draft, runtime: str, model_format: str, part: Part) -> str | None:
    """The version that the cluster's runtime has, where Serinus would otherwise write a newer one."""
    tag = runtimes.tag(_release(draft), model_format, runtime)
    if tag is None:
        return None
    draft.comments["model"] = (
        "The manifest leaves the server's version to the cluster: this is the one that KServe ships."
    )
    gpu = any("gpu" in name for kind in ("requests", "limits") for name in (part / "resources" / kind).mapping)
    return f"{tag}-gpu" if gpu and runtime in runtimes.WITH_GPU else tag


def _files(draft: Draft, part: Part, index: int) -> None:
    """Where the model lies: at an address, or where an entry of the secret storage-config leads."""
    uri, storage = part / "storageUri", part / "storage"
    draft.put(("variants", index, "uri"), uri.text(), uri)
    _beside(draft, Part(part.source, part.path[:-1]) / "storageUris", index)
    key, path = storage / "key", storage / "path"
    if path.there and (uri.there or not isinstance(path.value, str)):
        path.lose("KServe takes one of storageUri and storage.path")
    elif path.there:
        _entry(draft, storage, index)
        return
    if not key.there:
        return
    if index and key.value == draft.get("store", "key"):
        key.take()
    elif index == 0:
        if isinstance(uri.value, str) and "://" in uri.value:
            draft.put(("store",), {"url": "/".join(uri.value.split("/")[:3])}, storage)
        draft.put(("store", "key"), key.text(), key)


def _entry(draft: Draft, storage: Part, index: int) -> None:
    """A model that an entry of the secret storage-config leads to; elsewhere it takes the whole address."""
    path, bucket = storage / "path", storage / "parameters" / "bucket"
    if draft.get("platform", "kind") == "kserve":
        at = ("variants", index, "storage")
        draft.put((*at, "path"), path.text(), path)
        draft.put((*at, "key"), (storage / "key").text(), storage / "key")
        for each in (storage / "parameters").children():
            draft.put((*at, "parameters", each.key), each.text(), each)
    elif isinstance(bucket.value, str):
        where = f"s3://{bucket.take()}"
        path.take()
        draft.put(("variants", index, "uri"), f"{where}/{path.value.lstrip('/')}", storage)
        draft.otherwise.append((storage, f"it is one address now, {where}/{path.value.lstrip('/')}"))
    else:
        storage.lose("the bucket stands in the secret alone; only KServe asks that for it")


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
