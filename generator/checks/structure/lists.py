"""What the fast lane does beside its compiled schema: repeated keys of lists, defaults that a constraint could see."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.structure.defaults import has_default

if TYPE_CHECKING:
    from generator.schemas import Schema


class Lists(NamedTuple):
    """Where in an object lists of type map can be: the way down to them, and their keys."""

    fields: dict[str, Lists]
    values: Lists | None
    items: Lists | None
    keys: tuple[tuple[str, Any], ...]


@cache
def lists_of(schema: Schema) -> Lists | None:
    """Where below a schema lists of type map can be; None where nowhere."""
    fields = {name: found for name, child in schema.properties.items() if (found := lists_of(child))}
    values = lists_of(schema.values) if schema.values else None
    items = lists_of(schema.items) if schema.items else None
    keys: tuple[tuple[str, Any], ...] = ()
    if schema.list_type == "map" and schema.items:
        properties = schema.items.properties
        keys = tuple(
            (key, properties[key].default if key in properties and has_default(properties[key]) else None)
            for key in schema.list_keys
        )
    return Lists(fields, values, items, keys) if fields or values or items or keys else None


def unique(value: Any, lists: Lists) -> bool:
    """Whether no list of type map repeats a key; only what the compiled schema took comes here."""
    if isinstance(value, dict):
        fields, values = lists.fields, lists.values
        for key, child in value.items():
            inner = fields.get(key) or values
            if inner is not None and not unique(child, inner):
                return False
    elif isinstance(value, list):
        if lists.keys and len(value) > 1:
            seen = set()
            for item in value:
                identity = tuple([_scalar(item.get(key, default)) for key, default in lists.keys])
                if identity in seen:
                    return False
                seen.add(identity)
        if lists.items is not None:
            items = lists.items
            return all(unique(item, items) for item in value)
    return True


def _scalar(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, type(None))) else repr(value)


@cache
def _defaults_below(schema: Schema) -> bool:
    children = [*schema.properties.values(), schema.items, schema.values]
    return any(has_default(child) or _defaults_below(child) for child in children if child is not None)


class _Filling(NamedTuple):
    """What of a schema has to do with defaults: those of its own fields, and the children that have some below."""

    own: tuple[tuple[str, Schema], ...]
    fields: dict[str, Schema]
    values: Schema | None
    items: Schema | None


@cache
def _filling(schema: Schema) -> _Filling:
    def kept(child: Schema | None) -> Schema | None:
        return child if child is not None and _defaults_below(child) else None

    own = tuple((name, child) for name, child in schema.properties.items() if has_default(child))
    fields = {name: child for name, child in schema.properties.items() if _defaults_below(child)}
    return _Filling(own, fields, kept(schema.values), kept(schema.items))


def filled(value: Any, schema: Schema) -> Any:
    """A value with its defaults, copied only where some are; a null stays, and the compiled schema refuses it."""
    filling = _filling(schema)
    if isinstance(value, dict):
        result = dict(value)
        for name, child in filling.own:
            if name not in result:
                result[name] = child.default
        for name, inner in result.items():
            below = filling.fields.get(name) or (filling.values if name not in schema.properties else None)
            if below is not None and isinstance(inner, (dict, list)):
                result[name] = filled(inner, below)
        return result
    if isinstance(value, list) and filling.items is not None:
        items = filling.items
        return [filled(item, items) if isinstance(item, (dict, list)) else item for item in value]
    return value


@cache
def needs_defaults(schema: Schema) -> bool:
    """Whether some constraint looks at more than one field, so that a default below it could decide."""
    looks = schema.any_of or schema.one_of or schema.all_of or schema.not_ or "enum" in schema.bounds
    children = [*schema.properties.values(), schema.items, schema.values]
    return bool(looks and not schema.int_or_string and _defaults_below(schema)) or any(
        needs_defaults(child) for child in children if child is not None
    )
