"""How a pod comes to its model: an init container that fetches it, a claim that is mounted, or an image beside it.

kserve/kserve v0.20.0: pkg/webhook/admission/pod/storage_initializer_injector.go, pkg/utils/storage.go. The pod webhook
does it for one address, the controller for a list of them.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import container as containers
from generator.outcome.kserve import credentials, modelcar
from generator.outcome.kserve.draft import Draft, mount, tell, tell_new
from generator.outcome.kserve.modelcar import Address, volume_of
from generator.outcome.kserve.storage import container_for, image_mode
from generator.outcome.merging import laid_over
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

INITIALIZER, FETCHED, CLAIMED = "storage-initializer", "kserve-provision-location", "kserve-pvc-source"
CLAIM = "pvc://"
READ_ONLY = "storage.kserve.io/readonly"
_BY_CONTROLLER, _MOUNTED_ONCE, _IMAGES_LISTED = Version(0, 16), Version(0, 17), Version(0, 18)
_NUMBERED = Version(0, 20)
_VARIABLES = {
    "HF_HUB_ENABLE_HF_TRANSFER": "1",
    "HF_XET_HIGH_PERFORMANCE": "1",
    "HF_XET_NUM_CONCURRENT_RANGE_GETS": "8",
}
_SECTION = "storageInitializer"


def listed(fields: Mapping[str, Tree]) -> list[Address]:
    """The addresses of ``storageUris``."""
    found = opened(fields.get("storageUris"))
    entries = [opened(one) for one in found] if isinstance(found, list) else []
    return [
        Address(one["uri"], one.get("mountPath", notes.MODEL_FOLDER))
        for one in entries
        if isinstance(one, dict) and "uri" in one
    ]


def several(
    spec: Mapping[str, Tree],
    addresses: Sequence[Address],
    annotations: Mapping[str, Tree],
    view: ServiceView,
    name: str,
) -> dict[str, Tree]:
    """A pod's spec with its models, as the controller writes it for ``storageUris``.

    Args:
        spec: The spec.
        addresses: Its models.
        annotations: The pod's.
        view: The InferenceService.
        name: The ClusterStorageContainer that is asked for; empty where the addresses decide.
    """
    draft = Draft(spec)
    targets = _targets(draft)
    if notes.AGENT in annotations or not targets:
        return dict(spec)
    images = [one for one in addresses if image_mode(one.text, _settings(view), view.release)]
    if images and view.release < _IMAGES_LISTED and images[0] is addresses[0]:
        return dict(spec)
    for number, one in enumerate(images):
        for target in targets:
            modelcar.put_beside(draft, target, one, number if view.release >= _NUMBERED else 0, view)
    rest = [one for one in addresses if one not in images]
    if (images and view.release < _NUMBERED) or containers.named(draft.inits, INITIALIZER) is not None:
        return draft.spec()
    read_only = _read_only(annotations)
    claims = [one for one in rest if one.text.startswith(CLAIM)]
    for one in claims:
        volume = volume_of(one.folder)
        for target in targets:
            mount(target, volume, one.path, readOnly=read_only)
        draft.volume(volume, {"persistentVolumeClaim": {"claimName": _claim(one.uri)}})
    fetched = [one for one in rest if one not in claims]
    if fetched:
        folder = _parent_of_all([one.folder for one in fetched])
        init = _initializer(fetched, view)
        for target in targets:
            mount(target, volume_of(folder), folder, readOnly=read_only)
        mount(init, volume_of(folder), folder)
        draft.volume(volume_of(folder), {"emptyDir": {}})
        _finish(draft, init, annotations, view, addresses[0].text, name)
    return draft.spec()


def single(draft: Draft, annotations: Mapping[str, Tree], view: ServiceView, source: Tree) -> None:
    """Bring the one model of ``storageUri`` or ``storage``, as the pod webhook does."""
    if notes.AGENT in annotations or containers.named(draft.inits, INITIALIZER) is not None:
        return
    address = Address(source, notes.MODEL_FOLDER)
    targets = _targets(draft)
    if image_mode(address.text, _settings(view), view.release):
        for target in targets:
            modelcar.put_beside(draft, target, address, 0, view)
        return
    if not targets:
        return
    read_only = _read_only(annotations)
    if address.text.startswith(CLAIM):
        folder = address.text.removeprefix(CLAIM).partition("/")[2]
        more = {"subPath": folder} if folder else {}
        for target in targets:
            mount(target, CLAIMED, notes.MODEL_FOLDER, readOnly=read_only, **more)
        draft.volume(CLAIMED, {"persistentVolumeClaim": {"claimName": _claim(source)}})
    else:
        init = _initializer([address], view)
        for target in targets:
            mount(target, FETCHED, notes.MODEL_FOLDER, readOnly=read_only)
        mount(init, FETCHED, notes.MODEL_FOLDER)
        draft.volume(FETCHED, {"emptyDir": {}})
        _finish(
            draft, init, annotations, view, address.text, str(value_of(annotations.get(notes.STORAGE_CONTAINER)) or "")
        )
    if value_of(containers.env(targets[0], "STORAGE_URI")):
        tell(targets[0], "STORAGE_URI", notes.MODEL_FOLDER)


def _settings(view: ServiceView) -> Mapping[str, object]:
    return view.settings.section(_SECTION)


def _targets(draft: Draft) -> list[dict[str, Tree]]:
    """Who reads the model: what serves, or a worker, and the transformer beside it."""
    serving = draft.container(containers.MAIN) or draft.container(containers.WORKER)
    beside = draft.container(containers.TRANSFORMER)
    return [one for one in (serving, beside) if one is not None] if serving is not None else []


def _read_only(annotations: Mapping[str, Tree]) -> Tree:
    said = annotations.get(READ_ONLY)
    if value_of(said) == "false":
        return None  # false is what the field says where it isn't there
    return True


def _claim(uri: Tree) -> Tree:
    name = str(value_of(uri)).removeprefix(CLAIM).partition("/")[0]
    return Part(name, uri.origin) if uri.__class__ is Part else name


def _parent_of_all(folders: Sequence[str]) -> str:
    if len(folders) == 1:
        return folders[0]
    return "/" + "/".join(_common([one.strip("/").split("/") for one in folders]))


def _common(paths: Sequence[Sequence[str]]) -> Iterable[str]:
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            return
        yield steps[0]


def _initializer(addresses: Sequence[Address], view: ServiceView) -> dict[str, Tree]:
    """The init container that fetches models, before credentials."""
    settings = view.settings
    args = [part for one in addresses for part in (one.uri, one.path)]
    found: dict[str, Tree] = {
        "name": INITIALIZER,
        "image": settings.part(_SECTION, "image") or "kserve/storage-initializer:latest",
        "args": args,
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "resources": resources(view, _SECTION),
    }
    if _BY_CONTROLLER <= view.release < _MOUNTED_ONCE:
        mount(found, FETCHED, notes.MODEL_FOLDER)
    return found


def resources(view: ServiceView, section: str) -> dict[str, Tree]:
    """What a container of the platform's own asks for and is limited to, by the ConfigMap."""
    here = view.settings.here(section)

    def amount(name: str) -> Tree:
        text = view.settings.text(section, name)
        return Part(quantity.stored(text), here) if quantity.is_quantity(text) else None

    return {
        "limits": {"cpu": amount("cpuLimit"), "memory": amount("memoryLimit")},
        "requests": {"cpu": amount("cpuRequest"), "memory": amount("memoryRequest")},
    }


def _finish(
    draft: Draft, init: dict[str, Tree], annotations: Mapping[str, Tree], view: ServiceView, uri: str, name: str
) -> None:
    """Add the init container after credentials, what its ClusterStorageContainer says, and certificates."""
    if value_of(annotations.get(notes.STORAGE_SPEC)) == "true":
        credentials.of_storage(init, annotations, view)
        if view.release < _BY_CONTROLLER:
            uri = str(value_of(opened(init["args"])[0]))
    else:
        credentials.of_account(init, draft, annotations, view)
    certificates = _certificates(init, view)
    found = container_for(view.given, view.release, uri, name)
    own = found.get("spec", "container") if found is not None else None
    if own is not None:
        merged = laid_over(init, {**own.fields()})
        init.update(merged if value_of(merged.get("name")) else {**merged, "name": INITIALIZER})
    if certificates:
        _certify(draft, init, *certificates)
    if view.release >= _BY_CONTROLLER:
        tell_new(init, _VARIABLES)
    if value_of(annotations.get(notes.CONFIDENTIAL)) == "true":
        tell(init, "CONFIDENTIAL_ENABLED", "true")
        if value_of(annotations.get(notes.CONFIDENTIAL_ID)):
            tell(init, "CONFIDENTIAL_RESOURCE_ID", annotations[notes.CONFIDENTIAL_ID])
    draft.inits.append(init)


def _certificates(init: Mapping[str, Tree], view: ServiceView) -> tuple[str, str] | None:
    """The ConfigMap with certificates, and where it is mounted; None where there is none."""
    own = containers.env(init, "AWS_CA_BUNDLE_CONFIGMAP")
    name = view.settings.text(_SECTION, "caBundleConfigMapName")
    if own is None and not name:
        return None
    if view.namespace != "kserve":
        name = "global-ca-bundle"
    folder = view.settings.text(_SECTION, "caBundleVolumeMountPath") or "/etc/ssl/custom-certs"
    file = containers.env(init, "AWS_CA_BUNDLE")
    return (
        name if own is None else str(value_of(own)),
        folder if file is None else posixpath.dirname(str(value_of(file))) or ".",
    )


def _certify(draft: Draft, init: dict[str, Tree], name: str, folder: str) -> None:
    tell_new(init, {"CA_BUNDLE_CONFIGMAP_NAME": name, "CA_BUNDLE_VOLUME_MOUNT_POINT": folder})
    draft.volume("cabundle-cert", {"configMap": {"name": name}})
    mount(init, "cabundle-cert", folder, readOnly=True)
