"""From what a rule yields to what the user reads: words, the place in the text, and what the object silences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Finding, Meaning, Severity
from generator.checks.subject import text
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.rule import Rule
    from generator.reading.documents import Broken, Document, Path

IGNORE = "serinus.dev/ignore"
"""The annotation that names the rules to be silent on an object: ``KSV101,POL003``."""

LONGEST = 200
"""Characters of a user's value that a message repeats; a pasted certificate would drown the point."""


def silenced(document: Document) -> frozenset[str]:
    """The rule ids that the object's annotation names."""
    named = text(document.data, "metadata", "annotations", IGNORE)
    return frozenset(word.strip() for word in named.split(",")) if named else frozenset()


def worded(template: str, shown: Mapping[str, object]) -> str:
    """A message or fix with its placeholders filled, on one line.

    Args:
        template: As the rule has it.
        shown: What ``_shown`` made of the values.

    Raises:
        KeyError: A value is missing; the registry's test sees to it that none is.
    """
    return template.format_map(shown) if shown or "{" in template else template


def _shown(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: _short(value) for name, value in values.items()}


def _short(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if not isinstance(value, str):
        return value
    lines = value.rstrip("\n")
    # A break at the end is often the very fault (``memory: |``), so it is shown; those between are blanks.
    flat = hidden(" ".join(lines.split("\n"))) + "\\n" * min(len(value) - len(lines), LONGEST)
    return flat if len(flat) <= LONGEST else f"{flat[:LONGEST]}…"


def finding(
    rule: Rule,
    document: Document,
    path: Path,
    values: Mapping[str, Any],
    *,
    severity: Severity | None = None,
    on_key: bool = False,
) -> Finding:
    """A finding at a place of a document.

    Args:
        rule: What was broken.
        document: Where.
        path: The place as the user wrote it.
        values: What fills the rule's placeholders.
        severity: Where it isn't the rule's own.
        on_key: Point to the key, not to its value.
    """
    place = document.place(path, key=on_key)
    line = place.line or 1
    shown = _shown(values)
    return Finding(
        rule=rule.id,
        severity=rule.severity if severity is None else severity,
        message=worded(rule.message, shown),
        fix=worded(rule.fix, shown),
        file=document.file,
        line=line,
        column=place.column or 1,
        document=document.index,
        path=place.path,
        kind=document.kind,
        name=document.name,
        namespace=document.namespace,
        excerpt=document.line(line),
        meaning=_meaning(rule, shown),
    )


def _meaning(rule: Rule, shown: Mapping[str, object]) -> Meaning | None:
    if rule.meaning is None:
        return None
    return Meaning(before=worded(rule.meaning.before, shown), after=worded(rule.meaning.after, shown))


def broken_finding(rule: Rule, broken: Broken) -> Finding:
    """The finding for text that no parser can read."""
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=worded(rule.message, _shown({"reason": broken.message})),
        fix=rule.fix,
        file=broken.file,
        line=broken.line,
        column=broken.column,
        document=broken.index,
        path="",
        kind="",
        name="",
    )
