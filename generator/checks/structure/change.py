"""An update: what of an object is as it was, by the pairs that the API server makes of new and old values.

Source: ``pkg/cel/common/{equality,maplist}.go`` of k8s.io/apiserver, which both the schema's validation and the CEL
rules of k8s.io/apiextensions-apiserver use. What is wrong with a value that stays as it was is a warning since
Kubernetes 1.30 (``CRDValidationRatcheting``, which can't be switched off since 1.33).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.structure.problem import Path
    from generator.schemas import Schema

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(slots=True)
class Pair:
    """A new value, and the old one that it takes the place of.

    Attributes:
        new: As the update has it.
        old: As it was.
        schema: The schema of both.
    """

    new: Any
    old: Any
    schema: Schema
    _olds: dict[Any, Any] | None = field(default=None, init=False, repr=False)

    def below(self, part: str | int) -> Pair | None:
        """The pair of a field or item; None where there is no old one to compare with."""
        inner = self.schema.child(part)
        if inner is None:
            return None
        if isinstance(self.new, dict) and isinstance(self.old, dict):
            both = part in self.new and part in self.old
            return Pair(self.new[part], self.old[part], inner) if both else None
        if isinstance(self.new, list) and isinstance(self.old, list) and isinstance(part, int):
            old = self._counterpart(self.new[part], self.old)
            return None if old is None else Pair(self.new[part], old, inner)
        return None

    def _counterpart(self, item: Any, olds: list[Any]) -> Any:
        """The old item of the same key; only lists of type map have one."""
        if self.schema.list_type != "map" or not self.schema.list_keys:
            return None
        if self._olds is None:
            self._olds = {_key(old, self.schema): old for old in reversed(olds)}
        key = _key(item, self.schema)
        return None if key is None else self._olds.get(key)

    @property
    def same(self) -> bool:
        """Whether nothing changed; the order of a list of type map is nothing."""
        new, old = self.new, self.old
        if isinstance(new, dict) and isinstance(old, dict):
            return new.keys() == old.keys() and all(self._same_below(key) for key in new)
        if isinstance(new, list) and isinstance(old, list):
            if self.schema.list_type == "map" and self.schema.list_keys:
                return len(new) == len(old) and all(self._same_below(index) for index in range(len(new)))
            return len(new) == len(old) and all(map(_equal, new, old))
        return _equal(new, old)

    def _same_below(self, part: str | int) -> bool:
        pair = self.below(part)
        return pair.same if pair else isinstance(part, str) and _equal(self.new[part], self.old[part])


def _equal(new: Any, old: Any) -> bool:
    """Equality as in Go, where 1, 1.0 and true differ."""
    if isinstance(new, dict) and isinstance(old, dict):
        return new.keys() == old.keys() and all(_equal(new[key], old[key]) for key in new)
    if isinstance(new, list) and isinstance(old, list):
        return len(new) == len(old) and all(map(_equal, new, old))
    return type(new) is type(old) and bool(new == old)


def _key(item: Any, schema: Schema) -> tuple[Any, ...] | None:
    """What tells an item of a list of type map from the others; None where a part of that is missing."""
    if not isinstance(item, dict):
        return None
    values = [item.get(key) for key in schema.list_keys]
    return tuple(map(repr, values)) if all(isinstance(value, (str, int, float)) for value in values) else None


def unchanged(path: Path, whole: Pair) -> bool:
    """Whether the value at a path is as it was, or stands in one that is.

    Args:
        path: Where it stands in the new object.
        whole: The two objects.
    """
    pair = whole
    for part in path:
        below = pair.below(part)
        if below is None:
            break
        pair = below
    return pair.same


def is_live(old: Mapping[str, Any]) -> bool:
    """Whether an object comes from a cluster and not from a file: then it has a ``uid``."""
    metadata = old.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("uid"))


def as_applied(new: dict[str, Any], old: Mapping[str, Any], *, by_name: bool = False) -> dict[str, Any]:
    """The object as ``kubectl apply`` makes it of a file.

    A live object has what its defaults, its webhooks and controllers wrote, and the file doesn't: that stays. What the
    file had when it was last applied and has no more is gone. An old object that is no live one is a file itself.

    Args:
        new: The file.
        old: The object as it was.
        by_name: Whether items of lists are merged as well where their names are alike, as in Kubernetes' own kinds; a
            list of a CRD takes the place of the old one.
    """
    if not is_live(old):
        return new
    annotations = old["metadata"].get("annotations")
    text = annotations.get(_APPLIED) if isinstance(annotations, dict) else None
    return _mapping(new, old, _last(text), by_name=by_name)


def _last(text: Any) -> Any:
    """What was last applied; None where nobody knows."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except json.JSONDecodeError:
        return None


def _mapping(new: Mapping[str, Any], old: Mapping[str, Any], last: Any, *, by_name: bool) -> dict[str, Any]:
    then = last if isinstance(last, dict) else {}
    kept = {key: value for key, value in old.items() if key not in new and key not in then}
    return {key: _value(one, old.get(key), then.get(key), by_name=by_name) for key, one in new.items()} | kept


def _value(new: Any, old: Any, last: Any, *, by_name: bool) -> Any:
    if isinstance(new, dict) and isinstance(old, dict):
        return _mapping(new, old, last, by_name=by_name)
    if by_name and isinstance(new, list) and isinstance(old, list):
        olds, lasts = _named(old), _named(last)
        return [_value(one, olds.get(_name(one)), lasts.get(_name(one)), by_name=True) for one in new]
    return new


def _named(items: Any) -> dict[str, Any]:
    """The items of a list whose names tell them apart; none where they don't."""
    found = [(name, item) for item in (items if isinstance(items, list) else ()) if (name := _name(item))]
    named = dict(found)
    return named if len(named) == len(found) else {}


def _name(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else ""
