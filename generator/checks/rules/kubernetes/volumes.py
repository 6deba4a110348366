"""Volumes of pods: their names, and the one source that each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.rule import hit
from generator.checks.rules.kubernetes.claims import claim_faults
from generator.checks.rules.kubernetes.disks import DISKS, disk_faults
from generator.checks.rules.kubernetes.examples import pod
from generator.checks.rules.kubernetes.files import downward_file, key_paths, mode, need, projected
from generator.checks.rules.kubernetes.objects import CORE, POD_KINDS, items, keys, present, refusal, said
from generator.checks.rules.kubernetes.objects import pod as pod_of
from generator.checks.rules.kubernetes.resources import number
from generator.checks.rules.kubernetes.selectors import label_faults, selector_faults
from generator.checks.rules.kubernetes.syntax import LABEL, climbs, is_label, is_qualified, is_subdomain
from generator.checks.rules.kubernetes.words import PULL
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import POD, STATEFUL_SET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

HOST_PATHS = ("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")
_KEY = "Write name or prefix/name."
_CERTIFICATES = (1, 37)
"""Before, certificates among the projected sources were dropped unread."""
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
    newest = subject.release is None or subject.release >= _CERTIFICATES
    for volume in volumes(subject):
        source = volume.spec.get(volume.source)
        if volume.source in DISKS:
            yield from disk_faults(volume.source, mapping(volume.spec, volume.source), (*volume.path, volume.source))
        check = _SOURCES.get(volume.source)
        if check is not None and isinstance(source, dict):
            yield from check(source, (*volume.path, volume.source))
        elif volume.source == "projected" and isinstance(source, dict):
            yield from projected(source, (*volume.path, "projected"), certificates=newest)
    if kind_of(subject.document) == POD:
        yield from _created_claims(subject)


def _empty(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    size = number(source.get("sizeLimit"))
    if size is not None and size < 0:
        yield said((*path, "sizeLimit"), "a size can't be negative", "Write a size such as 1Gi.")


def host_path(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """A folder or file of the node."""
    yield from need(source, path, "path")
    place, kind = text(source, "path") or "", text(source, "type") or ""
    if place and climbs(place):
        yield said((*path, "path"), f"the path '{place}' has '..' in it", "Write the path without '..'.")
    if place and kind not in HOST_PATHS:
        yield said((*path, "type"), f"'{kind}' is no type of a hostPath", f"Write {', '.join(HOST_PATHS[1:])}.")


def nfs(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """A folder of an NFS server."""
    yield from need(source, path, "server", "path")
    if (place := text(source, "path")) and not place.startswith("/"):
        yield said((*path, "path"), f"the path '{place}' is not absolute", "Start it with '/'.")


def driver(source: Mapping[str, Any], path: Path, field: str = "driver") -> Iterator[Hit]:
    """The name of a CSI driver."""
    name = text(source, field) or ""
    if not name or len(name) > 63 or not is_subdomain(name.lower()):  # noqa: PLR2004 (of a driver's name)
        problem = f"'{name}' can't be the name of a CSI driver" if name else f"{path[-1]} has no {field}"
        yield said((*path, field), problem, "Write its name, such as disk.csi.example.com.")


def _secret(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from need(source, path, "secretName")
    yield from mode(source, path, "defaultMode")
    yield from key_paths(source, path)


def _config_map(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from need(source, path, "name")
    yield from mode(source, path, "defaultMode")
    yield from key_paths(source, path)


def _claim(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from need(source, path, "claimName")


def _downward(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from mode(source, path, "defaultMode")
    for place, entry in items(source, path, "items"):
        yield from downward_file(entry, place)


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
    for key in mapping(source, "volumeClaimTemplate", "metadata", "annotations"):
        if not is_qualified(key.lower()):
            yield said(
                (*place, "metadata", "annotations", key),
                f"'{key}' can't be the key of an annotation",
                _KEY,
                on_key=True,
            )
    selector = mapping(source, "volumeClaimTemplate", "spec", "selector")
    yield from selector_faults(selector, (*place, "spec", "selector"))
    for field, value in mapping(source, "volumeClaimTemplate", "metadata").items():
        # Nought and an empty text are nothing in Go, but for the one number that is a pointer.
        nothing = value is None or value == "" or (value == 0 and field != "deletionGracePeriodSeconds")
        if field not in ("labels", "annotations") and not nothing:
            yield said(
                (*place, "metadata", field), f"the template's metadata has no {field}", "Remove it.", on_key=True
            )


def _image(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    yield from need(source, path, "reference")
    policy = text(source, "pullPolicy") or ""
    if policy and policy not in PULL:
        yield said((*path, "pullPolicy"), f"'{policy}' is no pull policy", f"Write {', '.join(PULL)}.")


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
    "gitRepo": lambda source, path: need(source, path, "repository"),
}
