"""Volumes of pods: their names, and the one source that each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import hit
from generator.checks.rules.k8s.claims import claim_faults
from generator.checks.rules.k8s.environment import VOLUME_FIELDS, field_faults, resource_field_faults
from generator.checks.rules.k8s.examples import pod
from generator.checks.rules.k8s.objects import (
    CORE,
    POD,
    POD_KINDS,
    STATEFUL_SET,
    integer,
    items,
    keys,
    present,
    refusal,
    said,
)
from generator.checks.rules.k8s.objects import pod as pod_of
from generator.checks.rules.k8s.resources import number
from generator.checks.rules.k8s.selectors import label_faults, selector_faults
from generator.checks.rules.k8s.syntax import LABEL, climbs, is_label, is_local_path, is_subdomain
from generator.checks.subject import kind_of, mapping, sequence, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.documents import Path

HOST_PATHS = ("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")
PULL = ("Always", "IfNotPresent", "Never")
_MODE = 0o777
_STICKY = 0o1777
_USERS = 2**31 - 1
_TOKEN_SECONDS = (600, 2**32)
GOOD = pod("volumes: [{name: models, persistentVolumeClaim: {claimName: models}}]")


class Volume(NamedTuple):
    """A volume of a pod.

    Attributes:
        path: Where it stands.
        spec: The volume.
        source: The name of its source; ``emptyDir`` where none is given.
    """

    path: Path
    spec: Mapping[str, Any]
    source: str


def volumes(subject: Subject) -> tuple[Volume, ...]:
    """The volumes of the pod that count; those that a StatefulSet's claim replaces do not."""
    return subject.derive(_volumes)


def _volumes(subject: Subject) -> tuple[Volume, ...]:
    found = pod_of(subject)
    replaced = claim_names(subject)
    return tuple(
        Volume(place, entry, next((name for name in entry if name != "name" and present(entry, name)), "emptyDir"))
        for place, entry in items(found.spec, found.spec_path, "volumes")
        if text(entry, "name") not in replaced
    )


def claim_names(subject: Subject) -> frozenset[str]:
    """The names of a StatefulSet's claims: each of its pods has a volume of that name."""
    if kind_of(subject.document) != STATEFUL_SET:
        return frozenset()
    templates = sequence(subject.data, "spec", "volumeClaimTemplates")
    return frozenset(text(template, "metadata", "name") or "" for template in templates)


@refusal(
    id="K8S071",
    name="volume-name",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod("volumes: [{name: Models, emptyDir: {}}]"),
    good=GOOD,
    when=keys("volumes", "volumeClaimTemplates"),
)
def volume_name(subject: Subject) -> Iterable[Hit]:
    """Containers mount a volume by its name, so each has one of its own within the pod."""
    seen: set[str] = set()
    for volume in volumes(subject):
        name = text(volume.spec, "name") or ""
        place = (*volume.path, "name")
        if not name:
            yield said(place, "a volume has no name", "Add a name.")
        elif not is_label(name):
            yield said(place, f"a volume can't have the name '{name}'", f"Use {LABEL}.")
        elif name in seen:
            yield said(place, f"two volumes have the name '{name}'", "Rename one of them.")
        seen.add(name)
    for index, template in enumerate(sequence(subject.data, "spec", "volumeClaimTemplates")):
        name = text(template, "metadata", "name") or ""
        if kind_of(subject.document) == STATEFUL_SET and not is_label(name):
            place = ("spec", "volumeClaimTemplates", index, "metadata", "name")
            yield said(place, f"a volume can't have the name '{name}'", f"Use {LABEL}.")


@refusal(
    id="K8S072",
    name="volume-sources",
    kinds=POD_KINDS,
    message="a volume has {sources}",
    fix="Keep one of them, or make two volumes of it.",
    source=CORE,
    bad=pod("volumes: [{name: models, emptyDir: {}, hostPath: {path: /models}}]"),
    good=GOOD,
    when=keys("volumes"),
)
def volume_sources(subject: Subject) -> Iterable[Hit]:
    """A volume has one source; without any it is an empty directory."""
    for volume in volumes(subject):
        given = sorted(name for name in volume.spec if name != "name" and present(volume.spec, name))
        if len(given) > 1:
            yield hit(*volume.path, sources=" and ".join(given))


@refusal(
    id="K8S073",
    name="volume-source-incomplete",
    kinds=POD_KINDS,
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=pod("volumes: [{name: settings, configMap: {}}]"),
    good=pod("volumes: [{name: settings, configMap: {name: settings}}]"),
    when=keys("volumes"),
)
def volume_source_incomplete(subject: Subject) -> Iterable[Hit]:
    """Each kind of volume has fields that it can't be without, such as the name of the claim, Secret or ConfigMap.

    Modes are from 0 to 0777 in octal; YAML reads 0644 so, JSON wants 420.
    """
    for volume in volumes(subject):
        source = volume.spec.get(volume.source)
        check = _SOURCES.get(volume.source)
        if check is not None and isinstance(source, dict):
            yield from check(source, (*volume.path, volume.source))
    if kind_of(subject.document) == POD:
        yield from _created_claims(subject)


def _need(source: Mapping[str, Any], path: Path, *fields: str) -> Iterator[Hit]:
    for field in fields:
        if not text(source, *field.split(".")):
            yield said((*path, *field.split(".")), f"{path[-1]} has no {field}", f"Add {field}.")


def _mode(source: Mapping[str, Any], path: Path, field: str, limit: int = _MODE) -> Iterator[Hit]:
    mode = integer(source, field)
    if mode is not None and not 0 <= mode <= limit:
        yield said((*path, field), f"{mode} is no mode of a file", f"Write a mode from 0 to {limit:o} (octal).")
    user = integer(source, "defaultUser" if field == "defaultMode" else "user")
    if user is not None and not 0 <= user <= _USERS:
        yield said(path, f"{user} is no user", "Write a number from 0 to 2147483647.")


def _key_paths(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    for place, entry in items(source, path, "items"):
        yield from _need(entry, place, "key", "path")
        yield from _local(entry, place, "path")
        yield from _mode(entry, place, "mode")


def _local(entry: Mapping[str, Any], path: Path, field: str) -> Iterator[Hit]:
    value = text(entry, field) or ""
    if not is_local_path(value):
        yield said((*path, field), f"'{value}' leads out of the volume", "Write a relative path without '..'.")


def _empty(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    size = number(source.get("sizeLimit"))
    if size is not None and size < 0:
        yield said((*path, "sizeLimit"), "a size can't be negative", "Write a size such as 1Gi.")
    yield from _mode(source, path, "mode", _STICKY)


def host_path(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """A folder or file of the node."""
    yield from _need(source, path, "path")
    place, kind = text(source, "path") or "", text(source, "type") or ""
    if place and climbs(place):
        yield said((*path, "path"), f"the path '{place}' has '..' in it", "Write the path without '..'.")
    if place and kind not in HOST_PATHS:
        yield said((*path, "type"), f"'{kind}' is no type of a hostPath", f"Write {', '.join(HOST_PATHS[1:])}.")


def nfs(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """A folder of an NFS server."""
    yield from _need(source, path, "server", "path")
    if (place := text(source, "path")) and not place.startswith("/"):
        yield said((*path, "path"), f"the path '{place}' is not absolute", "Start it with '/'.")


def driver(source: Mapping[str, Any], path: Path, field: str = "driver") -> Iterator[Hit]:
    """The name of a CSI driver."""
    name = text(source, field) or ""
    if not name or len(name) > 63 or not is_subdomain(name.lower()):  # noqa: PLR2004 (of a driver's name)
        problem = f"'{name}' can't be the name of a CSI driver" if name else f"{path[-1]} has no {field}"
        yield said((*path, field), problem, "Write its name, such as disk.csi.example.com.")


def _secret(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from _need(source, path, "secretName")
    yield from _mode(source, path, "defaultMode")
    yield from _key_paths(source, path)


def _config_map(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from _need(source, path, "name")
    yield from _mode(source, path, "defaultMode")
    yield from _key_paths(source, path)


def _claim(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from _need(source, path, "claimName")


def _downward(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from _mode(source, path, "defaultMode")
    for place, entry in items(source, path, "items"):
        yield from _downward_file(entry, place)


def _downward_file(entry: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    yield from _need(entry, place, "path")
    yield from _local(entry, place, "path")
    yield from _mode(entry, place, "mode")
    field, resource = present(entry, "fieldRef"), present(entry, "resourceFieldRef")
    if field == resource:
        yield said(place, "a file has one of fieldRef and resourceFieldRef", "Set exactly one of them.")
    if field:
        yield from field_faults(mapping(entry, "fieldRef"), VOLUME_FIELDS, (*place, "fieldRef"))
    elif resource:
        reference = mapping(entry, "resourceFieldRef")
        yield from resource_field_faults(reference, (*place, "resourceFieldRef"), volume=True)


def _csi(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from driver(source, path)
    if present(source, "nodePublishSecretRef"):
        name = text(source, "nodePublishSecretRef", "name") or ""
        if not is_subdomain(name):
            yield said((*path, "nodePublishSecretRef", "name"), f"no Secret is called '{name}'", "Name a Secret.")


def _ephemeral(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    place = (*path, "volumeClaimTemplate")
    if not present(source, "volumeClaimTemplate"):
        yield said(place, "an ephemeral volume has no volumeClaimTemplate", "Add it.")
        return
    yield from claim_faults(mapping(source, "volumeClaimTemplate", "spec"), (*place, "spec"))
    labels = mapping(source, "volumeClaimTemplate", "metadata", "labels")
    yield from label_faults(labels, (*place, "metadata", "labels"))
    selector = mapping(source, "volumeClaimTemplate", "spec", "selector")
    yield from selector_faults(selector, (*place, "spec", "selector"))
    for field in mapping(source, "volumeClaimTemplate", "metadata"):
        if field not in ("labels", "annotations", "creationTimestamp") and present(
            mapping(source, "volumeClaimTemplate", "metadata"), field
        ):
            yield said(
                (*place, "metadata", field), f"the template's metadata has no {field}", "Remove it.", on_key=True
            )


def _image(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from _need(source, path, "reference")
    policy = text(source, "pullPolicy") or ""
    if policy and policy not in PULL:
        yield said((*path, "pullPolicy"), f"'{policy}' is no pull policy", f"Write {', '.join(PULL)}.")


def _projected(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from _mode(source, path, "defaultMode")
    taken: set[str] = set()
    for place, entry in items(source, path, "sources"):
        given = [name for name in entry if present(entry, name)]
        if len(given) > 1:
            yield said(place, f"a projected source has {' and '.join(given)}", "Make two sources of it.")
        for name in given:
            yield from _projection(name, mapping(entry, name), (*place, name), taken)


def _projection(name: str, entry: Mapping[str, Any], path: Path, taken: set[str]) -> Iterator[Hit]:
    files: list[str] = []
    if name in ("secret", "configMap"):
        yield from _need(entry, path, "name")
        yield from _key_paths(entry, path)
        files = [text(one, "path") or "" for _, one in items(entry, path, "items")]
    elif name == "downwardAPI":
        for place, one in items(entry, path, "items"):
            yield from _downward_file(one, place)
            files.append(text(one, "path") or "")
    elif name == "serviceAccountToken":
        seconds = integer(entry, "expirationSeconds")
        if seconds is not None and not _TOKEN_SECONDS[0] <= seconds <= _TOKEN_SECONDS[1]:
            yield said((*path, "expirationSeconds"), f"a token can't live {seconds} seconds", "Write at least 600.")
        yield from _need(entry, path, "path")
        yield from _local(entry, path, "path")
    for file in files:
        if file and file in taken:
            yield said(path, f"two sources make the file '{file}'", "Change one of the paths.")
        taken.add(file)


def _created_claims(subject: Subject) -> Iterator[Hit]:
    """A pod's ephemeral volume makes a claim of its own, which no other volume may use."""
    name = text(subject.data, "metadata", "name") or ""
    made = {f"{name}-{text(one.spec, 'name')}" for one in volumes(subject) if one.source == "ephemeral"}
    for volume in volumes(subject):
        claim = text(volume.spec, "persistentVolumeClaim", "claimName")
        if name and claim in made:
            path = (*volume.path, "persistentVolumeClaim", "claimName")
            yield said(path, f"the claim '{claim}' is made by an ephemeral volume", "Use another claim.")


_SOURCES: Mapping[str, Callable[[Mapping[str, Any], Path], Iterator[Hit]]] = {
    "emptyDir": _empty,
    "hostPath": host_path,
    "nfs": nfs,
    "secret": _secret,
    "configMap": _config_map,
    "persistentVolumeClaim": _claim,
    "downwardAPI": _downward,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
    "projected": _projected,
    "gitRepo": lambda source, path: _need(source, path, "repository"),
    "gcePersistentDisk": lambda source, path: _need(source, path, "pdName"),
    "awsElasticBlockStore": lambda source, path: _need(source, path, "volumeID"),
    "glusterfs": lambda source, path: _need(source, path, "endpoints", "path"),
    "rbd": lambda source, path: _need(source, path, "image"),
    "azureFile": lambda source, path: _need(source, path, "secretName", "shareName"),
    "azureDisk": lambda source, path: _need(source, path, "diskURI", "diskName"),
    "vsphereVolume": lambda source, path: _need(source, path, "volumePath"),
    "cinder": lambda source, path: _need(source, path, "volumeID"),
    "flexVolume": lambda source, path: _need(source, path, "driver"),
    "portworxVolume": lambda source, path: _need(source, path, "volumeID"),
}
