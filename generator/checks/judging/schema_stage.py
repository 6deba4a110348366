"""What the schema of a kind holds against an object, before and behind the platform's webhook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.registry import registry
from generator.checks.structure import verdict as structure
from generator.checks.subject import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.defaulting import Changed
    from generator.checks.judging.judges import Judge
    from generator.checks.structure.verdict import Problem
    from generator.reading.documents import Document, Path
    from generator.schemas import KindSchema

_NAME = re.compile(r"[A-Za-z0-9_]+")
_OF_VALUES = frozenset(
    (
        *(structure.Code.NOT_IN_ENUM, structure.Code.PATTERN, structure.Code.FORMAT, structure.Code.TOO_SHORT),
        *(structure.Code.TOO_LONG, structure.Code.BELOW_MINIMUM, structure.Code.ABOVE_MAXIMUM),
    )
)


def problems(
    judge: Judge, document: Document, changed: Changed, old: dict[str, Any] | None
) -> Iterable[tuple[Path, Problem]]:
    """The slow lane: strict decoding on the object as written, the schema on the object as it is then.

    Args:
        judge: A release that serves the kind.
        document: As the user wrote it.
        changed: What its webhook made of it.
        old: The object as the cluster has it before this change; None where it is new, or nobody says.

    Returns:
        Each problem with the place where the user wrote what is wrong.
    """
    assert judge.schema is not None  # noqa: S101 (the caller has seen to it)
    strict = structure.unknown_and_duplicate(document, judge.schema)
    found = _after_webhook(judge, judge.schema, changed.data, old)
    wrong = {problem.path for problem in found if problem.code is structure.Code.WRONG_TYPE}
    misplaced = (one for one in strict if not below(one.path, wrong) or right_place(judge, document, one))
    placed = [(one.path, one) for one in (*misplaced, *_overwritten(judge, judge.schema, document, changed))]
    placed += [(changed.origin(one.path), one) for one in found]
    told = {(path, one.code, repr(one.values)): (path, one) for path, one in placed if not _said_by_value(one, found)}
    return told.values()


def right_place(judge: Judge, document: Document, problem: Problem) -> str | None:
    """Where an unknown field belongs that people are known to write elsewhere."""
    known = registry(judge.product, document.kind).misplaced.get(kind_of(document))
    return known.at(problem.path) if known and problem.code is structure.Code.UNKNOWN_FIELD else None


def _after_webhook(
    judge: Judge, schema: KindSchema, data: dict[str, Any], old: dict[str, Any] | None = None
) -> list[Problem]:
    """What the schema holds against an object once the webhook has written it back."""
    found = structure.violations(data, schema, old)
    if not found or judge.webhook is None:
        return found
    ready = structure.prepared(data, schema)
    back = judge.webhook.written_back(ready, found, schema.schema, judge.target.version)
    # Asked again, since the API server runs no CEL rule on an object that lacks a field.
    return found if back is ready else structure.violations(back, schema, old)


def _overwritten(judge: Judge, schema: KindSchema, document: Document, changed: Changed) -> list[Problem]:
    """What stood where the webhook moved something else: it is gone, but not before the webhook had to decode it."""
    webhook = judge.webhook
    places = tuple(new for new, _ in changed.moved)
    if webhook is None or not places:
        return []
    return [
        problem
        for problem in _after_webhook(judge, schema, document.data)
        if any(problem.path[: len(place)] == place for place in places) and webhook.undecodable(problem, schema.schema)
    ]


def _said_by_value(problem: Problem, found: list[Problem]) -> bool:
    """Whether a CEL rule fails for a value that the schema itself refuses: one mistake, and the schema says it better.

    The value stands at the rule's place, is an item of the list there, or is a field that the rule speaks of.
    """
    if problem.code is not structure.Code.CEL_RULE:
        return False
    length = len(problem.path)
    names = set(_NAME.findall(problem.values["rule"]))
    inside = (one.path[length:] for one in found if one.code in _OF_VALUES and one.path[:length] == problem.path)
    return any(all(isinstance(step, int) or step in names for step in rest) for rest in inside)


def below(path: Path, places: set[Path]) -> bool:
    """Whether one of the places, at which something is of another type or missing altogether, lies around a path."""
    return bool(places) and any(path[:length] in places for length in range(len(path)))
