"""The report for people: place, message, the line with a caret, fix; notes are counted, or short and each said once.

Of the notes, those on kinds that nobody checked are always told: they bound what the verdict holds for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.outputs import Output, View
from generator.checks.rules.k8s.reading import KIND_UNKNOWN
from generator.text.printable import spoken
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.finding import Finding, Report

WIDTH = 120
"""How much of a source line is shown, in characters."""

COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}
FAINT, PLAIN = "\x1b[2m", "\x1b[0m"


def write(report: Report, view: View) -> str:
    """Errors and warnings in the order of the files, then the notes that are told, then one line of counts."""
    loud = [finding for finding in report.findings if finding.severity > Severity.NOTE]
    quiet = [finding for finding in report.findings if finding.severity == Severity.NOTE]
    told = [finding for finding in quiet if view.notes or finding.rule == KIND_UNKNOWN.id]
    advice = " (--notes shows them)" if len(told) < len(quiet) else ""
    blocks = [*(_block(finding, colour=view.colour) for finding in loud), *_notes(told, colour=view.colour)]
    return "".join(f"{block}\n" for block in [*blocks, f"{report.summary}{advice}"])


def _block(finding: Finding, *, colour: bool) -> str:
    meaning = finding.meaning
    both = [f"  before: {spoken(meaning.before)}.", f"  after: {spoken(meaning.after)}."] if meaning else []
    head, excerpt = _head(finding, colour=colour), _excerpt(finding, colour=colour)
    lines = [head, *excerpt, *both, f"  fix: {spoken(finding.fix)}"]
    return "\n".join(lines)


def _head(finding: Finding, *, colour: bool, more: str = "") -> str:
    place = spoken(f"{finding.file}:{finding.line}:{finding.column}")
    severity = str(finding.severity)
    if colour:
        severity = f"{COLOURS[finding.severity]}{severity}{PLAIN}"
    return f"{place}: {severity}: {spoken(finding.message)} [{finding.rule}]{more}"


def _excerpt(finding: Finding, *, colour: bool) -> Iterator[str]:
    """The line of the file and a caret under the column; nothing where the line isn't known."""
    if not finding.excerpt.strip():
        return
    line, column = _without_credentials(finding.excerpt, finding.column)
    start = max(0, column - WIDTH)
    shown = spoken(line[start : start + WIDTH].replace("\t", " ").rstrip())
    margin = len(str(finding.line))
    before = spoken(line[start : column - 1].replace("\t", " "))
    bar, caret = ("|", "^") if not colour else (f"{FAINT}|{PLAIN}", f"{COLOURS[finding.severity]}^{PLAIN}")
    yield f"  {finding.line} {bar} {shown}"
    yield f"  {' ' * margin} {bar} {' ' * len(before)}{caret}"


def _without_credentials(line: str, column: int) -> tuple[str, int]:
    """The line as it may be shown, and where the column went."""
    return hidden(line), len(hidden(line[: column - 1])) + 1


def _notes(findings: list[Finding], *, colour: bool) -> Iterator[str]:
    """One line a message, however often it is true: most files have the same few notes."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.message), []).append(finding)
    for same in groups.values():
        others = len(same) - 1
        more = f" (and {others} more {'place' if others == 1 else 'places'})" if others else ""
        yield _head(same[0], colour=colour, more=more)


OUTPUT = Output(name="text", about="for people, with the line and a caret", write=write)
