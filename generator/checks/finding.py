"""What a check says: findings, their order, and the counts of a run."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
class Meaning:
    """What an accepted manifest does on both sides of an upgrade; each a sentence without its full stop.

    Attributes:
        before: On the older release.
        after: On the newer one.
    """

    before: str
    after: str


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
        namespace: The object's namespace; empty where it has none.
        excerpt: The line of the file that holds the place; empty where it isn't known.
        meaning: Of an upgrade that changes what the manifest does; None for all that holds for a release by itself.
        trace: For a fault of ours, the traceback; empty for all that is the user's to mend.
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
    namespace: str = ""
    excerpt: str = field(default="", repr=False)
    meaning: Meaning | None = None
    trace: str = field(default="", repr=False, compare=False)

    @property
    def sentence(self) -> str:
        """The message with what an upgrade changes, for outputs that have one text a finding."""
        if self.meaning is None:
            return self.message
        return f"{self.message} (before: {self.meaning.before}; after: {self.meaning.after})"

    @property
    def order(self) -> tuple[str, int, int, str, int, str]:
        """The sort key: file, line, column, rule (CONTRACT), then what makes the order total."""
        return (self.file, self.line, self.column, self.rule, self.document, self.message)


class Outcome(enum.Enum):
    """What a document is after a run."""

    VALID = "valid"
    """Without an error."""
    INVALID = "invalid"
    """With at least one error."""
    SKIPPED = "skipped"
    """Of a kind that no schema pack knows, so not checked; or not to the end, by a fault of ours."""


@dataclass(frozen=True, slots=True)
class Offspring:
    """What was looked at of the objects that a controller makes of a document.

    Attributes:
        maker: Whose controller it is, as people call it; empty where nothing was looked at.
        made: How many it makes.
        refused: How many of those the API server would refuse.
    """

    maker: str = ""
    made: int = 0
    refused: int = 0


NOTHING_MADE = Offspring()


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a run says of one document.

    Attributes:
        file: As given by the user, ``-`` for standard input.
        document: The document's number in its file, from 0.
        kind: The document's kind; empty where it has none.
        namespace: The object's namespace; empty where it has none.
        name: The object's name; empty where it has none.
        checked: Whether anyone could judge it: not so for an unknown kind, or for text that no parser can read.
        findings: In no order.
        offspring: What was looked at of what becomes of it.
    """

    file: str
    document: int
    kind: str = ""
    namespace: str = ""
    name: str = ""
    checked: bool = True
    findings: tuple[Finding, ...] = ()
    offspring: Offspring = NOTHING_MADE

    @property
    def outcome(self) -> Outcome:
        """What the document is: an error decides, whoever found it."""
        if any(finding.severity == Severity.ERROR for finding in self.findings):
            return Outcome.INVALID
        whole = self.checked and not any(finding.trace for finding in self.findings)
        return Outcome.VALID if whole else Outcome.SKIPPED


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
        silenced: Findings that a baseline holds, so that they aren't told; None where there is no baseline.
        made: Objects that controllers make of the documents, as far as they were looked at; None where none was.
        refused: Those of them that the API server would refuse; None as above.
        makers: Whose controllers those are.
    """

    documents: int
    valid: int
    invalid: int
    skipped: int
    errors: int
    warnings: int
    notes: int
    silenced: int | None = None
    made: int | None = None
    refused: int | None = None
    makers: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for people: ``2 documents: 2 valid; 5 objects that KServe makes of them: 1 would be refused``."""
        outcomes = [f"{self.valid} valid", f"{self.invalid} invalid", f"{self.skipped} skipped"]
        shown = [text for text in outcomes if not text.startswith("0 ")]
        counts = [
            _plural(count, word)
            for count, word in ((self.errors, "error"), (self.warnings, "warning"), (self.notes, "note"))
            if count
        ]
        if self.silenced is not None:
            counts.append(f"{self.silenced} silenced by the baseline")
        parts = [", ".join(part) for part in (shown, self._of_children(), counts) if part]
        return f"{_plural(self.documents, 'document')}{': ' if parts else ''}{'; '.join(parts)}"

    def _of_children(self) -> list[str]:
        """What "valid" doesn't promise: the documents are accepted, and what is made of them isn't."""
        if not self.made or not self.refused:
            return []
        verb = "makes" if len(self.makers) == 1 else "make"
        whose = f"{_listed(self.makers)} {verb} of {'it' if self.documents == 1 else 'them'}"
        return [f"{_plural(self.made, 'object')} that {whose}: {self.refused} would be refused"]


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


@dataclass(frozen=True)
class Report:
    """The answer of a run.

    Attributes:
        findings: In the order of CONTRACT: file, line, column, rule.
        summary: The counts.
        remarks: What the user should know of the run itself, such as a release that was judged by another's pack.
        verdicts: The documents, in the order in which they were given.
    """

    findings: tuple[Finding, ...]
    summary: Summary
    remarks: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], remarks: tuple[str, ...] = (), *, silenced: int | None = None) -> Report:
        """Put the findings in their order, and count."""
        every = tuple(verdicts)
        findings = sorted(
            (finding for verdict in every for finding in verdict.findings), key=lambda finding: finding.order
        )
        outcomes = Counter(verdict.outcome for verdict in every)
        severities = Counter(finding.severity for finding in findings)
        made = sum(verdict.offspring.made for verdict in every)
        summary = Summary(
            documents=len(every),
            valid=outcomes[Outcome.VALID],
            invalid=outcomes[Outcome.INVALID],
            skipped=outcomes[Outcome.SKIPPED],
            errors=severities[Severity.ERROR],
            warnings=severities[Severity.WARNING],
            notes=severities[Severity.NOTE],
            silenced=silenced,
            made=made or None,
            refused=sum(verdict.offspring.refused for verdict in every) if made else None,
            makers=tuple(sorted({verdict.offspring.maker for verdict in every} - {""})),
        )
        return cls(tuple(findings), summary, remarks, every)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What of ours broke: where there is any, the verdict has a hole."""
        return tuple(finding for finding in self.findings if finding.trace)

    def failed(self, fail_on: Severity) -> bool:
        """Whether a finding is as bad as ``fail_on`` or worse; notes never fail a run."""
        bar = max(fail_on, Severity.WARNING)
        return any(finding.severity >= bar for finding in self.findings)
