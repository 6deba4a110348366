"""PersistentVolumes and StorageClasses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.claims import MODES, access_faults
from generator.checks.rules.kubernetes.disks import DISKS, disk_faults
from generator.checks.rules.kubernetes.objects import CORE, items, present, refusal, said, source
from generator.checks.rules.kubernetes.resources import listed
from generator.checks.rules.kubernetes.scheduling import node_selector_faults
from generator.checks.rules.kubernetes.syntax import SUBDOMAIN, climbs, is_label, is_qualified, is_subdomain
from generator.checks.rules.kubernetes.volumes import driver, host_path, nfs
from generator.checks.subject import mapping, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import VOLUME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

STORAGE_CLASS = Kind("storage.k8s.io", "StorageClass")
_SETTINGS = frozenset(
    (
        *("capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions"),
        *("volumeMode", "nodeAffinity", "volumeAttributesClassName"),
    )
)
_CLASSES = (1, 34)
"""Before, volumeAttributesClassName was dropped unread."""
_FLEX = "flexVolume"
_BEHIND_FLEX = frozenset(
    (
        *("azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local"),
        *("storageos", "csi"),
    )
)
"""Sources that the server looks at after flexVolume, and refuses beside it."""
_RECLAIM = ("Delete", "Recycle", "Retain")
_REFERENCES = (
    *("controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"),
)
EXAMPLE = """
apiVersion: v1
kind: PersistentVolume
metadata:
  name: models
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadOnlyMany]
  nfs: {server: nfs.example.com, path: /models}
"""
CLASS_EXAMPLE = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: fast
provisioner: disk.csi.example.com
"""


@refusal(
    id="K8S116",
    name="persistent-volume",
    kinds=(VOLUME,),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=EXAMPLE.replace("  capacity: {storage: 10Gi}\n", ""),
    good=EXAMPLE,
)
def persistent_volume(subject: Subject) -> Iterable[Hit]:
    """A volume says how large it is, how it can be mounted, and where it is: one source, in full.

    What lies on one node says on which.
    """
    spec, path = mapping(subject.data, "spec"), ("spec",)
    yield from access_faults(spec, path)
    capacity = mapping(spec, "capacity")
    size = listed(capacity.get("storage"))
    if set(capacity) != {"storage"}:
        yield said(
            (*path, "capacity"), "a volume has the capacity storage and no other", "Keep capacity.storage alone."
        )
    elif size is not None and (size.number <= 0 or size.scaled(0) < 0):
        yield said((*path, "capacity", "storage"), "a volume without room", "Write more than 0.")
    yield from _words(spec, path)
    if subject.release is None or subject.release >= _CLASSES:
        yield from _attributes(spec, path)
    if isinstance(spec.get("nodeAffinity"), dict):
        required, place = mapping(spec, "nodeAffinity", "required"), (*path, "nodeAffinity", "required")
        yield from node_selector_faults(required, place, subject.release)
    sources = [name for name in spec if name not in _SETTINGS and present(spec, name)]
    if not sources:
        yield said(path, "a volume has no source", "Give it exactly one, such as nfs or csi.")
    others = [name for name in sources if name != _FLEX]
    # The server looks for a second source in its own order, and at flexVolume without counting what came before.
    late = [name for name in others if name in _BEHIND_FLEX]
    if len(others) > 1 or (late and _FLEX in sources):
        yield said(path, f"a volume has {' and '.join(sources)}", "Give it exactly one, such as nfs or csi.")
    for name in (*others[:1], *(name for name in sources if name == _FLEX)):
        yield from _source(name, spec, (*path, name), subject.document.name)


def _words(spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    policy = text(spec, "persistentVolumeReclaimPolicy") or ""
    if policy and policy not in _RECLAIM:
        advice = f"Write {', '.join(_RECLAIM)}."
        yield said((*path, "persistentVolumeReclaimPolicy"), f"'{policy}' is no policy", advice)
    mode = spec.get("volumeMode")
    if isinstance(mode, str) and mode not in MODES:
        yield said((*path, "volumeMode"), f"'{mode}' is no volume mode", f"Write {' or '.join(MODES)}.")
    name = text(spec, "storageClassName") or ""
    if name and not is_subdomain(name):
        yield said((*path, "storageClassName"), f"no class can have the name '{name}'", f"Use {SUBDOMAIN}.")


def _attributes(spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """A class of attributes, which is for csi volumes."""
    name, place = spec.get("volumeAttributesClassName"), (*path, "volumeAttributesClassName")
    if isinstance(name, str) and not is_subdomain(name):
        yield said(place, f"no class can have the name '{name}'", f"Use {SUBDOMAIN}.")
    if name is not None and not present(spec, "csi"):
        yield said(place, "it is for csi volumes", "Remove it.", on_key=True)


def _source(name: str, spec: Mapping[str, Any], path: Path, volume: str) -> Iterator[Hit]:
    source_ = mapping(spec, name)
    if name in DISKS:
        yield from disk_faults(name, source_, path, volume)
    if name == "hostPath":
        yield from host_path(source_, path)
        if text(source_, "path") == "/" and text(spec, "persistentVolumeReclaimPolicy") == "Recycle":
            yield said((*path, "path"), "the node's root can't be recycled", "Write another path or policy.")
    elif name == "nfs":
        yield from nfs(source_, path)
    elif name == "local":
        where = text(source_, "path") or ""
        if not where or climbs(where):
            yield said((*path, "path"), "a local volume has no path without '..'", "Add path.")
        if not isinstance(spec.get("nodeAffinity"), dict):
            yield said(("spec", "nodeAffinity"), "a local volume says on which node it is", "Add nodeAffinity.")
    elif name == "csi":
        yield from _csi(source_, path)


def _csi(source_: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from driver(source_, path)
    if not text(source_, "volumeHandle"):
        yield said((*path, "volumeHandle"), "csi has no volumeHandle", "Add volumeHandle.")
    for field in _REFERENCES:
        if isinstance(source_.get(field), dict):
            secret, namespace = text(source_, field, "name") or "", text(source_, field, "namespace") or ""
            if not is_subdomain(secret) or not is_label(namespace):
                yield said((*path, field), "a Secret is named with its namespace", "Add both.", on_key=True)


@refusal(
    id="K8S117",
    name="storage-class",
    kinds=(STORAGE_CLASS,),
    message="{problem}",
    fix="{advice}",
    source=source("pkg/apis/storage/validation/validation.go"),
    bad=f"{CLASS_EXAMPLE}volumeBindingMode: Later\n",
    good=CLASS_EXAMPLE,
)
def storage_class(subject: Subject) -> Iterable[Hit]:
    """A class names who makes its volumes; its other settings are one of a few words."""
    data = subject.data
    provisioner = text(data, "provisioner") or ""
    if not is_qualified(provisioner.lower()):
        yield said(("provisioner",), "the class names no provisioner", "Write its name, such as disk.csi.example.com.")
    for field, words in (
        ("reclaimPolicy", ("Delete", "Retain")),
        ("volumeBindingMode", ("Immediate", "WaitForFirstConsumer")),
    ):
        value = data.get(field)
        if isinstance(value, str) and value not in words and (value or field != "reclaimPolicy"):
            yield said((field,), f"'{value}' is no {field}", f"Write {' or '.join(words)}.")
    if "" in mapping(data, "parameters"):
        yield said(("parameters",), "a parameter has no name", "Name it.", on_key=True)
    terms: list[object] = [[]]
    for place, term in items(data, (), "allowedTopologies"):
        seen: set[str] = set()
        expressions = sequence(term, "matchLabelExpressions")
        if expressions in terms:
            yield said(place, "a topology is empty, or stands twice", "Remove it.")
        terms.append(expressions)
        for at, entry in items(term, place, "matchLabelExpressions"):
            key, values = text(entry, "key") or "", sequence(entry, "values")
            if not is_qualified(key) or key in seen or not values or len(set(values)) < len(values):
                yield said(at, "a topology has a key of its own, and values, each once", "Mend it.")
            seen.add(key)
