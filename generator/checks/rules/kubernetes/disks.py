"""Volumes of clouds and of other makers, in pods and as PersistentVolumes: what each source needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.files import need
from generator.checks.rules.kubernetes.objects import integer, present, said
from generator.checks.rules.kubernetes.syntax import LABEL, is_label
from generator.checks.subject import mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.reading.documents import Path

_NEEDED = {
    "gcePersistentDisk": ("pdName",),
    "awsElasticBlockStore": ("volumeID",),
    "glusterfs": ("endpoints", "path"),
    "flocker": (),
    "rbd": ("image",),
    "quobyte": ("registry", "volume"),
    "cephfs": (),
    "iscsi": ("targetPortal", "iqn"),
    "cinder": ("volumeID",),
    "fc": (),
    "flexVolume": ("driver",),
    "azureFile": ("secretName", "shareName"),
    "azureDisk": ("diskURI", "diskName"),
    "vsphereVolume": ("volumePath",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "scaleIO": ("gateway", "system", "volumeName"),
    "storageos": ("volumeName",),
}
DISKS = frozenset(_NEEDED)
_BYTES = {"gcePersistentDisk": "partition", "awsElasticBlockStore": "partition", "iscsi": "lun"}
"""Fields from 0 to 255."""
_BYTE = range(256)
_SECRETS = {"cinder": ("name", "namespace"), "storageos": ("name", "namespace"), "iscsi": ("name",)}
"""What a reference to a Secret names in a PersistentVolume; in a pod the name alone, of iscsi nothing."""
_TENANT = 64
_PORTAL = 64
_INITIATORS = (
    ("iqn", re.compile(r"iqn\.[0-9]{4}-[0-9]{2}\.[0-9A-Za-z\-.]+:[^,;*&$|\t\n\f\r ]+\Z")),
    ("eui", re.compile(r"\Aeui.[0-9A-Za-z]{16}\Z")),
    ("naa", re.compile(r"\Anaa.[0-9A-Za-z]{32}\Z")),
)
_HOST_AND_PORT = re.compile(r"\[[^\[\]]*\]:[^:\[\]]*|[^:\[\]]*:[^:\[\]]*")


def disk_faults(name: str, source: Mapping[str, Any], path: Path, volume: str | None = None) -> Iterator[Hit]:
    """What is wrong with a source.

    Args:
        name: One of ``DISKS``.
        source: The source.
        path: Where it stands.
        volume: The name of the PersistentVolume; None in a pod.
    """
    yield from need(source, path, *_NEEDED[name])
    if name in ("rbd", "cephfs") and not sequence(source, "monitors"):
        yield said((*path, "monitors"), f"{name} has no monitors", "Add monitors.")
    number = integer(source, _BYTES.get(name, "")) if name in _BYTES else None
    if number is not None and number not in _BYTE:
        yield said((*path, _BYTES[name]), f"{number} is no {_BYTES[name]}", "Write 0 to 255.")
    if isinstance(source.get("secretRef"), dict) and name in _SECRETS and (volume is not None or name != "iscsi"):
        fields = _SECRETS[name] if volume is not None else ("name",)
        yield from need(mapping(source, "secretRef"), (*path, "secretRef"), *fields)
    if name in _OWN:
        yield from _OWN[name](source, path)
    if volume is not None:
        yield from _of_volume(name, source, path, volume)


def _of_volume(name: str, source: Mapping[str, Any], path: Path, volume: str) -> Iterator[Hit]:
    if name == "azureFile" and source.get("secretNamespace") == "":
        yield said((*path, "secretNamespace"), "the namespace is empty", "Write it, or remove the field.")
    namespace = source.get("endpointsNamespace")
    if name == "glusterfs" and isinstance(namespace, str) and not is_label(namespace):
        yield said((*path, "endpointsNamespace"), f"'{namespace}' is no namespace", f"Use {LABEL}.")
    portal = f"{volume}:{text(source, 'targetPortal') or ''}"
    if name == "iscsi" and present(source, "initiatorName") and len(portal.encode()) > _PORTAL:
        advice = "Shorten the volume's name, or remove initiatorName."
        yield said((*path, "targetPortal"), f"{portal} is over 64 characters", advice)


def _iscsi(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for field in ("iqn", "initiatorName"):
        value = source.get(field)
        if isinstance(value, str) and (value or field == "initiatorName") and not _is_initiator(value):
            yield said((*path, field), f"'{value}' is no initiator", "Write for example iqn.2001-04.com.example:disk.")
    secret = any(source.get(field) is True for field in ("chapAuthDiscovery", "chapAuthSession"))
    if secret and not present(source, "secretRef"):
        yield said((*path, "secretRef"), "CHAP needs a Secret", "Add secretRef.")


def _is_initiator(value: str) -> bool:
    return any(value.startswith(prefix) and form.search(value) for prefix, form in _INITIATORS)


def _fc(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    names, ids = sequence(source, "targetWWNs"), sequence(source, "wwids")
    if bool(names) == bool(ids):
        yield said((*path, "targetWWNs"), "fc has one of targetWWNs and wwids", "Write exactly one of them.")
    if names and integer(source, "lun") not in _BYTE:
        yield said((*path, "lun"), "targetWWNs need a lun", "Write 0 to 255.")


def _flocker(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    name = text(source, "datasetName") or ""
    if bool(name) == bool(text(source, "datasetUUID")):
        yield said(path, "flocker has one of datasetName and datasetUUID", "Write exactly one of them.", on_key=True)
    if "/" in name:
        yield said((*path, "datasetName"), f"'{name}' has a slash in it", "Write the name without it.")


def _quobyte(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    registry = text(source, "registry") or ""
    if registry and len((text(source, "tenant") or "").encode()) > _TENANT:
        yield said((*path, "tenant"), "the tenant has over 64 characters", "Shorten it.")
    elif registry and not all(_HOST_AND_PORT.fullmatch(pair) for pair in registry.split(",")):
        yield said((*path, "registry"), f"'{registry}' is no list of HOST:PORT", "Write HOST:PORT,HOST:PORT.")


def _flex(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for key in mapping(source, "options"):
        owner = "." + key.partition("/")[0].lower()
        if owner.endswith((".kubernetes.io", ".k8s.io")):
            yield said((*path, "options", key), f"'{key}' is Kubernetes' own", "Use another key.", on_key=True)


def _azure_disk(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    caching, kind, uri = source.get("cachingMode"), source.get("kind"), text(source, "diskURI") or ""
    if isinstance(caching, str) and caching not in ("None", "ReadOnly", "ReadWrite"):
        yield said((*path, "cachingMode"), f"'{caching}' is no mode", "Write None, ReadOnly or ReadWrite.")
    if not isinstance(kind, str):
        return
    if kind not in ("Shared", "Dedicated", "Managed"):
        yield said((*path, "kind"), f"'{kind}' is no kind of a disk", "Write Shared, Dedicated or Managed.")
    wanted = "/subscriptions/" if kind == "Managed" else "https://"
    if not uri.startswith(wanted):
        yield said((*path, "diskURI"), f"the URI of a disk of kind {kind} begins with {wanted}", "Write such a one.")


def _storageos(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for field in ("volumeName", "volumeNamespace"):
        value = text(source, field) or ""
        if value and not is_label(value):
            yield said((*path, field), f"'{value}' can't be a {field}", f"Use {LABEL}.")


_OWN: Mapping[str, Callable[[Mapping[str, Any], Path], Iterator[Hit]]] = {
    "iscsi": _iscsi,
    "fc": _fc,
    "flocker": _flocker,
    "quobyte": _quobyte,
    "flexVolume": _flex,
    "azureDisk": _azure_disk,
    "storageos": _storageos,
}
