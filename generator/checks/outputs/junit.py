"""The report as JUnit XML, for CI systems that show test results: a suite a file, a case a document.

A case fails where the run does, by a finding as bad as ``--fail-on``; its other findings stand in its output. A
document that nobody could check is skipped, and one on which a check of ours broke is an error.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from generator.checks.finding import Outcome
from generator.checks.outputs import Output, View
from generator.text.printable import spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.checks.finding import Finding, Report, Severity, Verdict

FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Characters that XML 1.0 has no way to write; and those that steer a terminal or turn the direction of writing."""

ORDER = re.compile(r"##(?=\w{0,20}\[)")
"""What a CI system would take for an order, were it in its log."""


def write(report: Report, view: View) -> str:
    """One suite a file, in the order in which the files were given."""
    suites = [list(verdicts) for _, verdicts in groupby(report.verdicts, key=lambda verdict: verdict.file)]
    body = [line for suite in suites for line in _suite(suite, view.fail_on)]
    counts = _counts(report.verdicts, view.fail_on)
    lines = [f'<testsuites name="serinus validate" {counts}>', *body, "</testsuites>"]
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "".join(f"{line}\n" for line in lines)


def _suite(verdicts: list[Verdict], bar: Severity) -> Iterator[str]:
    file = _attribute(verdicts[0].file)
    yield f"  <testsuite name={file} {_counts(verdicts, bar)}>"
    for verdict in verdicts:
        case = f"<testcase classname={file} name={_attribute(_name(verdict))}"
        inner = list(_case(verdict, bar))
        if not inner:
            yield f"    {case}/>"
            continue
        yield f"    {case}>"
        yield from (f"      {line}" for line in inner)
        yield "    </testcase>"
    yield "  </testsuite>"


def _case(verdict: Verdict, bar: Severity) -> Iterator[str]:
    """What stands in a case: one failure with all that fails it, else why it was skipped; then the rest."""
    findings = sorted(verdict.findings, key=lambda finding: finding.order)
    broken = [finding for finding in findings if finding.trace]
    failing = [finding for finding in findings if finding.severity >= bar and not finding.trace]
    others = [finding for finding in findings if finding.severity < bar and not finding.trace]
    if broken:
        message = _attribute(f"{broken[0].message} [{broken[0].rule}]")
        yield f'<error type="internal" message={message}>{_lines([*broken, *failing])}</error>'
    elif failing:
        worst = max(failing, key=lambda finding: finding.severity)
        more = f" (and {len(failing) - 1} more)" if len(failing) > 1 else ""
        message = _attribute(f"{worst.message} [{worst.rule}]{more}")
        yield f'<failure type="{worst.severity}" message={message}>{_lines(failing)}</failure>'
    elif verdict.outcome is Outcome.SKIPPED:
        yield f"<skipped message={_attribute(others[0].message if others else 'not checked')}/>"
    if others:
        yield f"<system-out>{_lines(others)}</system-out>"


def _counts(verdicts: Iterable[Verdict], bar: Severity) -> str:
    tests = failures = errors = skipped = 0
    for verdict in verdicts:
        tests += 1
        if any(finding.trace for finding in verdict.findings):
            errors += 1
        elif any(finding.severity >= bar for finding in verdict.findings):
            failures += 1
        elif verdict.outcome is Outcome.SKIPPED:
            skipped += 1
    return f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'


def _name(verdict: Verdict) -> str:
    """A name that stays the same when lines move: ``1 InferenceService models/digits``, counted from 1."""
    place = "/".join(part for part in (verdict.namespace, verdict.name) if part)
    return " ".join(part for part in (str(verdict.document + 1), verdict.kind, place) if part)


def _lines(findings: Iterable[Finding]) -> str:
    texts = (
        spoken(f"{each.file}:{each.line}:{each.column}: {each.severity}: {each.sentence} [{each.rule}]. {each.fix}")
        for each in findings
    )
    return escape(_clean("\n".join(texts)), quote=False)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)


def _attribute(text: str) -> str:
    """A quoted value; line breaks and tabs as references, since a parser would make them spaces."""
    escaped = escape(_clean(text)).replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")
    escaped = ORDER.sub("#&#35;", escaped)
    return f'"{escaped}"'


OUTPUT = Output(name="junit", about="for CI systems that show test results", write=write)
