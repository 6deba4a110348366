"""How the pods of an LLMInferenceService get their model and its adapters.

kserve/kserve v0.20.0: pkg/controller/v1alpha2/llmisvc/workload_storage.go, workload_lora.go;
pkg/utils/storage.go. Credentials of service accounts and certificates for downloads aren't put in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve.llm import adapters as lora
from generator.outcome.kserve.llm.trees import Fields, dig, fields, items, named
from generator.outcome.kserve.values import derived, words
from generator.outcome.merging import laid_over
from generator.outcome.part import value_of
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.outcome.kserve.config import Settings
    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

MODEL = "/mnt/models"
INITIALIZER = "storage-initializer"
SECTION = "storageInitializer"
CLAIM, DOWNLOADED = "kserve-pvc-source", "kserve-provision-location"
_CAR, _CAR_INITIALIZER = "modelcar", "modelcar-init"
_SWITCHED_OFF, _TUNED, _STRIPPED, _MERGED = Version(0, 17), Version(0, 18), Version(0, 19), Version(0, 20)
_TUNING = {
    "HF_HUB_ENABLE_HF_TRANSFER": "1",
    "HF_XET_HIGH_PERFORMANCE": "1",
    "HF_XET_NUM_CONCURRENT_RANGE_GETS": "8",
}
"""How Hugging Face's downloads are made faster."""
_TOKENIZER_FILES = (
    '["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt", '
    '"config.json", "generation_config.json"]'
)
_FILES = {"name": "STORAGE_ALLOW_PATTERNS", "value": _TOKENIZER_FILES}
TOKENIZER = "tokenizer"


def refusal(service: Combined) -> str:
    """Why KServe makes no pods for the model's address; empty where it does."""
    uri = words(dig(service.spec, "model", "uri"))
    scheme, there_is, _ = uri.partition("://")
    if not there_is:
        return f"KServe makes nothing: the model's address '{uri}' has no scheme"
    if _off(service):
        return ""
    known = ("pvc", "oci", "hf", "s3", *(("oci+native",) if service.release >= _MERGED else ()))
    if scheme not in known:
        return f"KServe makes nothing: an LLMInferenceService knows no scheme '{scheme}://', but {', '.join(known)}"
    if scheme == "oci" and not _image_mode(service.settings):
        return "KServe makes nothing: models in images are switched off in the ConfigMap"
    return lora.refusal(service, off=False)


def _off(service: Combined) -> bool:
    off = value_of(dig(service.spec, "storageInitializer", "enabled")) is False
    return off and service.release >= _SWITCHED_OFF


def _image_mode(settings: Settings) -> str:
    """How a model in an image gets into a pod: beside it, or as a volume; empty where it doesn't."""
    mode = settings.text(SECTION, "ociModelMode")
    return mode or ("modelcar" if settings.value(SECTION, "enableModelcar") is True else "")


def attach(service: Combined, pod: Fields, container: str, path: str, *, adapters: bool) -> None:
    """Have a pod fetch the model, and its adapters, before a container starts.

    Args:
        service: The service.
        pod: The pod's spec, which is changed.
        container: The container that reads the model.
        path: Where it reads it.
        adapters: Whether the adapters are wanted too.
    """
    if _off(service):
        return
    uri = dig(service.spec, "model", "uri")
    wanted = lora.resolved(service) if adapters else []
    downloads: list[tuple[Tree, str]] = [(one.uri, one.path) for one in wanted if one.downloaded]
    if words(uri).startswith(("hf://", "s3://")):
        if downloads:
            _download(service, pod, container, [(uri, MODEL), *downloads])
        else:
            _initialize(service, pod, container, uri, path)
    else:
        _placed(service, pod, container, uri, path)
        if downloads:
            _download(service, pod, container, downloads)
        elif words(uri).startswith(("pvc://", "oci://")) and service.release >= _MERGED:
            _stripped(pod)
    _adapted(service, pod, wanted)


def _adapted(service: Combined, pod: Fields, wanted: Sequence[lora.Adapter]) -> None:
    for one in wanted:
        if not one.downloaded:
            _claim(pod, "main", one.uri, one.path, one.volume)
    if wanted:
        lora.with_arguments(service, pod, wanted)


def _placed(service: Combined, pod: Fields, container: str, uri: Tree, path: str) -> None:
    """Put a model into a pod that needs no download: from a claim, or an image as a volume or as a container."""
    scheme = words(uri).partition("://")[0]
    if scheme == "pvc":
        _claim(pod, container, uri, path, CLAIM)
    elif scheme == "oci+native" or _image_mode(service.settings) == "native":
        _as_volume(pod, container, uri, path)
    else:
        _car(service.settings, pod, container, uri, path)


def _initialize(service: Combined, pod: Fields, container: str, uri: Tree, path: str) -> None:
    """An init container downloads the model."""
    one = _initializer(service, pod, [uri, MODEL])
    if service.release >= _MERGED and value_of(dig(service.spec, "model", "confidential", "enabled")) is True:
        _set_variable(one, "CONFIDENTIAL_ENABLED", "true")
        resource = dig(service.spec, "model", "confidential", "resourceId")
        if words(resource):
            _set_variable(one, "CONFIDENTIAL_RESOURCE_ID", resource)
    pod.setdefault("initContainers", []).append(one)
    _mount(pod, INITIALIZER, {"name": DOWNLOADED, "mountPath": MODEL}, {"emptyDir": {}})
    _mount(pod, container, {"name": DOWNLOADED, "mountPath": path, "readOnly": True}, {"emptyDir": {}})
    _tuned(service, one, container, tuning=words(uri).startswith("hf://"))


def _download(service: Combined, pod: Fields, container: str, pairs: Sequence[tuple[Tree, str]]) -> None:
    """One init container downloads several things, next to one another."""
    one = _initializer(service, pod, [part for pair in pairs for part in pair])
    pod.setdefault("initContainers", []).append(one)
    above = _common([path for _, path in pairs])
    _mount(pod, INITIALIZER, {"name": DOWNLOADED, "mountPath": above}, {"emptyDir": {}})
    _mount(pod, container, {"name": DOWNLOADED, "mountPath": above, "readOnly": True}, {"emptyDir": {}})
    _tuned(service, one, container, tuning=any(words(uri).startswith("hf://") for uri, _ in pairs))


def _initializer(service: Combined, pod: Fields, arguments: list[Tree]) -> Fields:
    """The container that downloads, with what the user says of it from 0.20 on."""
    settings = service.settings
    found: Fields = {
        "name": INITIALIZER,
        "image": settings.part(SECTION, "image") or "kserve/storage-initializer:latest",
        "args": arguments,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": {
            kind: {"cpu": settings.part(SECTION, f"cpu{end}"), "memory": settings.part(SECTION, f"memory{end}")}
            for kind, end in (("limits", "Limit"), ("requests", "Request"))
        },
        "env": [],
        "volumeMounts": [],
    }
    own = _stripped(pod) if service.release >= _STRIPPED else None
    if own is not None and service.release >= _MERGED:
        over = {name: value for name, value in own.items() if name not in ("name", "args", "command")}
        found = {**fields(laid_over(found, over)), "name": INITIALIZER, "args": arguments}
        found["env"], found["volumeMounts"] = items(found, "env"), items(found, "volumeMounts")
    return found


def _stripped(pod: Fields) -> Fields | None:
    """Take the user's container of that name away."""
    listed = pod.get("initContainers") or []
    own = named(listed, INITIALIZER)
    if own is not None:
        pod["initContainers"] = [one for one in listed if one is not own]
    return own


def _tuned(service: Combined, one: Fields, container: str, *, tuning: bool) -> None:
    if tuning and service.release >= _TUNED:
        have = {words(dig(each, "name")) for each in one["env"]}
        one["env"] += [{"name": name, "value": value} for name, value in _TUNING.items() if name not in have]
    if container == TOKENIZER:
        one["env"].append(_FILES)


def _set_variable(container: Fields, name: str, value: Tree) -> None:
    container["env"] = [one for one in container["env"] if words(dig(one, "name")) != name]
    container["env"].append({"name": name, "value": value})


def _mount(pod: Fields, container: str, mount: Fields, source: Fields) -> None:
    """Mount a volume in a container, and add it to the pod, unless the container has a mount of that name."""
    one = named(pod.get("containers"), container) or named(pod.get("initContainers"), container)
    if one is None or any(words(dig(each, "name")) == mount["name"] for each in one["volumeMounts"]):
        return
    one["volumeMounts"].append(mount)
    _with_volume(pod, mount["name"], source)


def _with_volume(pod: Fields, name: str, source: Fields) -> None:
    if not any(words(dig(each, "name")) == name for each in pod["volumes"]):
        pod["volumes"].append({"name": name, **source})


def _claim(pod: Fields, container: str, uri: Tree, path: str, volume: str) -> None:
    """A claim is mounted as it is."""
    name, _, below = words(uri).removeprefix("pvc://").partition("/")
    mount = {
        "name": volume,
        "mountPath": path,
        "subPath": derived(uri, below) if below else None,
        "readOnly": True,
    }
    _mount(pod, container, mount, {"persistentVolumeClaim": {"claimName": derived(uri, name)}})


def _as_volume(pod: Fields, container: str, uri: Tree, path: str) -> None:
    """An image is mounted as a volume."""
    one = named(pod.get("containers"), container)
    if one is None:
        return
    name = path.strip("/").replace("/", "-")
    image = derived(uri, words(uri).partition("://")[2])
    _with_volume(pod, name, {"image": {"reference": image, "pullPolicy": "IfNotPresent"}})
    if not any(words(dig(each, "name")) == name for each in one["volumeMounts"]):
        one["volumeMounts"].append({"name": name, "mountPath": path, "subPath": "models", "readOnly": True})


def _car(settings: Settings, pod: Fields, container: str, uri: Tree, path: str) -> None:
    """An image with the model runs beside the container, which reads it through the shared processes."""
    one = named(pod.get("containers"), container)
    if one is None:
        return
    _set_variable(one, "MODEL_INIT_MODE", "async")
    _with_volume(pod, DOWNLOADED, {"emptyDir": {}})
    above = path.rpartition("/")[0] or "/"
    mount = {"name": DOWNLOADED, "mountPath": above, "readOnly": False}
    if not any(words(dig(each, "name")) == DOWNLOADED for each in one["volumeMounts"]):
        one["volumeMounts"].append(dict(mount))
    user = settings.part(SECTION, "uidModelcar")
    if user is not None:
        one["securityContext"] = {**fields(one, "securityContext"), "runAsUser": user}
    image = derived(uri, words(uri).removeprefix("oci://"))
    amounts = {
        "cpu": settings.part(SECTION, "cpuModelcar") or "10m",
        "memory": settings.part(SECTION, "memoryModelcar") or "15Mi",
    }
    every: Fields = {
        "image": image,
        "resources": {"limits": dict(amounts), "requests": dict(amounts)},
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    car = {"name": _CAR, "volumeMounts": [mount], "env": [], "args": ["sh", "-c", _linked(path)], **every}
    if user is not None:
        car["securityContext"] = {"runAsUser": user}
    if named(pod["containers"], _CAR) is None:
        pod["containers"].append(car)
        first = {"name": _CAR_INITIALIZER, "volumeMounts": [], "env": [], "args": [], **every}
        pod.setdefault("initContainers", []).append(first)
    pod["shareProcessNamespace"] = True


def _linked(path: str) -> str:
    """What the model's container runs: it links its own folder and waits."""
    link = f"ln -sf /proc/$$$$/root/models {path} && sleep infinity"
    return link if path == MODEL else f"mkdir -p {path.rpartition('/')[0]} && {link}"


def _common(paths: list[str]) -> str:
    """The deepest folder above some paths; of one path itself."""
    if len(paths) == 1:
        return paths[0]
    shared: list[str] = []
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/" + "/".join(shared)
