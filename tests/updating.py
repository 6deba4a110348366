"""Updates at random, the same for the same seed: an object, and the same with fields added, removed and changed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from bending import changed, places

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

WORDS = ("", "a", "a.b", "A b", "other", "1", "10%", "1Gi", "2", "100m", "None", "Always", "example.com/x", "10.0.0.9")
NUMBERS = (0, 1, 2, 3, 7, 80, 420, 3600, 30100, 70000, -1)
_IDENTITY = (("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace"))
"""What makes it an update of that object; it stays."""


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def _has(value: Any, path: tuple[Any, ...]) -> bool:
    for part in path:
        inside = part in value if isinstance(value, dict) else isinstance(value, list) and part in range(len(value))
        if not inside:
            return False
        value = value[part]
    return True


def _other(source: random.Random, old: Any) -> Any:
    """Another value of the same type."""
    if isinstance(old, bool):
        return not old
    if isinstance(old, str):
        return source.choice(WORDS)
    if isinstance(old, int):
        return source.choice(NUMBERS)
    if isinstance(old, list):
        return [] if source.random() < 0.3 else old[::-1]
    return {} if isinstance(old, dict) else source.choice(WORDS)


def _change(source: random.Random, data: dict[str, Any], relatives: Sequence[dict[str, Any]]) -> None:
    """One change, in place: a field gone, one of a relative put in, another value, an item more."""
    own = [path for path in places(data) if path not in _IDENTITY]
    theirs = source.choice(relatives)
    others = [path for path in places(theirs) if path not in _IDENTITY and _has(data, path[:-1])]
    kind = source.random()
    if kind < 0.3 and own:
        path = source.choice(own)
        del _at(data, path[:-1])[path[-1]]
    elif kind < 0.65 and others:
        path = source.choice(others)
        parent, value = _at(data, path[:-1]), copy.deepcopy(_at(theirs, path))
        if isinstance(parent, list) and path[-1] not in range(len(parent)):
            parent.append(value)
        elif isinstance(parent, (dict, list)):
            parent[path[-1]] = value
    elif own:
        path = source.choice(own)
        parent = _at(data, path[:-1])
        if isinstance(parent, list) and kind < 0.75:
            parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
        else:
            parent[path[-1]] = _other(source, parent[path[-1]])


def update(source: random.Random, old: dict[str, Any], relatives: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The object with one to three changes; some of them wild.

    Args:
        source: Where chance comes from.
        old: The object as it is.
        relatives: Objects of the same kind, whose fields and values it may get.
    """
    new = copy.deepcopy(old)
    if source.random() < 0.15:
        new = changed(source, new)
    else:
        for _ in range(source.choice((1, 1, 1, 2, 3))):
            _change(source, new, relatives)
    metadata = new.get("metadata")
    same = isinstance(metadata, dict) and all(
        metadata.get(key) == old["metadata"].get(key) for key in ("name", "namespace", "generateName")
    )
    kept = same and all(new.get(key) == old[key] for key in ("apiVersion", "kind"))
    return new if kept else update(source, old, relatives)
