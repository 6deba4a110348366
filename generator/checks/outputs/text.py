"""The report for people: place, message, the line with a caret, fix; notes short and each said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.outputs import Output, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.finding import Finding, Report

WIDTH = 120
"""How much of a source line is shown, in characters."""

COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}
FAINT, PLAIN = "\x1b[2m", "\x1b[0m"


def write(report: Report, view: View) -> str:
    """Errors and warnings in the order of the files, then the notes, then one line of counts."""
    loud = [finding for finding in report.findings if finding.severity > Severity.NOTE]
    quiet = [finding for finding in report.findings if finding.severity == Severity.NOTE]
    blocks = [*(_block(finding, colour=view.colour) for finding in loud), *_notes(quiet, colour=view.colour)]
    return "".join(f"{block}\n" for block in [*blocks, str(report.summary)])


def _block(finding: Finding, *, colour: bool) -> str:
    lines = [_head(finding, colour=colour), *_excerpt(finding, colour=colour), f"  fix: {printable(finding.fix)}"]
    return "\n".join(lines)


def _head(finding: Finding, *, colour: bool, more: str = "") -> str:
    place = f"{printable(finding.file)}:{finding.line}:{finding.column}"
    severity = str(finding.severity)
    if colour:
        severity = f"{COLOURS[finding.severity]}{severity}{PLAIN}"
    return f"{place}: {severity}: {printable(finding.message)} [{finding.rule}]{more}"


def _excerpt(finding: Finding, *, colour: bool) -> Iterator[str]:
    """The line of the file and a caret under the column; nothing where the line isn't known."""
    if not finding.excerpt.strip():
        return
    start = max(0, finding.column - WIDTH)
    shown = printable(finding.excerpt[start : start + WIDTH].replace("\t", " ").rstrip())
    margin = len(str(finding.line))
    before = printable(finding.excerpt[start : finding.column - 1].replace("\t", " "))
    bar, caret = ("|", "^") if not colour else (f"{FAINT}|{PLAIN}", f"{COLOURS[finding.severity]}^{PLAIN}")
    yield f"  {finding.line} {bar} {shown}"
    yield f"  {' ' * margin} {bar} {' ' * len(before)}{caret}"


def _notes(findings: list[Finding], *, colour: bool) -> Iterator[str]:
    """One line a message, however often it is true: most files have the same few notes."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.message), []).append(finding)
    for same in groups.values():
        others = len(same) - 1
        more = f" (and {others} more {'place' if others == 1 else 'places'})" if others else ""
        yield _head(same[0], colour=colour, more=more)


def printable(text: str) -> str:
    """The text with control characters escaped, so that a hostile file can't write to the terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


OUTPUT = Output(name="text", about="for people, with the line and a caret", write=write)
