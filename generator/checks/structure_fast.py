"""The fast lane: one compiled JSON Schema that says yes only where the exact check would find nothing.

Every doubt is a no, and the exact check decides: nulls, owners in metadata, objects inside objects, defaults that a
constraint could see. A property test holds both lanes together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.structure_defaults import has_default
from generator.checks.structure_formats import enforced
from generator.checks.structure_patterns import translate
from generator.checks.structure_rules import has_rules, rule_problems

if TYPE_CHECKING:
    from generator.schemas import KindSchema, Schema

_NEVER: dict[str, Any] = {"not": {}}
_SAFE_INTEGER = 2**53 - 1
_INT32_MAX = 2**31 - 1

_LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_KEY = rf"^(?:{_SUBDOMAIN}/)?(?:[A-Za-z0-9][-A-Za-z0-9_.]{{0,61}})?[A-Za-z0-9]$"
_STRING = {"type": "string"}
_METADATA: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 253, "pattern": f"^{_SUBDOMAIN}$"},
        "namespace": {"type": "string", "maxLength": 63, "pattern": f"^{_LABEL}$"},
        "labels": {
            "type": "object",
            "propertyNames": {"maxLength": 250, "pattern": _KEY},
            "additionalProperties": {
                "type": "string",
                "maxLength": 63,
                "pattern": "^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$",
            },
        },
        # Forty values of 1,500 characters with their keys stay below the limit of 256 KiB for all annotations.
        "annotations": {
            "type": "object",
            "maxProperties": 40,
            "propertyNames": {"maxLength": 250, "pattern": _KEY},
            "additionalProperties": {"type": "string", "maxLength": 1500},
        },
        "uid": _STRING,
        "resourceVersion": _STRING,
        "selfLink": _STRING,
        "generation": {"type": "integer", "minimum": 0, "maximum": _SAFE_INTEGER},
        "creationTimestamp": {"type": "null"},
    },
}


_STAND_IN = {"name": "x"}


class _Lists(NamedTuple):
    """Where in an object lists of type map can be: the way down to them, and their keys."""

    fields: dict[str, _Lists]
    values: _Lists | None
    items: _Lists | None
    keys: tuple[tuple[str, Any], ...]


@cache
def _lists(schema: Schema) -> _Lists | None:
    fields = {name: found for name, child in schema.properties.items() if (found := _lists(child))}
    values = _lists(schema.values) if schema.values else None
    items = _lists(schema.items) if schema.items else None
    keys: tuple[tuple[str, Any], ...] = ()
    if schema.list_type == "map" and schema.items:
        properties = schema.items.properties
        keys = tuple(
            (key, properties[key].default if key in properties and has_default(properties[key]) else None)
            for key in schema.list_keys
        )
    return _Lists(fields, values, items, keys) if fields or values or items or keys else None


def _unique(value: Any, lists: _Lists) -> bool:
    """Whether no list of type map repeats a key; only what the compiled schema took comes here."""
    if isinstance(value, dict):
        fields, values = lists.fields, lists.values
        for key, child in value.items():
            inner = fields.get(key) or values
            if inner is not None and not _unique(child, inner):
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
            return all(_unique(item, items) for item in value)
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


def _filled(value: Any, schema: Schema) -> Any:
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
                result[name] = _filled(inner, below)
        return result
    if isinstance(value, list) and filling.items is not None:
        items = filling.items
        return [_filled(item, items) if isinstance(item, (dict, list)) else item for item in value]
    return value


@cache
def _needs_defaults(schema: Schema) -> bool:
    """Whether some constraint looks at more than one field, so that a default below it could decide."""
    looks = schema.any_of or schema.one_of or schema.all_of or schema.not_ or "enum" in schema.bounds
    children = [*schema.properties.values(), schema.items, schema.values]
    return bool(looks and not schema.int_or_string and _defaults_below(schema)) or any(
        _needs_defaults(child) for child in children if child is not None
    )


class _Builder:
    """Writes the JSON Schema of one kind; equal nodes become one definition."""

    def __init__(self) -> None:
        self.definitions: dict[str, dict[str, Any]] = {}

    def reference(self, schema: Schema, *, branch: bool = False) -> dict[str, Any]:
        """A reference to a node's definition, or the node itself where that is as short.

        Args:
            schema: The node.
            branch: Whether it stands inside allOf, anyOf, oneOf or not, where unknown fields are nobody's concern.
        """
        if not (schema.properties or schema.items or schema.values or schema.any_of or schema.one_of or schema.all_of):
            return self._node(schema, branch=branch)
        name = f"{schema.number}{'b' if branch else ''}"
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name].update(self._node(schema, branch=branch))
        return {"$ref": f"#/$defs/{name}"}

    def _node(self, schema: Schema, *, branch: bool) -> dict[str, Any]:
        if schema.embedded or "multipleOf" in schema.bounds:
            return _NEVER
        node = {**_type(schema, branch=branch), **_bounds(schema)}
        if schema.properties or schema.required or schema.type == "object" or schema.values:
            node |= self._object(schema, branch=branch)
        if schema.items is not None:
            node["items"] = self.reference(schema.items, branch=branch)
        if schema.list_type == "set":
            node["uniqueItems"] = True
        for key, group in (("anyOf", schema.any_of), ("oneOf", schema.one_of), ("allOf", schema.all_of)):
            if group and not (schema.int_or_string and key == "anyOf"):
                node[key] = [self.reference(child, branch=True) for child in group]
            elif group and any(child.bounds for child in group):
                return _NEVER
        if schema.not_ is not None:
            node["not"] = self.reference(schema.not_, branch=True)
        return node

    def _object(self, schema: Schema, *, branch: bool) -> dict[str, Any]:
        node: dict[str, Any] = {
            "properties": {name: self.reference(child, branch=branch) for name, child in schema.properties.items()}
        }
        filled = {name for name, child in schema.properties.items() if has_default(child)}
        required = [name for name in schema.required if branch or name not in filled]
        if required:
            node["required"] = required
        if "maxProperties" in schema.bounds:
            node["maxProperties"] = max(schema.bounds["maxProperties"] - len(filled), 0)
        if branch:
            return node
        if schema.values is not None:
            node["additionalProperties"] = self.reference(schema.values)
        elif schema.additional is True:
            node["additionalProperties"] = {"type": ["string", "number", "boolean"]}
        elif not schema.preserve:
            node["additionalProperties"] = False
        return node


def _type(schema: Schema, *, branch: bool) -> dict[str, Any]:
    types = ["integer", "string"] if schema.int_or_string else [schema.type] if schema.type else []
    if not types:
        # Free form: anything but a null, which may have to be dropped. A format needs a string.
        return (
            {"type": "string"}
            if enforced(schema.bounds.get("format", ""))
            else {}
            if branch
            else {"not": {"type": "null"}}
        )
    if schema.nullable and "enum" not in schema.bounds:
        types.append("null")
    return {"type": types if len(types) > 1 else types[0]}


def _bounds(schema: Schema) -> dict[str, Any]:
    bounds = schema.bounds
    same = ("enum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
    node = {key: bounds[key] for key in same if key in bounds}
    if bounds.get("pattern"):
        node["pattern"] = translate(bounds["pattern"])
    if enforced(bounds.get("format", "")):
        node["format"] = bounds["format"]
    low, high = bounds.get("minimum"), bounds.get("maximum")
    if low is not None:
        node |= {"exclusiveMinimum": math.ceil(low)} if bounds.get("exclusiveMinimum") else {"minimum": low}
    if high is not None:
        node |= {"exclusiveMaximum": math.floor(high)} if bounds.get("exclusiveMaximum") else {"maximum": high}
    if schema.type == "integer" or schema.int_or_string:
        # Larger integral floats are integers for JSON Schema and not for the API server.
        node.setdefault("maximum", _SAFE_INTEGER)
        node.setdefault("minimum", -_SAFE_INTEGER)
    return node


@dataclass(frozen=True, eq=False)
class FastKind:
    """The fast lane of one kind.

    Attributes:
        validator: The compiled JSON Schema.
        lists: Where lists of type map can be.
        prepare: Whether defaults have to be filled in before, since a rule or a constraint could see them.
        rules: Whether there are CEL rules.
    """

    kind: KindSchema
    validator: Any
    lists: _Lists | None
    prepare: bool
    rules: bool

    def valid(self, data: dict[str, Any]) -> bool:
        """Whether the object is valid for certain."""
        ready = _filled(data, self.kind.schema) if self.prepare else data
        return self._fits(ready) and not (self.rules and rule_problems(ready, self.kind.schema))

    def fits_but_for_metadata(self, data: dict[str, Any]) -> bool:
        """Whether everything but metadata and CEL rules is valid for certain, so that only those need a closer look."""
        stand_in = {**data, "metadata": _STAND_IN}
        return self._fits(_filled(stand_in, self.kind.schema) if self.prepare else stand_in)

    def _fits(self, ready: dict[str, Any]) -> bool:
        return bool(
            self.validator.is_valid(ready)
            and (self.lists is None or _unique(ready, self.lists))
            and (self.kind.kind.scale is None or _replicas_fit(ready, self.kind))
        )


def _replicas_fit(data: dict[str, Any], kind: KindSchema) -> bool:
    scale = kind.kind.scale
    value: Any = data
    for part in scale.replicas.lstrip(".").split(".") if scale else ():
        value = value.get(part) if isinstance(value, dict) else None
    return "status" not in data and (value is None or (type(value) is int and 0 <= value <= _INT32_MAX))


@cache
def fast_kind(kind: KindSchema) -> FastKind:
    """Compile a kind's fast lane; done once a process for each kind that is met."""
    import jsonschema_rs  # noqa: PLC0415 (heavy, and only needed once something is checked)

    builder = _Builder()
    root = kind.schema
    builder.reference(root)
    node = builder.definitions.get(str(root.number), {})
    own = root.properties.get("metadata")
    metadata = {"allOf": [_METADATA, builder.reference(own, branch=True)]} if own else _METADATA
    properties = {**node.get("properties", {}), "apiVersion": _STRING, "kind": _STRING, "metadata": metadata}
    document = {
        **node,
        "properties": properties,
        "required": sorted({*node.get("required", ()), "metadata"}),
        "$defs": builder.definitions,
    }
    formats = {name: check for name in _formats(builder.definitions) if (check := enforced(name))}
    validator = jsonschema_rs.Draft202012Validator(
        document, pattern_options=jsonschema_rs.RegexOptions(), validate_formats=True, formats=formats
    )
    rules = has_rules(root)
    return FastKind(kind, validator, _lists(root), rules or _needs_defaults(root), rules)


def _formats(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for child in value for name in _formats(child)}
    if not isinstance(value, dict):
        return set()
    own = {value["format"]} if isinstance(value.get("format"), str) else set()
    return own | {name for child in value.values() for name in _formats(child)}
