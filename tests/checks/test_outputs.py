"""The outputs, byte for byte."""

from __future__ import annotations

import json

import pytest

from generator.checks.api import check
from generator.checks.finding import Finding, Report, Severity, Summary
from generator.checks.outputs import outputs
from generator.checks.outputs import text as text_output

ERROR = Finding(
    rule="KSV014",
    severity=Severity.ERROR,
    message="canary shares of 120 percent",
    fix="Lower them.",
    file="a.yaml",
    line=12,
    column=7,
    document=0,
    path="spec.canary[0].trafficPercent",
    kind="InferenceService",
    name="digits",
    excerpt="      trafficPercent: 120",
)
NOTES = [
    Finding(
        rule="KSV101",
        severity=Severity.NOTE,
        message="no mode annotation",
        fix="Set it.",
        file=f"{name}.yaml",
        line=3,
        column=1,
        document=0,
        path="metadata",
        kind="InferenceService",
        name=name,
        excerpt="metadata:",
    )
    for name in "bcd"
]
SUMMARY = Summary(documents=4, valid=3, invalid=1, skipped=0, errors=1, warnings=0, notes=3)
REPORT = Report((ERROR, *NOTES), SUMMARY)
EMPTY = Report((), Summary(documents=1, valid=1, invalid=0, skipped=0, errors=0, warnings=0, notes=0))


def test_text() -> None:
    assert outputs()["text"].render(REPORT) == (
        "a.yaml:12:7: error: canary shares of 120 percent [KSV014]\n"
        "  12 |       trafficPercent: 120\n"
        "     |       ^\n"
        "  fix: Lower them.\n"
        "b.yaml:3:1: note: no mode annotation [KSV101] (and 2 more places)\n"
        "4 documents: 3 valid, 1 invalid; 1 error, 3 notes\n"
    )


def test_text_without_findings() -> None:
    assert outputs()["text"].render(EMPTY) == "1 document: 1 valid\n"


def test_colours_are_only_where_they_are_asked_for() -> None:
    plain, coloured = (outputs()["text"].render(REPORT, colour=colour) for colour in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[1;31merror\x1b[0m" in coloured


def test_json_is_exactly_that_of_the_contract() -> None:
    assert json.loads(outputs()["json"].render(Report((ERROR,), SUMMARY))) == {
        "findings": [
            {
                "rule": "KSV014",
                "severity": "error",
                "message": "canary shares of 120 percent",
                "fix": "Lower them.",
                "file": "a.yaml",
                "line": 12,
                "column": 7,
                "document": 0,
                "path": "spec.canary[0].trafficPercent",
                "kind": "InferenceService",
                "name": "digits",
            }
        ],
        "summary": {
            "documents": 4,
            "valid": 3,
            "invalid": 1,
            "skipped": 0,
            "errors": 1,
            "warnings": 0,
            "notes": 3,
        },
    }


def test_json_without_findings() -> None:
    assert outputs()["json"].render(EMPTY) == (
        '{"findings": [],\n"summary": {"documents": 1, "valid": 1, "invalid": 0, "skipped": 0, "errors": 0, '
        '"warnings": 0, "notes": 0}}\n'
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\tb", r"a\tb"),
        ("a\nb", r"a\nb"),
        ("é😀", "é😀"),
        ("\ud800", r"\ud800"),
        ("\u202e", r"\u202e"),
    ],
)
def test_a_hostile_file_cannot_write_to_the_terminal(written: str, shown: str) -> None:
    assert text_output.printable(written) == shown


def test_the_caret_stands_under_the_place_also_behind_tabs_and_far_right() -> None:
    padding = "x" * 200
    document = f'{{"apiVersion": "serving.kserve.io/v1beta1", "{padding}": 1,\t"kind": "InferenceService", "metadata": {{"name": "a"}}}}'
    lines = outputs()["text"].render(check(document)).splitlines()
    (shown,) = [number for number, line in enumerate(lines) if padding[:50] in line and line.startswith("  1 |")][:1]
    caret = lines[shown + 1].index("^")
    assert len(lines[shown]) < 140
    assert lines[shown][caret] == '"'


def test_each_format_says_what_it_is_for() -> None:
    for name, output in outputs().items():
        assert output.name == name
        assert output.about
