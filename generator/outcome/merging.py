"""Objects laid over one another as Kubernetes' strategic merge patch does it, with origins.

Controllers lay what a user says over what a runtime brings by that algorithm (k8s.io/apimachinery v0.35.0,
pkg/util/strategicpatch): objects field by field, lists of objects by a key that the type names, all other lists whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.outcome.part import opened, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.part import Tree

KEYS: Mapping[str, str] = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "ports": "containerPort",
    "volumes": "name",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "schedulingGates": "name",
}
"""The lists of a pod that are merged, and by which key (k8s.io/api v0.35.0, core/v1/types.go, ``patchMergeKey``)."""


def laid_over(base: Tree, over: Tree, keys: Mapping[str, str] = KEYS) -> Tree:
    """What an object becomes under another.

    Args:
        base: The lower one; None for nothing.
        over: The upper one; None for nothing. Its nulls are nothing, as Go writes no field that is nil.
        keys: The lists that are merged item by item, by the key that tells items apart.
    """
    if over is None:
        return base
    lower, upper = opened(base), opened(over)
    if lower.__class__ is not dict or upper.__class__ is not dict:
        return over
    merged = dict(lower)
    for name, value in upper.items():
        if value is None:
            continue
        below = merged.get(name)
        key = keys.get(name)
        if below is None:
            merged[name] = value
        elif key is not None:
            merged[name] = _listed(opened(below), opened(value), key, keys)
        else:
            merged[name] = laid_over(below, value, keys)
    return merged


def _listed(lower: Tree, upper: Tree, key: str, keys: Mapping[str, str]) -> Tree:
    """Two lists of objects: those with the same key become one, at the place of the lower; new ones follow."""
    if lower.__class__ is not list or upper.__class__ is not list:
        return upper
    merged = list(lower)
    places: dict[Any, int] = {}
    for number, item in enumerate(merged):
        places.setdefault(_key(item, key), number)
    for item in upper:
        name = _key(item, key)
        if name in places:
            merged[places[name]] = laid_over(merged[places[name]], item, keys)
        else:
            places[name] = len(merged)
            merged.append(item)
    return merged


def _key(item: Tree, key: str) -> Any:
    fields = opened(item)
    found = value_of(fields.get(key)) if fields.__class__ is dict else None
    return found if isinstance(found, (str, int)) else None
