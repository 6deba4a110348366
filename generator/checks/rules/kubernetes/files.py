"""Files that are made of Secrets, ConfigMaps, tokens and fields of a pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.certificates import CERTIFICATES, bundle_faults, certificate_faults
from generator.checks.rules.kubernetes.environment import VOLUME_FIELDS, field_faults, resource_field_faults
from generator.checks.rules.kubernetes.objects import (
    integer,
    items,
    present,
    said,
)
from generator.checks.rules.kubernetes.syntax import is_local_path
from generator.checks.subject import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.reading.documents import Path

MODE = 0o777
_TOKEN_SECONDS = (600, 2**32)


def need(source: Mapping[str, Any], path: Path, *fields: str) -> Iterator[Hit]:
    """What a source lacks of what it needs."""
    for field in fields:
        if not text(source, *field.split(".")):
            yield said((*path, *field.split(".")), f"{path[-1]} has no {field}", f"Add {field}.")


def mode(source: Mapping[str, Any], path: Path, field: str, limit: int = MODE) -> Iterator[Hit]:
    """A mode that can't be."""
    value = integer(source, field)
    if value is not None and not 0 <= value <= limit:
        yield said((*path, field), f"{value} is no mode of a file", f"Write a mode from 0 to {limit:o} (octal).")


def key_paths(source: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """What is wrong with the files that keys become."""
    for place, entry in items(source, path, "items"):
        yield from need(entry, place, "key", "path")
        yield from local(entry, place, "path")
        yield from mode(entry, place, "mode")


def local(entry: Mapping[str, Any], path: Path, field: str) -> Iterator[Hit]:
    """A path that leads out of its volume."""
    value = text(entry, field) or ""
    if not is_local_path(value):
        yield said((*path, field), f"'{value}' leads out of the volume", "Write a relative path without '..'.")


def downward_file(entry: Mapping[str, Any], place: Path) -> Iterator[Hit]:
    """A file with a field of the pod, or a resource of a container."""
    yield from need(entry, place, "path")
    yield from local(entry, place, "path")
    yield from mode(entry, place, "mode")
    field, resource = present(entry, "fieldRef"), present(entry, "resourceFieldRef")
    if field == resource:
        yield said(place, "a file has one of fieldRef and resourceFieldRef", "Set exactly one of them.")
    if field:
        yield from field_faults(mapping(entry, "fieldRef"), VOLUME_FIELDS, (*place, "fieldRef"))
    elif resource:
        reference = mapping(entry, "resourceFieldRef")
        yield from resource_field_faults(reference, (*place, "resourceFieldRef"), volume=True)


def projected(source: Mapping[str, Any], path: Path, *, certificates: bool) -> Iterator[Hit]:
    """Several sources in one volume.

    Args:
        source: The volume's source.
        path: Where it stands.
        certificates: Whether the release reads those of the cluster and of pods; before 1.37 the server dropped them.
    """
    yield from mode(source, path, "defaultMode")
    taken: set[str] = set()
    for place, entry in items(source, path, "sources"):
        given = [name for name in entry if present(entry, name) and (certificates or name not in CERTIFICATES)]
        if len(given) > 1:
            yield said(place, f"a projected source has {' and '.join(given)}", "Make two sources of it.")
        for name in given:
            yield from _projection(name, mapping(entry, name), (*place, name), taken)


def _projection(name: str, entry: Mapping[str, Any], path: Path, taken: set[str]) -> Iterator[Hit]:
    files: list[str] = []
    if name in ("secret", "configMap"):
        yield from need(entry, path, "name")
        yield from key_paths(entry, path)
        files = [text(one, "path") or "" for _, one in items(entry, path, "items")]
    elif name == "downwardAPI":
        for place, one in items(entry, path, "items"):
            yield from downward_file(one, place)
            files.append(text(one, "path") or "")
    elif name == "serviceAccountToken":
        seconds = integer(entry, "expirationSeconds")
        if seconds is not None and not _TOKEN_SECONDS[0] <= seconds <= _TOKEN_SECONDS[1]:
            yield said((*path, "expirationSeconds"), f"a token can't live {seconds} seconds", "Write at least 600.")
        yield from need(entry, path, "path")
        yield from local(entry, path, "path")
    elif name in CERTIFICATES:
        fields = CERTIFICATES[name]
        files = [file for field in fields if (file := text(entry, field) or "")]
        for field in fields:
            yield from local(entry, path, field)
        yield from (bundle_faults if name == "clusterTrustBundle" else certificate_faults)(entry, path, files)
    for file in files:
        if file and file in taken:
            yield said(path, f"two sources make the file '{file}'", "Change one of the paths.")
        taken.add(file)
