"""What fills the message and the fix of what the structural check found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.judging.other_releases import allowing, knowing
from generator.checks.judging.schema_stage import right_place
from generator.checks.registry import registry
from generator.checks.structure.verdict import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.judging.judges import Judge
    from generator.checks.judging.other_releases import Elsewhere
    from generator.checks.structure.verdict import Problem
    from generator.reading.documents import Document


def words(judge: Judge, document: Document, problem: Problem) -> Mapping[str, Any]:
    """What fills the placeholders: of an unknown field, who else knows it comes first, then where a rule puts it."""
    rule = registry(judge.product, document.kind).by_code[problem.code]
    values = rule.words(problem.values) if rule.words else problem.values
    other = _other_release(judge, problem)
    advice = right_place(judge, document, problem)
    if other:
        return {**values, "hint": other.hint, "advice": advice or other.advice}
    return {**values, "hint": "", "advice": advice} if advice else values


def _other_release(judge: Judge, problem: Problem) -> Elsewhere | None:
    """Which other release knows a field or a word that this one doesn't."""
    value = problem.values.get("value")
    if judge.schema and problem.code is Code.UNKNOWN_FIELD and not problem.values["in_status"]:
        return knowing(judge.target, judge.schema, problem.path)
    if judge.schema and problem.code is Code.NOT_IN_ENUM and value and isinstance(value, str):
        return allowing(judge.target, judge.schema, problem.path, value)
    return None
