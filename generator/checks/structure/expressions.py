"""The CEL rules of a schema on an object (``x-kubernetes-validations``), as the API server runs them.

Source: ``pkg/apiserver/schema/cel`` of k8s.io/apiextensions-apiserver (which value a rule sees, and when it is
skipped). On an update a rule on the change (``oldSelf``) runs where there is an old value to compare with, and any
other is let off where the value, or one around it, is as it was. Rules that cost too much end as on the server.
"""

from __future__ import annotations

import contextlib
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.cel import Budget, CelError, CostError, UnsupportedError, compile_rule
from generator.checks.cel.values import Optional, usable
from generator.checks.structure.change import Pair
from generator.checks.structure.problem import Code, Path, Problem
from generator.checks.structure.rules import has_rules
from generator.checks.structure.seen import plain, seen, seen_mapping, type_and_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.cel import Program
    from generator.schemas import CelRule, Schema


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
    """All rules of a schema."""
    return tuple(map(_check, schema.rules))


@cache
def _checks_at_creation(schema: Schema) -> tuple[_Check, ...]:
    """The rules of a schema that have something to say at creation; one on a change hasn't."""
    return tuple(
        check
        for check in _checks(schema)
        if check.program is None or check.rule.optional_old_self or not check.program.uses_old
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
    for rule, program, _ in _checks_at_creation(schema):
        if program is None or program.fields is None or rule.message_expression:
            return None
        fields |= program.fields
    return frozenset(fields)


@cache
def looks_back(schema: Schema) -> bool:
    """Whether a schema or one below it has rules on a change."""
    children = [*schema.properties.values(), schema.items, schema.values]
    return any(check.program is not None and check.program.uses_old for check in _checks(schema)) or any(
        looks_back(child) for child in children if child is not None
    )


class _Was(NamedTuple):
    """What an update puts a value in the place of.

    Attributes:
        nearest: The value, or the nearest one around it, with the old one that it is compared with.
        paired: Whether that is the value itself.
    """

    nearest: Pair
    paired: bool = True

    def below(self, part: str | int) -> _Was:
        """The same of a field or item."""
        pair = self.nearest.below(part) if self.paired else None
        return _Was(pair) if pair else _Was(self.nearest, paired=False)


class _Place(NamedTuple):
    """A value whose rules are run.

    Attributes:
        value: The value; nulls are dropped and defaults filled in.
        schema: Its schema.
        path: Where it stands.
        closely: As for ``seen``.
        was: What it was; None at creation.
        budget: What the rules of the whole object may cost.
    """

    value: Any
    schema: Schema
    path: Path
    closely: bool
    was: _Was | None
    budget: Budget

    def below(self, part: str | int, value: Any, schema: Schema) -> _Place:
        """A field or item."""
        was = self.was.below(part) if self.was else None
        return _Place(value, schema, (*self.path, part), self.closely, was, self.budget)

    @property
    def old(self) -> Any:
        """The old value; None where there is none to compare with."""
        return self.was.nearest.old if self.was and self.was.paired else None


def _walk(place: _Place) -> Iterator[Problem]:
    """Run the rules of a value and of those below it; a null has no rules."""
    value, schema = place.value, place.schema
    checks = (_checks if place.was else _checks_at_creation)(schema) if value is not None else ()
    if checks:
        yield from _broken(checks, place)
    below = _below(schema)
    if isinstance(value, dict):
        for key, child in value.items():
            inner = below.fields.get(key)
            if inner is None and below.values is not None and key not in schema.properties:
                inner = below.values
            if inner is not None:
                yield from _walk(place.below(key, child, inner))
    elif isinstance(value, list) and below.items is not None:
        for index, item in enumerate(value):
            yield from _walk(place.below(index, item, below.items))


def _message(rule: CelRule, self_: Any, old: Any, budget: Budget | None = None) -> str:
    """What the API server would say: the message's expression, the message, else the rule itself."""
    if rule.message_expression:
        try:
            text = compile_rule(rule.message_expression).evaluate(self_, old, budget)
        except (CelError, CostError, UnsupportedError):
            text = ""
        if isinstance(text, str) and text.strip() and "\n" not in text:
            return text
    return rule.message.strip() or f"failed rule: {rule.rule.strip()}"


def _field(rule: CelRule) -> Path:
    """The rule's ``fieldPath`` in parts: ``.a.b['c']``."""
    return tuple(found[0] or found[1] for found in re.findall(r"\.([A-Za-z0-9_$-]+)|\['([^']*)'\]", rule.field_path))


def _seen(value: Any, place: _Place) -> Any:
    """How the rules of a place see a value: ``self``, or ``oldSelf``.

    Raises:
        CelError: The value has no form in CEL.
    """
    schema, closely = place.schema, place.closely
    if not isinstance(value, dict):
        return usable(seen(value, schema, closely=closely))
    only = None if place.was else _looked_at(schema)
    found = value if plain(schema) and not closely else seen_mapping(value, schema, only, closely=closely)
    return found if place.path else {**found, **type_and_names(value)}


def _broken(checks: tuple[_Check, ...], place: _Place) -> Iterator[Problem]:
    try:
        value = _seen(place.value, place)
        old = None if place.old is None else _seen(place.old, place)
    except CelError as error:
        for check in checks:
            yield _without_value(check, place, None, check.error or error)
        return
    for check in checks:
        if check.program is None:
            yield _without_value(check, place, value, check.error)
            continue
        optional = check.rule.optional_old_self
        if check.program.uses_old and old is None and not optional:
            continue
        try:
            was = Optional(old, present=old is not None) if optional else old
            holds = check.program.evaluate(value, was, place.budget)
        except (CelError, UnsupportedError) as error:
            yield _without_value(check, place, value, error)
            continue
        except CostError as error:
            yield _without_value(check, place, None, CelError(f"{error}, no further validation rules are run"))
            raise
        if holds is not True and (check.program.uses_old or not (place.was and place.was.nearest.same)):
            values = {"rule": check.rule.rule, "message": _message(check.rule, value, old, place.budget)}
            code = Code.CEL_TRANSITION if check.program.uses_old and old is not None else Code.CEL_RULE
            yield Problem(code, (*place.path, *_field(check.rule)), values=values)


def _without_value(check: _Check, place: _Place, value: Any, error: CelError | UnsupportedError | None) -> Problem:
    rule = check.rule
    if isinstance(error, UnsupportedError):
        return Problem(Code.CEL_UNCHECKED, place.path, values={"rule": rule.rule, "error": str(error)})
    values = {"rule": rule.rule, "message": _message(rule, value, None), "error": str(error)}
    return Problem(Code.CEL_ERROR, place.path, values=values)


def broken_rules(data: dict[str, Any], root: Schema, old: dict[str, Any] | None = None) -> list[Problem]:
    """As ``rules.rule_problems``, of a schema that has rules."""
    was = None if old is None else _Was(Pair(data, old, root))
    found: list[Problem] = []
    place = _Place(data, root, (), was is not None or _holds_float(data), was, Budget())
    with contextlib.suppress(CostError):  # it is told already, and the server runs no more rules
        found.extend(_walk(place))
    return found


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
