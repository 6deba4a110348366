"""The report as JSON, for programs; its shape is part of CONTRACT and changes only with a major version."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from generator.checks.outputs import Output, View
from generator.text.json import escaped

if TYPE_CHECKING:
    from generator.checks.finding import Finding, Report


def entry(finding: Finding) -> dict[str, Any]:
    """One finding, its keys in the order of CONTRACT."""
    meaning = {"meaning": asdict(finding.meaning)} if finding.meaning else {}
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "fix": finding.fix,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "document": finding.document,
        "path": finding.path,
        "kind": finding.kind,
        "name": finding.name,
        **meaning,
    }


def write(report: Report, _view: View) -> str:
    """The whole report in one object, a finding a line so that two reports can be compared line by line."""
    findings = ",\n".join(escaped(json.dumps(entry(finding), ensure_ascii=False)) for finding in report.findings)
    summary = {name: count for name, count in asdict(report.summary).items() if isinstance(count, int)}
    body = f"[\n{findings}\n]" if findings else "[]"
    return f'{{"findings": {body},\n"summary": {json.dumps(summary)}}}\n'


OUTPUT = Output(name="json", about="for programs", write=write)
