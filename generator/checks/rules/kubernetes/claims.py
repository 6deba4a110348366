"""Claims on storage, also those inside of pods and StatefulSets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.objects import CORE, items, present, refusal, said
from generator.checks.rules.kubernetes.resources import milli
from generator.checks.rules.kubernetes.selectors import selector_faults
from generator.checks.rules.kubernetes.syntax import SUBDOMAIN, is_label, is_subdomain
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.schemas.kinds import CLAIM, STATEFUL_SET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.checks.rule import Hit
    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.schemas import Version

ACCESS = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
MODES = ("Filesystem", "Block")
_TEMPLATES = (1, 34)
"""Before, nobody looked into a StatefulSet's claims until they were made."""
_CLASSES = (1, 34)
"""Before, volumeAttributesClassName was dropped unread."""
GOOD = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: models
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 10Gi}}
"""


def access_faults(spec: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    """What is wrong with the ways in which a volume may be mounted."""
    modes = sequence(spec, "accessModes")
    place = (*path, "accessModes")
    if not modes:
        yield said(place, "there is no access mode", f"Add accessModes with one of {', '.join(ACCESS)}.")
    for index, mode in enumerate(modes):
        if mode not in ACCESS:
            yield said((*place, index), f"'{mode or ''}' is no access mode", f"Write {', '.join(ACCESS)}.")
    if "ReadWriteOncePod" in modes and any(mode in ACCESS[:3] for mode in modes):
        yield said(place, "ReadWriteOncePod stands beside other access modes", "Keep one of them.", on_key=True)


def claim_faults(
    spec: Mapping[str, Any], path: Path, release: Version | None = None, *, template: bool = True
) -> Iterator[Hit]:
    """What is wrong with the specification of a claim, or of a template of one; its selector aside."""
    yield from access_faults(spec, path)
    requests = mapping(spec, "resources", "requests")
    size = milli(requests.get("storage"))
    place = (*path, "resources", "requests", "storage")
    if "storage" not in requests:
        yield said(place, "the claim doesn't say how much storage", "Add resources.requests.storage, such as 10Gi.")
    elif size is not None and size <= 0:
        yield said(place, "a claim of no storage", "Ask for more than nought.")
    classes = release is None or release >= _CLASSES
    for field in ("storageClassName", "volumeAttributesClassName") if classes else ("storageClassName",):
        name = text(spec, field) or ""
        if name and not is_subdomain(name):
            yield said((*path, field), f"no class can have the name '{name}'", f"Use {SUBDOMAIN}.")
    mode = spec.get("volumeMode")
    if isinstance(mode, str) and mode not in MODES:
        yield said((*path, "volumeMode"), f"'{mode}' is no volume mode", f"Write {' or '.join(MODES)}.")
    yield from _origin(spec, path, template=template)


def _origin(spec: Mapping[str, Any], path: Path, *, template: bool) -> Iterator[Hit]:
    """Where the first content of the volume comes from.

    Of a claim the API server drops some unread: a reference into another namespace (a feature that is off), and
    beside no dataSourceRef a dataSource that is neither a claim nor a snapshot.
    """
    given = {field: mapping(spec, field) for field in ("dataSource", "dataSourceRef") if present(spec, field)}
    if not template and text(spec, "dataSourceRef", "namespace"):
        del given["dataSourceRef"]
    if not template and "dataSourceRef" not in given and not _is_common(given.get("dataSource", {})):
        return
    for field, origin in given.items():
        yield from _reference(origin, (*path, field))
    namespace = text(given.get("dataSourceRef"), "namespace") or ""
    if namespace and not is_label(namespace):
        yield said((*path, "dataSourceRef", "namespace"), f"'{namespace}' can't be a namespace", "Use a DNS label.")
    first, second = (given.get(field) for field in ("dataSource", "dataSourceRef"))
    if first is not None and second is not None and (namespace or not _same(first, second)):
        problem = "dataSource excludes dataSourceRef.namespace" if namespace else "dataSource and dataSourceRef differ"
        yield said((*path, "dataSource"), problem, "Keep dataSourceRef.", on_key=True)


def _reference(origin: Mapping[str, Any], path: Path) -> Iterator[Hit]:
    group, kind = text(origin, "apiGroup") or "", text(origin, "kind") or ""
    if not text(origin, "name") or not kind:
        yield said(path, f"{path[-1]} needs a kind and a name", "Add them.", on_key=True)
    if not group and kind != "PersistentVolumeClaim":
        yield said((*path, "kind"), f"{path[-1]} needs an apiGroup for a {kind or 'kind'}", "Add apiGroup.")
    if group and not is_subdomain(group):
        yield said((*path, "apiGroup"), f"'{group}' can't be an API group", f"Use {SUBDOMAIN}.")


def _same(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    return first.get("apiGroup") == second.get("apiGroup") and all(
        (first.get(field) or "") == (second.get(field) or "") for field in ("kind", "name")
    )


def _is_common(origin: Mapping[str, Any]) -> bool:
    kind, group = text(origin, "kind"), text(origin, "apiGroup") or ""
    return (kind, group) in (("PersistentVolumeClaim", ""), ("VolumeSnapshot", "snapshot.storage.k8s.io"))


@refusal(
    id="K8S074",
    name="storage-claim",
    kinds=(CLAIM, STATEFUL_SET),
    message="{problem}",
    fix="{advice}",
    source=CORE,
    bad=GOOD.replace("  accessModes: [ReadWriteOnce]\n", ""),
    good=GOOD,
)
def storage_claim(subject: Subject) -> Iterable[Hit]:
    """A claim says how much storage it wants and how it will be mounted; no class of storage has defaults for these."""
    if kind_of(subject.document) == CLAIM:
        yield from claim_faults(mapping(subject.data, "spec"), ("spec",), subject.release, template=False)
        return
    if subject.release is not None and subject.release < _TEMPLATES:
        return
    for place, template in items(subject.data, (), "spec", "volumeClaimTemplates"):
        spec = mapping(template, "spec")
        yield from claim_faults(spec, (*place, "spec"), subject.release)
        yield from selector_faults(mapping(spec, "selector"), (*place, "spec", "selector"))
