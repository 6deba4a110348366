"""How a CEL rule of a schema sees a value: names escaped, texts of some formats typed, unknown fields hidden.

Source: ``pkg/cel/common`` and ``pkg/cel/escaping.go`` of k8s.io/apiserver.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from generator.checks.cel import CelError
from generator.checks.cel.parsing import parse_duration, parse_timestamp
from generator.checks.cel.values import Unordered, Unusable

if TYPE_CHECKING:
    from generator.schemas import Schema

_KEYWORDS = frozenset(
    (
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import"),
        *("let", "loop", "package", "namespace", "return", "var", "void", "while"),
    )
)
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPED = frozenset(("duration", "date-time", "datetime", "date", "byte"))
_META_SEEN = ("name", "generateName")


@cache
def escaped(name: str) -> str | None:
    """A field's name as rules write it; None for one that no rule can name."""
    if name in _KEYWORDS:
        return f"__{name}__"
    parts = re.split(r"(__|[.\-/])", name)
    table = dict(_ESCAPES)
    result = "".join(table.get(part, part) for part in parts)
    return result if _IDENTIFIER.fullmatch(result) else None


def _text(value: str, schema: Schema) -> Any:
    """A string of a format that CEL has a type for."""
    form = schema.bounds.get("format", "")
    if form == "duration":
        return parse_duration(value)
    if form in ("date-time", "datetime"):
        return parse_timestamp(value)
    if form == "date":
        return parse_timestamp(f"{value}T00:00:00Z")
    if form == "byte":
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise CelError(f"'{value}' is no base64") from error
    return value


@cache
def plain(schema: Schema) -> bool:
    """Whether CEL sees a value of this schema as it is: no escaped names, no typed formats, no hidden fields."""
    if schema.embedded or schema.preserve or schema.type == "number" or schema.bounds.get("format", "") in _TYPED:
        return False
    children = [*schema.properties.values(), schema.items, schema.values]
    return all(escaped(name) == name for name in schema.properties) and all(
        plain(child) for child in children if child is not None
    )


def seen(value: Any, schema: Schema | None, *, closely: bool) -> Any:
    """A value as CEL sees it.

    Args:
        value: The value.
        schema: Its schema; None where it has none.
        closely: Whether some number in the object has a point, or lists are compared with old ones: then nothing is
            taken as it is.
    """
    if schema is None or value is None or (plain(schema) and not closely):
        return value
    if isinstance(value, dict):
        return seen_mapping(value, schema, None, closely=closely)
    if isinstance(value, list):
        items = [seen(item, schema.items, closely=closely) for item in value]
        return Unordered(items, schema.list_keys) if schema.list_type in ("set", "map") else items
    return _seen_scalar(value, schema)


def _seen_scalar(value: Any, schema: Schema) -> Any:
    if isinstance(value, str) and schema.type == "string":
        try:
            return _text(value, schema)
        except CelError as error:
            return Unusable(str(error))
    if schema.type == "number" and not isinstance(value, bool):
        return float(value)
    if schema.type == "integer" and isinstance(value, float):
        # The schema takes 443.0 as an integer, the API server's CEL doesn't; only JSON can hold one.
        return Unusable(f"invalid data, expected int, got {value}")
    return value


def seen_mapping(
    value: dict[str, Any], schema: Schema, only: frozenset[str] | None, *, closely: bool
) -> dict[str, Any]:
    """A mapping as CEL sees it; ``only`` names the fields that the rule looks at, None means all."""
    found: dict[str, Any] = {}
    for key, child in value.items():
        if key in schema.properties:
            name = escaped(key)
            if name is not None and (only is None or name in only):
                found[name] = seen(child, schema.properties[key], closely=closely)
        elif schema.additional is not None and (only is None or key in only):
            found[key] = seen(child, schema.values, closely=closely)
    if schema.embedded:
        found.update(type_and_names(value))
    return found


def type_and_names(value: dict[str, Any]) -> dict[str, Any]:
    """What a rule may know of an object besides its schema: its type, and its name."""
    found: dict[str, Any] = {key: value[key] for key in ("apiVersion", "kind") if key in value}
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        found["metadata"] = {key: metadata[key] for key in _META_SEEN if metadata.get(key) is not None}
    return found
