"""The CEL rules of a schema on an object (``x-kubernetes-validations``), as the API server runs them at creation.

Source: ``pkg/apiserver/schema/cel`` of k8s.io/apiextensions-apiserver (which value a rule sees, and when it is skipped)
and ``pkg/cel/escaping.go`` of k8s.io/apiserver (names). The server's cost limits are not modelled: they end rules on
very large objects only.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.cel import CelError, UnsupportedError, compile_rule
from generator.checks.cel.parsing import parse_duration, parse_timestamp
from generator.checks.cel.values import Optional, Unusable, usable
from generator.checks.structure.problem import Code, Path, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.cel import Program
    from generator.schemas import CelRule, Schema

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


@cache
def has_rules(schema: Schema) -> bool:
    """Whether a schema or one below it has rules."""
    children = [*schema.properties.values(), schema.items, schema.values]
    return bool(schema.rules) or any(has_rules(child) for child in children if child is not None)


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
def _plain(schema: Schema) -> bool:
    """Whether CEL sees a value of this schema as it is: no escaped names, no typed formats, no hidden fields."""
    if schema.embedded or schema.preserve or schema.type == "number" or schema.bounds.get("format", "") in _TYPED:
        return False
    children = [*schema.properties.values(), schema.items, schema.values]
    return all(escaped(name) == name for name in schema.properties) and all(
        _plain(child) for child in children if child is not None
    )


def _seen(value: Any, schema: Schema | None, *, floats: bool) -> Any:
    """A value as CEL sees it; ``floats`` tells whether some number in the object has a point."""
    if schema is None or value is None or (_plain(schema) and not floats):
        return value
    if isinstance(value, dict):
        return _seen_mapping(value, schema, None, floats=floats)
    if isinstance(value, list):
        return [_seen(item, schema.items, floats=floats) for item in value]
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


def _seen_mapping(
    value: dict[str, Any], schema: Schema, only: frozenset[str] | None, *, floats: bool
) -> dict[str, Any]:
    """A mapping as CEL sees it; ``only`` names the fields that the rule looks at, None means all."""
    seen: dict[str, Any] = {}
    for key, child in value.items():
        if key in schema.properties:
            name = escaped(key)
            if name is not None and (only is None or name in only):
                seen[name] = _seen(child, schema.properties[key], floats=floats)
        elif schema.additional is not None and (only is None or key in only):
            seen[key] = _seen(child, schema.values, floats=floats)
    if schema.embedded:
        seen.update(_type_and_names(value))
    return seen


def _type_and_names(value: dict[str, Any]) -> dict[str, Any]:
    """What a rule may know of an object besides its schema: its type, and its name."""
    seen: dict[str, Any] = {key: value[key] for key in ("apiVersion", "kind") if key in value}
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        seen["metadata"] = {key: metadata[key] for key in _META_SEEN if metadata.get(key) is not None}
    return seen


class _Below(NamedTuple):
    """The children of a schema that have rules."""

    fields: dict[str, Schema]
    values: Schema | None
    items: Schema | None


@cache
def _below(schema: Schema) -> _Below:
    def kept(child: Schema | None) -> Schema | None:
        return child if child is not None and has_rules(child) else None

    fields = {name: child for name, child in schema.properties.items() if has_rules(child)}
    return _Below(fields, kept(schema.values), kept(schema.items))


class _Check(NamedTuple):
    """One rule, compiled once.

    Attributes:
        rule: As the schema has it.
        program: Its expression; None where that can't be compiled.
        error: Why not.
    """

    rule: CelRule
    program: Program | None
    error: CelError | UnsupportedError | None = None


@cache
def _checks(schema: Schema) -> tuple[_Check, ...]:
    """The rules of a schema that have something to say at creation; one on a change hasn't."""
    found = [_check(rule) for rule in schema.rules]
    return tuple(
        check for check in found if check.program is None or check.rule.optional_old_self or not check.program.uses_old
    )


def _check(rule: CelRule) -> _Check:
    try:
        return _Check(rule, compile_rule(rule.rule))
    except (CelError, UnsupportedError) as error:
        return _Check(rule, None, error)


@cache
def _looked_at(schema: Schema) -> frozenset[str] | None:
    """The fields that the rules of a schema look at; None for all."""
    fields: set[str] = set()
    for rule, program, _ in _checks(schema):
        if program is None or program.fields is None or rule.message_expression:
            return None
        fields |= program.fields
    return frozenset(fields)


def _walk(value: Any, schema: Schema, path: Path, *, floats: bool) -> Iterator[Problem]:
    """Run the rules of a value and of those below it; a null has no rules."""
    checks = _checks(schema) if value is not None else ()
    if checks:
        yield from _broken(checks, value, schema, path, floats=floats)
    below = _below(schema)
    if isinstance(value, dict):
        for key, child in value.items():
            inner = below.fields.get(key)
            if inner is None and below.values is not None and key not in schema.properties:
                inner = below.values
            if inner is not None:
                yield from _walk(child, inner, (*path, key), floats=floats)
    elif isinstance(value, list) and below.items is not None:
        for index, item in enumerate(value):
            yield from _walk(item, below.items, (*path, index), floats=floats)


def _message(rule: CelRule, seen: Any) -> str:
    """What the API server would say: the message's expression, the message, else the rule itself."""
    if rule.message_expression:
        try:
            text = compile_rule(rule.message_expression).evaluate(seen)
        except (CelError, UnsupportedError):
            text = ""
        if isinstance(text, str) and text.strip() and "\n" not in text:
            return text
    return rule.message.strip() or f"failed rule: {rule.rule.strip()}"


def _field(rule: CelRule) -> Path:
    """The rule's ``fieldPath`` in parts: ``.a.b['c']``."""
    return tuple(found[0] or found[1] for found in re.findall(r"\.([A-Za-z0-9_$-]+)|\['([^']*)'\]", rule.field_path))


def _self(value: Any, schema: Schema, path: Path, *, floats: bool) -> Any:
    """What the rules of a schema see as ``self``.

    Raises:
        CelError: The value has no form in CEL.
    """
    if not isinstance(value, dict):
        return usable(_seen(value, schema, floats=floats))
    whole = _plain(schema) and not floats
    seen = value if whole else _seen_mapping(value, schema, _looked_at(schema), floats=floats)
    return seen if path else {**seen, **_type_and_names(value)}


def _broken(checks: tuple[_Check, ...], value: Any, schema: Schema, path: Path, *, floats: bool) -> Iterator[Problem]:
    try:
        seen = _self(value, schema, path, floats=floats)
    except CelError as error:
        for check in checks:
            yield _without_value(check.rule, path, None, check.error or error)
        return
    for check in checks:
        if check.program is None:
            yield _without_value(check.rule, path, seen, check.error)
            continue
        try:
            holds = check.program.evaluate(seen, Optional())
        except (CelError, UnsupportedError) as error:
            yield _without_value(check.rule, path, seen, error)
            continue
        if holds is not True:
            values = {"rule": check.rule.rule, "message": _message(check.rule, seen)}
            yield Problem(Code.CEL_RULE, (*path, *_field(check.rule)), values=values)


def _without_value(rule: CelRule, path: Path, seen: Any, error: CelError | UnsupportedError | None) -> Problem:
    if isinstance(error, UnsupportedError):
        return Problem(Code.CEL_UNCHECKED, path, values={"rule": rule.rule, "error": str(error)})
    values = {"rule": rule.rule, "message": _message(rule, seen), "error": str(error)}
    return Problem(Code.CEL_ERROR, path, values=values)


def rule_problems(data: dict[str, Any], root: Schema) -> list[Problem]:
    """The rules that are false for an object; nulls are dropped and defaults filled in already."""
    return list(_walk(data, root, (), floats=_holds_float(data))) if has_rules(root) else []


def _holds_float(data: Any) -> bool:
    waiting = [data]
    while waiting:
        value = waiting.pop()
        for child in value.values() if type(value) is dict else value:
            if type(child) is float:
                return True
            if type(child) is dict or type(child) is list:
                waiting.append(child)
    return False
