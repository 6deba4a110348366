"""A model that is an image: run beside what serves and linked into its files, or mounted as a volume.

kserve/kserve v0.20.0, pkg/utils/storage.go (``ConfigureModelcarToContainer``, ``ConfigureOciNativeToContainer``).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve.draft import mount, tell
from generator.outcome.kserve.storage import image_mode, image_of
from generator.outcome.part import Part, opened, value_of
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from generator.outcome.kserve.draft import Draft
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

VOLUME = "kserve-provision-location"
_CONTEXT_KEPT = Version(0, 18)
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")
_SECTION = "storageInitializer"


class Address(NamedTuple):
    """A model, and where its files come to lie.

    Attributes:
        uri: Its address.
        path: The folder.
    """

    uri: Tree
    path: Tree

    @property
    def text(self) -> str:
        """The address as a text."""
        return str(value_of(self.uri))

    @property
    def folder(self) -> str:
        """The folder as a text."""
        return str(value_of(self.path))


def volume_of(folder: str) -> str:
    """The volume that is mounted at a folder."""
    return folder.strip("/").replace("/", "-")


def put_beside(draft: Draft, target: dict[str, Tree], address: Address, number: int, view: ServiceView) -> None:
    """Bring a model that is an image.

    Args:
        draft: The pod.
        target: The container that reads it, which is changed.
        address: The model.
        number: How many other images come before it.
        view: The InferenceService.
    """
    settings = view.settings.section(_SECTION)
    image: Tree = image_of(address.text)
    if address.uri.__class__ is Part:
        image = Part(image, address.uri.origin)
    if image_mode(address.text, settings, view.release) == "native":
        volume = volume_of(address.folder) or "oci-model"
        draft.volume(volume, {"image": {"reference": image, "pullPolicy": "IfNotPresent"}})
        mount(target, volume, address.path, subPath="models", readOnly=True)
        return
    ending = f"-{number}" if number else ""
    volume = f"{VOLUME}{ending}"
    tell(target, "MODEL_INIT_MODE", "async")
    draft.volume(volume, {"emptyDir": {}})
    parent = posixpath.dirname(address.folder) or "/"
    mount(target, volume, parent)
    user = settings.get("uidModelcar")
    if isinstance(user, int):
        context = dict(opened(target.get("securityContext") or {})) if view.release >= _CONTEXT_KEPT else {}
        target["securityContext"] = {**context, "runAsUser": Part(user, view.settings.here(_SECTION))}
    if draft.container(f"modelcar{ending}") is None:
        draft.containers.append(_car(f"modelcar{ending}", image, address.folder, volume, view))
        draft.inits.append(_car_init(f"modelcar-init{ending}", image, view))
    draft.put("shareProcessNamespace", value=True)


def _car(name: str, image: Tree, folder: str, volume: str, view: ServiceView) -> dict[str, Tree]:
    made = "" if folder == notes.MODEL_FOLDER else f"mkdir -p {_quoted(posixpath.dirname(folder))} && "
    found = {
        "name": name,
        "image": image,
        "args": ["sh", "-c", f"{made}ln -sf /proc/$$$$/root/models {_quoted(folder)} && sleep infinity"],
        "resources": _car_resources(view),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    mount(found, volume, posixpath.dirname(folder) or "/")
    user = view.settings.section(_SECTION).get("uidModelcar")
    if isinstance(user, int):
        found["securityContext"] = {"runAsUser": Part(user, view.settings.here(_SECTION))}
    return found


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"


def _car_init(name: str, image: Tree, view: ServiceView) -> dict[str, Tree]:
    script = (
        f"echo 'Pre-fetching modelcar {value_of(image)}: ' && [ -d /models ] && [ \"$$(ls -A /models)\" ] && "
        "echo 'OK ... Prefetched and valid (/models exists)' || "
        "(echo 'NOK ... Prefetched but modelcar is invalid (/models does not exist or is empty)' && exit 1)"
    )
    return {
        "name": name,
        "image": image,
        "args": ["sh", "-c", script],
        "resources": _car_resources(view),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def _car_resources(view: ServiceView) -> dict[str, Tree]:
    here = view.settings.here(_SECTION)
    amounts = {
        name: Part(quantity.stored(view.settings.text(_SECTION, key) or least), here)
        for name, key, least in (("cpu", "cpuModelcar", "10m"), ("memory", "memoryModelcar", "15Mi"))
    }
    return {"limits": amounts, "requests": dict(amounts)}
