"""The CEL rules of a schema on an object (``x-kubernetes-validations``), as the API server runs them at creation.

Source: ``pkg/apiserver/schema/cel`` of k8s.io/apiextensions-apiserver (which value a rule sees, and when it is skipped) and
``pkg/cel/escaping.go`` of k8s.io/apiserver (names). The server's cost limits are not modelled: they end rules on very large
objects only.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from generator.checks.cel import CelError, UnsupportedError, compile_rule
from generator.checks.cel.functions import parse_duration, parse_timestamp
from generator.checks.cel.values import Optional
from generator.checks.structure_problem import Code, Path, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.schemas import CelRule, Schema

_KEYWORDS = frozenset(
    (
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import"),
        *("let", "loop", "package", "namespace", "return", "var", "void", "while"),
    )
)
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_META_SEEN = ("name", "generateName")


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


class _Walk:
    """One object's way from its data to the values that rules see; rules are run on the way back."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def value(self, value: Any, schema: Schema | None, path: Path, *, wanted: bool) -> Any:
        """The value as CEL sees it; ``wanted`` tells whether a rule above looks at it."""
        if schema is None or value is None or not (wanted or has_rules(schema)):
            return value
        wanted = wanted or bool(schema.rules)
        if isinstance(value, dict):
            seen: Any = self._mapping(value, schema, path, wanted=wanted)
        elif isinstance(value, list):
            seen = [self.value(item, schema.items, (*path, i), wanted=wanted) for i, item in enumerate(value)]
        elif isinstance(value, str):
            seen = _text(value, schema) if wanted and schema.type == "string" else value
        elif schema.type == "number" and not isinstance(value, bool):
            seen = float(value)
        elif schema.type == "integer" and isinstance(value, float):
            seen = int(value)
        else:
            seen = value
        for rule in schema.rules:
            self.problems.extend(_broken(rule, seen, path))
        return seen

    def _mapping(self, value: dict[str, Any], schema: Schema, path: Path, *, wanted: bool) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for key, child in value.items():
            if key in schema.properties:
                name = escaped(key)
                inner = self.value(child, schema.properties[key], (*path, key), wanted=wanted)
                if name is not None:
                    seen[name] = inner
            elif schema.additional is not None:
                seen[key] = self.value(child, schema.values, (*path, key), wanted=wanted)
        if schema.embedded or not path:
            seen.update({key: value[key] for key in ("apiVersion", "kind") if key in value})
            metadata = value.get("metadata")
            if isinstance(metadata, dict):
                seen["metadata"] = {key: metadata[key] for key in _META_SEEN if metadata.get(key) is not None}
        return seen


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


def _broken(rule: CelRule, seen: Any, path: Path) -> Iterator[Problem]:
    try:
        program = compile_rule(rule.rule)
        if program.uses_old and not rule.optional_old_self:
            # A rule on a change has nothing to say at creation.
            return
        if program.evaluate(seen, Optional()) is not True:
            values = {"rule": rule.rule, "message": _message(rule, seen)}
            yield Problem(Code.CEL_RULE, (*path, *_field(rule)), values=values)
    except CelError as error:
        values = {"rule": rule.rule, "message": _message(rule, seen), "error": str(error)}
        yield Problem(Code.CEL_ERROR, path, values=values)
    except UnsupportedError as error:
        yield Problem(Code.CEL_UNCHECKED, path, values={"rule": rule.rule, "error": str(error)})


def rule_problems(data: dict[str, Any], root: Schema) -> list[Problem]:
    """The rules that are false for an object; nulls are dropped and defaults filled in already."""
    if not has_rules(root):
        return []
    walk = _Walk()
    walk.value(data, root, (), wanted=False)
    return walk.problems
