"""What can't be changed in a PersistentVolume or a claim of one.

Source: ``ValidatePersistentVolumeUpdate`` and ``ValidatePersistentVolumeClaimUpdate`` in
``pkg/apis/core/validation/validation.go`` of Kubernetes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kubernetes.settled import claim_spec, same, volume_source
from generator.checks.structure.change import is_live
from generator.checks.subject import mapping, reach, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.reading.documents import Path
    from generator.schemas import Version

_SOURCES = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker"),
    *("gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk"),
    *("portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_ATTRIBUTES = (1, 34)
"""From here on volumes have a class of attributes, if nothing is switched on or off."""
_LABELS = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
}
"""Labels of nodes whose old names may become the new ones."""


def volume(new: Mapping[str, Any], old: Mapping[str, Any], release: Version | None) -> Iterator[Path]:
    """The fields of a PersistentVolume that change and can't."""
    spec, was = (volume_source(mapping(data, "spec")) for data in (new, old))
    for name in _SOURCES:
        source, before = spec.get(name), was.get(name)
        if name == "csi" and isinstance(source, dict) and reach(before, "controllerExpandSecretRef") is None:
            # This alone may come later.
            source = {key: value for key, value in source.items() if key != "controllerExpandSecretRef"}
        if not same(source, before):
            yield ("spec", name)
    if (spec.get("volumeMode") or "Filesystem") != (was.get("volumeMode") or "Filesystem"):
        yield ("spec", "volumeMode")
    affinity = was.get("nodeAffinity")
    if affinity is not None and not same(spec.get("nodeAffinity"), affinity) and not _relabelled(spec, was):
        yield ("spec", "nodeAffinity")
    name = "volumeAttributesClassName"
    if (release is None or release >= _ATTRIBUTES) and was.get(name) is not None and spec.get(name) is None:
        yield ("spec", name)


def _relabelled(spec: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    return same(spec.get("nodeAffinity"), _with_new_labels(was.get("nodeAffinity")))


def _with_new_labels(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _LABELS.get(str(item), item) if key == "key" else _with_new_labels(item) for key, item in value.items()
        }
    return [_with_new_labels(item) for item in value] if isinstance(value, list) else value


def claim(new: Mapping[str, Any], old: Mapping[str, Any], release: Version | None) -> Iterator[Path]:
    """The fields of a PersistentVolumeClaim that change and can't; its size has a rule of its own."""
    spec, was = (claim_spec(mapping(data, "spec")) for data in (new, old))
    bound = _bound(old)
    annotated = tuple(text(data, "metadata", "annotations", _CLASS_ANNOTATION) or "" for data in (new, old))
    upgraded = was.get("storageClassName") is None and spec.get("storageClassName") == annotated[1] != ""
    if annotated[0] != annotated[1] and not (upgraded and not annotated[0]):
        yield ("metadata", "annotations", _CLASS_ANNOTATION)
    for name in sorted({*spec, *was}):
        if name == "resources":
            if not same(_resources(spec, bound=bound), _resources(was, bound=bound)):
                yield ("spec", "resources")
        elif not (same(spec.get(name), was.get(name), name) or _may_be_set(name, was, annotated[1], spec)):
            if name == "volumeAttributesClassName" and (bound or (release is not None and release < _ATTRIBUTES)):
                continue
            yield ("spec", name)


def _bound(old: Mapping[str, Any]) -> bool:
    """Whether the claim has its volume; a file doesn't say, and a claim that nothing binds is of no use."""
    phase = reach(old, "status", "phase")
    return phase == "Bound" or (phase is None and not is_live(old))


def _resources(spec: Mapping[str, Any], *, bound: bool) -> dict[str, Any]:
    """The resources that can't be changed."""
    resources = dict(mapping(spec, "resources"))
    if bound:
        requests = {key: value for key, value in mapping(resources, "requests").items() if key != "storage"}
        resources["requests"] = requests
    return resources


def _may_be_set(name: str, was: Mapping[str, Any], annotated: str, spec: Mapping[str, Any]) -> bool:
    """Whether a field was empty that may be set once."""
    if name == "volumeName":
        return was.get(name) in (None, "")
    return (
        name == "storageClassName"
        and was.get(name) is None
        and spec.get(name) is not None
        and (not annotated or spec.get(name) == annotated)
    )
