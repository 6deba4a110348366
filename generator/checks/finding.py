"""What a check says: findings, their order, and the counts of a run."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Severity(enum.IntEnum):
    """How bad a finding is (CONTRACT, "Validate"); a higher number is worse, so severities compare."""

    NOTE = 1
    """Good practice, or what can't be known from the given set."""
    WARNING = 2
    """Accepted, and then silently otherwise or failing late."""
    ERROR = 3
    """The API server or a webhook of the named release refuses it."""

    def __str__(self) -> str:
        """The word that outputs print: ``error``, ``warning``, ``note``."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing wrong at one place.

    Attributes:
        rule: The rule's id, such as ``KSV014``.
        severity: How bad it is in this run.
        message: What is wrong, one line.
        fix: What to do about it, one or more sentences.
        file: As given by the user, ``-`` for standard input.
        line: Counted from 1.
        column: Counted from 1.
        document: The document's number in its file, from 0.
        path: The place inside the document, such as ``spec.canary[0].trafficPercent``; empty for the whole document.
        kind: The document's kind; empty where it has none.
        name: The object's name; empty where it has none.
        excerpt: The line of the file that holds the place; empty where it isn't known.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    file: str
    line: int
    column: int
    document: int
    path: str
    kind: str
    name: str
    excerpt: str = field(default="", repr=False)

    @property
    def order(self) -> tuple[str, int, int, str, int, str]:
        """The sort key: file, line, column, rule (CONTRACT), then what makes the order total."""
        return (self.file, self.line, self.column, self.rule, self.document, self.message)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The counts of a run.

    Attributes:
        documents: Documents read; each is valid, invalid or skipped.
        valid: Without an error.
        invalid: With at least one error.
        skipped: Of a kind that no schema pack knows, so not checked.
        errors: Findings of that severity.
        warnings: Findings of that severity.
        notes: Findings of that severity.
    """

    documents: int
    valid: int
    invalid: int
    skipped: int
    errors: int
    warnings: int
    notes: int

    def __str__(self) -> str:
        """One line for people: ``3 documents: 2 valid, 1 invalid; 1 error``."""
        outcomes = [f"{self.valid} valid", f"{self.invalid} invalid", f"{self.skipped} skipped"]
        shown = [text for text in outcomes if not text.startswith("0 ")]
        counts = [
            _plural(count, word)
            for count, word in ((self.errors, "error"), (self.warnings, "warning"), (self.notes, "note"))
            if count
        ]
        tail = f"; {', '.join(counts)}" if counts else ""
        return f"{_plural(self.documents, 'document')}: {', '.join(shown)}{tail}"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


@dataclass(frozen=True)
class Report:
    """The answer of a run.

    Attributes:
        findings: In the order of CONTRACT: file, line, column, rule.
        summary: The counts.
        remarks: What the user should know of the run itself, such as a release that was judged by another's pack.
    """

    findings: tuple[Finding, ...]
    summary: Summary
    remarks: tuple[str, ...] = ()

    def failed(self, fail_on: Severity) -> bool:
        """Whether a finding is as bad as ``fail_on`` or worse; notes never fail a run."""
        bar = max(fail_on, Severity.WARNING)
        return any(finding.severity >= bar for finding in self.findings)
