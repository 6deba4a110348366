"""What the fields of a schema in a CRD hold: their types, and texts that mean something.

Whoever imports a CRD may have it from anyone, and what is wrong in it has to be told then, at its place, not when the
first object is judged. Source: ``JSONSchemaProps`` and ``ValidationRule`` of k8s.io/apiextensions-apiserver (types.go
of v1), and its ``pkg/apis/apiextensions/validation/validation.go``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from generator.text.regex import MalformedError, UnknownError, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.reading.documents import Path

RuleFault = Callable[[str], str | None]
"""What is wrong with a CEL expression; None where nothing is known to be."""

_INT = 2**63
_NAMED = {str: "text", bool: "true or false", int: "a whole number", float: "a number", list: "a list"}
_FIELDS: dict[str, type] = {
    **dict.fromkeys(("type", "format", "pattern", "title", "description", "$schema", "id", "$ref"), str),
    **dict.fromkeys(("x-kubernetes-list-type", "x-kubernetes-map-type"), str),
    **dict.fromkeys(("minimum", "maximum", "multipleOf"), float),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), int),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "nullable"), bool),
    **dict.fromkeys(("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"), bool),
    "x-kubernetes-int-or-string": bool,
    **dict.fromkeys(("enum", "required", "x-kubernetes-list-map-keys", "x-kubernetes-validations"), list),
}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    **dict.fromkeys(("integer", "number"), (int, float)),
}
_TEXTS = ("required", "x-kubernetes-list-map-keys")
_LISTS = ("atomic", "set", "map")
_RULE: dict[str, type] = {
    **dict.fromkeys(("rule", "message", "messageExpression", "reason", "fieldPath"), str),
    "optionalOldSelf": bool,
}
Fault = tuple["Path", str]
"""Where something is wrong, below the schema, and what: it goes on a sentence that begins with the CRD."""


def faults(schema: dict[str, Any], rule_fault: RuleFault | None) -> Iterator[Fault]:
    """What is wrong with the fields of one schema, those of the schemas below it aside; a null is none.

    Args:
        schema: The schema.
        rule_fault: What judges CEL expressions; None where nobody does.
    """
    for key, wanted in _FIELDS.items():
        if schema.get(key) is not None and not _is(schema[key], wanted):
            yield (key,), f"has {key} that is not {_NAMED[wanted]}"
            return
    for key in _TEXTS:
        for index, item in enumerate(schema.get(key) or ()):
            if not isinstance(item, str):
                yield (key, index), f"has {key} with something that is no text"
    if schema.get("default") is not None:
        yield from _misfits(schema["default"], schema, ("default",))
    yield from _pattern(schema.get("pattern"))
    yield from _list(schema)
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        for path, what in _rule(rule, rule_fault):
            yield ("x-kubernetes-validations", index, *path), what


def _misfits(value: Any, schema: Any, path: Path) -> Iterator[Fault]:
    """Where a default is of another type than the schema has, or none of its choices.

    It would be written into each object that leaves the field out, and be refused there, where nobody wrote it.
    Source: ``ValidateDefaults`` of apiextensions' ``pkg/apiserver/schema/defaulting``.
    """
    kind = schema.get("type") if isinstance(schema, dict) else None
    if not isinstance(kind, str) or value is None:
        return
    if kind in _KINDS and not (isinstance(value, _KINDS[kind]) and isinstance(value, bool) == (kind == "boolean")):
        yield path, f"has a default that is not of the type {kind}"
        return
    if kind == "integer" and isinstance(value, float) and not value.is_integer():
        yield path, "has a default that is not of the type integer"
    allowed = schema.get("enum")
    if isinstance(allowed, list) and allowed and value not in allowed:
        yield path, "has a default that is none of the values it allows"
    known, more = schema.get("properties"), schema.get("additionalProperties")
    if isinstance(value, dict):
        for key, item in value.items():
            inner = known.get(key, more) if isinstance(known, dict) else more
            yield from _misfits(item, inner, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misfits(item, schema.get("items"), (*path, index))


def _is(value: Any, wanted: type) -> bool:
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and -_INT <= value < _INT
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, wanted)


def _list(schema: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the way in which lists are merged (``ValidateListSetMapKeysUniqueness`` needs it so)."""
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or []
    if kind not in (None, "", *_LISTS):
        yield ("x-kubernetes-list-type",), f"has a list type that is none of {', '.join(_LISTS)}"
    if kind in ("set", "map") and schema.get("type") != "array":
        yield ("x-kubernetes-list-type",), "has a list type where no list is"
    if (kind == "map") != bool(keys):
        yield ("x-kubernetes-list-map-keys",), "has list map keys without the list type map, or the type without keys"
    items = schema.get("items")
    if kind != "map" or not isinstance(items, dict):
        return
    known = items.get("properties") or {}
    if items.get("type") != "object" or not isinstance(known, dict):
        yield ("items",), "has a list of type map whose items are no objects"
    for index, key in enumerate(keys):
        field = known.get(key) if isinstance(known, dict) else None
        if not isinstance(field, dict) or field.get("type") in ("object", "array"):
            yield (
                ("x-kubernetes-list-map-keys", index),
                f"has a list map key '{key[:60]}' that is no single value of its items",
            )


def _pattern(pattern: str | None) -> Iterator[Fault]:
    try:
        compiled(pattern or "")
    except MalformedError as error:
        yield ("pattern",), f"has a pattern that Go can't compile: {error}"
    except UnknownError:
        return  # Go may take it; where it is needed, it is said that it isn't known


def _rule(rule: Any, rule_fault: RuleFault | None) -> Iterator[Fault]:
    """What is wrong with one entry of ``x-kubernetes-validations``."""
    if not isinstance(rule, dict):
        yield (), "has a validation that is no mapping"
        return
    for key, wanted in _RULE.items():
        if rule.get(key) is not None and not _is(rule[key], wanted):
            yield (key,), f"has a validation whose {key} is not {_NAMED[wanted]}"
            return
    if not (rule.get("rule") or "").strip():
        yield ("rule",), "has a validation without a rule"
        return
    for key in ("rule", "messageExpression"):
        what = rule_fault(rule[key]) if rule_fault and rule.get(key) else None
        if what:
            yield (key,), f"has a {key} that doesn't compile: {what}"
