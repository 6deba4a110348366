"""The report as JSON, for programs; its shape is part of CONTRACT and changes only with a major version."""

from __future__ import annotations

import json
from dataclasses import asdict
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

from generator.checks.outputs import Output, View
from generator.text.json import escaped

if TYPE_CHECKING:
    from generator.checks.finding import Finding, Report


def line(finding: Finding) -> str:
    """One finding, its keys in the order of CONTRACT; written out, since a report may have tens of thousands."""
    meaning = f', "meaning": {json.dumps(asdict(finding.meaning), ensure_ascii=False)}' if finding.meaning else ""
    return escaped(
        f'{{"rule": {quoted(finding.rule)}, "severity": "{finding.severity}", '
        f'"message": {quoted(finding.message)}, "fix": {quoted(finding.fix)}, "file": {quoted(finding.file)}, '
        f'"line": {finding.line}, "column": {finding.column}, "document": {finding.document}, '
        f'"path": {quoted(finding.path)}, "kind": {quoted(finding.kind)}, "name": {quoted(finding.name)}{meaning}}}'
    )


def write(report: Report, _view: View) -> str:
    """The whole report in one object, a finding a line so that two reports can be compared line by line."""
    findings = ",\n".join(map(line, report.findings))
    summary = {name: count for name, count in asdict(report.summary).items() if isinstance(count, int)}
    body = f"[\n{findings}\n]" if findings else "[]"
    return f'{{"findings": {body},\n"summary": {json.dumps(summary)}}}\n'


OUTPUT = Output(name="json", about="for programs", write=write)
