"""Where containers mount the pod's volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.environment import file_volumes
from generator.checks.rules.kubernetes.examples import container
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, containers, items, keys, refusal, said
from generator.checks.rules.kubernetes.syntax import climbs
from generator.checks.rules.kubernetes.volumes import claim_names, volumes
from generator.checks.subject import reach, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.rules.kubernetes.objects import Container
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

PROPAGATION = ("None", "HostToContainer", "Bidirectional")
GOOD = container("volumeMounts: [{name: models, mountPath: /models}]") + (
    "      volumes: [{name: models, emptyDir: {}}]\n"
)
_BLOCK = frozenset(("persistentVolumeClaim", "ephemeral"))


@refusal(
    id="K8S075",
    name="mount-without-volume",
    kinds=POD_KINDS,
    message="the pod has no volume '{name}'",
    fix="Add it to the pod's volumes, or mount one of those: {known}.",
    source=CORE,
    bad=GOOD.replace("volumes: [{name: models", "volumes: [{name: model"),
    good=GOOD,
    when=keys("volumeMounts", "volumeDevices", "fileKeyRef"),
)
def mount_without_volume(subject: Subject) -> Iterable[Hit]:
    """A container mounts volumes of its own pod, by their names."""
    known = {text(one.spec, "name") or "" for one in volumes(subject)} | claim_names(subject)
    shown = ", ".join(sorted(known)) or "there are none"
    for one in containers(subject):
        for field in ("volumeMounts", "volumeDevices"):
            for place, entry in items(one.spec, one.path, field):
                name = text(entry, "name") or ""
                if not name or name not in known:
                    yield hit(*place, "name", name=name, known=shown)
    emptied = frozenset(text(one.spec, "name") or "" for one in volumes(subject) if one.source == "emptyDir")
    for path, name in file_volumes(subject, emptied):
        yield hit(*path, name=name, known=", ".join(sorted(emptied)) or "there is no emptyDir")


@refusal(
    id="K8S076",
    name="mount-path",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=GOOD.replace("mountPath: /models}", "mountPath: /models}, {name: models, mountPath: /models}"),
    good=GOOD,
    when=keys("volumeMounts", "volumeDevices"),
)
def mount_path(subject: Subject) -> Iterable[Hit]:
    """Each volume is mounted at a path of its own in the container; a subPath stays inside its volume."""
    sources = {text(one.spec, "name"): one.source for one in volumes(subject)}
    sources |= dict.fromkeys(claim_names(subject), "persistentVolumeClaim")
    for one in containers(subject):
        taken: dict[str, str] = {}
        for place, mount in items(one.spec, one.path, "volumeMounts"):
            where = text(mount, "mountPath") or ""
            if not where:
                yield said((*place, "mountPath"), "a mount has no mountPath", "Add mountPath.")
            elif where in taken:
                yield said((*place, "mountPath"), f"two mounts are at '{where}'", "Change one of them.")
            taken[where] = text(mount, "name") or ""
            yield from _inside(mount, place)
            yield from _flags(mount, place, one)
        yield from _devices(one, taken, sources)


def _inside(mount: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for field in ("subPath", "subPathExpr"):
        value = text(mount, field) or ""
        if value.startswith("/") or climbs(value):
            yield said((*path, field), f"'{value}' leads out of the volume", "Write a relative path without '..'.")
    if mount.get("subPath") and mount.get("subPathExpr"):
        yield said((*path, "subPathExpr"), "a mount has both subPath and subPathExpr", "Keep one of them.", on_key=True)


def _flags(mount: Mapping[str, Any], path: Path, one: Container) -> Iterator[Hit]:
    propagation, recursive = mount.get("mountPropagation"), mount.get("recursiveReadOnly")
    if isinstance(propagation, str):
        if propagation not in PROPAGATION:
            yield said((*path, "mountPropagation"), f"'{propagation}' is no propagation", f"Write {PROPAGATION[0]}.")
        elif propagation == "Bidirectional" and reach(one.spec, "securityContext", "privileged") is not True:
            advice = "Write HostToContainer, or make it privileged."
            yield said((*path, "mountPropagation"), "only a privileged container mounts Bidirectional", advice)
    if isinstance(recursive, str) and recursive not in ("Disabled", "IfPossible", "Enabled"):
        yield said(
            (*path, "recursiveReadOnly"), f"'{recursive}' is no word for it", "Write Disabled, IfPossible or Enabled."
        )
    elif recursive in ("IfPossible", "Enabled"):
        if mount.get("readOnly") is not True:
            yield said((*path, "recursiveReadOnly"), "recursiveReadOnly needs readOnly", "Add readOnly: true.")
        if propagation not in (None, "None"):
            yield said((*path, "recursiveReadOnly"), "recursiveReadOnly excludes a propagation", "Remove one of them.")


def _devices(one: Container, mounts: Mapping[str, str], sources: Mapping[str | None, str]) -> Iterator[Hit]:
    names: set[str] = set()
    paths: set[str] = set()
    for place, device in items(one.spec, one.path, "volumeDevices"):
        name, where = text(device, "name") or "", text(device, "devicePath") or ""
        if name in sources and sources[name] not in _BLOCK:
            yield said((*place, "name"), f"'{name}' is no claim, so it is no device", "Use a persistentVolumeClaim.")
        if name and (name in names or name in mounts.values()):
            yield said((*place, "name"), f"the volume '{name}' is used twice", "Use it once, as a mount or a device.")
        if not where or climbs(where):
            yield said((*place, "devicePath"), "a device has no path without '..'", "Add devicePath.")
        elif where in paths or where in mounts:
            yield said((*place, "devicePath"), f"the path '{where}' is taken", "Use another path.")
        names.add(name)
        paths.add(where)
