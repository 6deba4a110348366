"""Whether a schema has CEL rules, and what they say of an object; CEL itself is imported where there are some."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.checks.structure.problem import Problem
    from generator.schemas import Schema


@cache
def has_rules(schema: Schema) -> bool:
    """Whether a schema or one below it has rules."""
    children = [*schema.properties.values(), schema.items, schema.values]
    return bool(schema.rules) or any(has_rules(child) for child in children if child is not None)


def has_transitions(schema: Schema) -> bool:
    """Whether a schema or one below it has rules on a change."""
    if not has_rules(schema):
        return False
    from generator.checks.structure.expressions import looks_back  # noqa: PLC0415 (most kinds have no rules)

    return looks_back(schema)


def rule_problems(data: dict[str, Any], root: Schema, old: dict[str, Any] | None = None) -> list[Problem]:
    """The rules that are false for an object; nulls are dropped and defaults filled in already.

    Args:
        data: The object.
        root: Its schema.
        old: The object that it takes the place of; None at creation.
    """
    if not has_rules(root):
        return []
    from generator.checks.structure.expressions import broken_rules  # noqa: PLC0415 (as above)

    return broken_rules(data, root, old)
