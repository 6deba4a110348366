"""One JSON Schema of a kind for a compiled validator: it refuses whatever is not certainly valid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.checks.structure.defaults import has_default
from generator.checks.structure.formats import enforced
from generator.checks.structure.patterns import translate

if TYPE_CHECKING:
    from generator.schemas import Schema

_NEVER: dict[str, Any] = {"not": {}}
_SAFE_INTEGER = 2**53 - 1

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
            return self.node(schema, branch=branch)
        name = f"{schema.number}{'b' if branch else ''}"
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name].update(self.node(schema, branch=branch))
        return {"$ref": f"#/$defs/{name}"}

    def node(self, schema: Schema, *, branch: bool) -> dict[str, Any]:
        """The JSON Schema of a node; see ``reference``."""
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


def json_schema(root: Schema) -> tuple[dict[str, Any], set[str]]:
    """The JSON Schema of a kind and the formats that it names.

    Args:
        root: The root of the kind's structural schema.
    """
    builder = _Builder()
    node = builder.node(root, branch=False)
    own = root.properties.get("metadata")
    metadata = {"allOf": [_METADATA, builder.reference(own, branch=True)]} if own else _METADATA
    document = {
        **node,
        "properties": {**node.get("properties", {}), "apiVersion": _STRING, "kind": _STRING, "metadata": metadata},
        "required": sorted({*node.get("required", ()), "metadata"}),
        "$defs": builder.definitions,
    }
    return document, _formats(document)


def _formats(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for child in value for name in _formats(child)}
    if not isinstance(value, dict):
        return set()
    own = {value["format"]} if isinstance(value.get("format"), str) else set()
    return own | {name for child in value.values() for name in _formats(child)}
