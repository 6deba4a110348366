"""The report as JUnit XML, for CI systems that show test results: a suite a file, a case a finding.

Errors and warnings are failures, notes are output; a file without findings can't be seen in a report, so the counts of
the whole run stand in a suite of their own.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from generator.checks.finding import Severity
from generator.checks.outputs import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.finding import Finding, Report

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write."""


def render(report: Report, *, colour: bool = False) -> str:  # noqa: ARG001 (XML has no colours)
    """The findings by file, and one passing case for each valid document."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="serinus validate">']
    for file, findings in groupby(report.findings, key=lambda finding: finding.file):
        lines += _suite(file, list(findings))
    lines += [
        f'  <testsuite name="valid documents" tests="{report.summary.valid}" failures="0" errors="0" skipped="0">'
    ]
    lines += [f'    <testcase classname="valid documents" name="{number}"/>' for number in range(report.summary.valid)]
    lines += ["  </testsuite>", "</testsuites>"]
    return "".join(f"{line}\n" for line in lines)


def _suite(file: str, findings: list[Finding]) -> Iterator[str]:
    failures = sum(finding.severity > Severity.NOTE for finding in findings)
    counts = f'tests="{len(findings)}" failures="{failures}" errors="0" skipped="0"'
    yield f"  <testsuite name={_attribute(file)} {counts}>"
    for finding in findings:
        place = f"{finding.kind} {finding.name} {finding.path}:{finding.line}:{finding.column}".strip()
        yield f"    <testcase classname={_attribute(file)} name={_attribute(f'{finding.rule} {place}')}>"
        text = escape(_clean(f"{file}:{finding.line}:{finding.column}: {finding.message}. {finding.fix}"))
        if finding.severity > Severity.NOTE:
            severity = f'type="{finding.severity}"'
            yield f"      <failure {severity} message={_attribute(finding.message)}>{text}</failure>"
        else:
            yield f"      <system-out>{text}</system-out>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


OUTPUT = Output(name="junit", about="for CI systems that show test results", render=render)
