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
    """Two lists of objects: those with the same key become one.

    Their order is that of the patch's algorithm (``normalizeElementOrder``): the upper ones keep theirs, the lower ones
    keep theirs, and a lower one goes before an upper one only where both stand in the lower list, in that order. So a
    variable that only the upper list has comes before those that only the lower one has.
    """
    if lower.__class__ is not list or upper.__class__ is not list:
        return upper
    places: dict[Any, int] = {}
    for number, item in enumerate(lower):
        places.setdefault(_key(item, key), number)
    taken: dict[Any, Tree] = {}
    for item in upper:
        name = _key(item, key)
        below = taken.get(name, lower[places[name]] if name in places else None)
        taken[name] = laid_over(below, item, keys)
    rest = [number for number, item in enumerate(lower) if _key(item, key) not in taken]
    merged: list[Tree] = []
    for name, item in taken.items():
        while rest and name in places and rest[0] < places[name]:
            merged.append(lower[rest.pop(0)])
        merged.append(item)
    return merged + [lower[number] for number in rest]


def _key(item: Tree, key: str) -> Any:
    if item.__class__ is not dict:
        item = value_of(item)
    found = value_of(item.get(key)) if item.__class__ is dict else None
    return found if isinstance(found, (str, int)) else None
