"""The outputs, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.checks.api import check
from generator.checks.finding import Finding, Meaning, Report, Severity, Summary, Verdict
from generator.checks.outputs import outputs
from generator.checks.outputs.json import line
from generator.checks.registry import registry
from generator.text.printable import printable

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
WARNING = replace(ERROR, severity=Severity.WARNING, message="the canary gets no traffic", line=13, column=1)
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


def test_text_counts_the_notes_and_says_how_to_see_them() -> None:
    text = outputs()["text"].render(REPORT)
    assert "KSV101" not in text
    assert text.endswith("\n4 documents: 3 valid, 1 invalid; 1 error, 3 notes (--notes shows them)\n")


def test_text_tells_what_nobody_checked_without_being_asked() -> None:
    unknown = replace(NOTES[0], rule="K8S004", message="Canary of example.com/v1 is not checked")
    text = outputs()["text"].render(Report((unknown,), SUMMARY))
    assert text.startswith("b.yaml:3:1: note: Canary of example.com/v1 is not checked [K8S004]\n")
    assert "--notes" not in text


def test_text_with_notes() -> None:
    assert outputs()["text"].render(REPORT, notes=True) == (
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


@given(st.lists(st.text(), min_size=6, max_size=6), st.none() | st.text())
def test_json_of_any_text_is_json_in_one_line_and_says_that_text(texts: list[str], after: str | None) -> None:
    names = ("message", "fix", "file", "path", "kind", "name")
    changed = dict(zip(names, texts, strict=True))
    meaning = None if after is None else Meaning(before="before", after=after)
    text = line(replace(ERROR, **changed, meaning=meaning))
    told = json.loads(text)
    assert len(text.splitlines()) == 1
    assert {name: told[name] for name in names} == changed
    assert told.get("meaning") == (None if after is None else {"before": "before", "after": after})


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
    assert printable(written) == shown


def test_the_caret_stands_under_the_place_also_behind_tabs_and_far_right() -> None:
    padding = "x" * 200
    document = f'{{"apiVersion": "serving.kserve.io/v1beta1", "{padding}": 1,\t"kind": "InferenceService", "metadata": {{"name": "a"}}}}'
    lines = outputs()["text"].render(check(document)).splitlines()
    shown = next(number for number, line in enumerate(lines) if "unknown field" in line) + 1
    caret = lines[shown + 1].index("^")
    assert len(lines[shown]) < 140
    assert lines[shown][caret:].startswith('"xxx')


def test_each_format_says_what_it_is_for() -> None:
    for name, output in outputs().items():
        assert output.name == name
        assert output.about


def test_a_format_imports_nothing_of_the_others() -> None:
    program = (
        "import sys; from generator.checks import outputs; outputs.load('text')\n"
        "assert not [name for name in sys.modules if name.startswith('generator.checks.outputs.') and 'text' not in name]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_github() -> None:
    report = Report((ERROR, NOTES[0]), SUMMARY)
    assert "::notice" not in outputs()["github"].render(report)
    assert outputs()["github"].render(report, notes=True) == (
        "::error file=a.yaml,line=12,col=7,title=KSV014 InferenceService digits::canary shares of 120 percent. Lower them.\n"
        "::notice file=b.yaml,line=3,col=1,title=KSV101 InferenceService b::no mode annotation. Set it.\n"
        "4 documents: 3 valid, 1 invalid; 1 error, 3 notes\n"
    )


@pytest.mark.parametrize("file", ["./sub/a.yaml", "sub/../sub/a.yaml", str(Path("sub/a.yaml").absolute())])
def test_github_names_files_as_its_own_lists_do(file: str) -> None:
    line = outputs()["github"].render(Report((replace(ERROR, file=file),), SUMMARY))
    assert line.startswith("::error file=sub/a.yaml,")


def test_github_commands_cannot_be_ended_by_a_value() -> None:
    hostile = replace(ERROR, file="a,b:c%.yaml", message="one\n::error::two")
    line = outputs()["github"].render(Report((hostile,), SUMMARY)).splitlines()[0]
    assert line.startswith("::error file=a%2Cb%3Ac%25.yaml,line=12,")
    assert line.endswith("::one%0A::error::two. Lower them.")


def verdict(file: str, document: int, *findings: Finding, checked: bool = True) -> Verdict:
    return Verdict(
        file=file,
        document=document,
        kind="InferenceService",
        namespace="models",
        name=f"d{document}",
        checked=checked,
        findings=findings,
    )


VERDICTS = Report.of(
    [
        verdict("a.yaml", 0, ERROR, WARNING, NOTES[0]),
        verdict("a.yaml", 1),
        verdict("b.yaml", 0, WARNING),
        verdict("b.yaml", 1, NOTES[0], checked=False),
    ]
)


def test_junit() -> None:
    error = "a.yaml:12:7: error: canary shares of 120 percent [KSV014]. Lower them."
    warning = "a.yaml:13:1: warning: the canary gets no traffic [KSV014]. Lower them."
    note = "b.yaml:3:1: note: no mode annotation [KSV101]. Set it."
    assert outputs()["junit"].render(VERDICTS) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="serinus validate" tests="4" failures="1" errors="0" skipped="1">\n'
        '  <testsuite name="a.yaml" tests="2" failures="1" errors="0" skipped="0">\n'
        '    <testcase classname="a.yaml" name="1 InferenceService models/d0">\n'
        f'      <failure type="error" message="canary shares of 120 percent [KSV014]">{error}</failure>\n'
        f"      <system-out>{warning}\n{note}</system-out>\n"
        "    </testcase>\n"
        '    <testcase classname="a.yaml" name="2 InferenceService models/d1"/>\n'
        "  </testsuite>\n"
        '  <testsuite name="b.yaml" tests="2" failures="0" errors="0" skipped="1">\n'
        '    <testcase classname="b.yaml" name="1 InferenceService models/d0">\n'
        f"      <system-out>{warning}</system-out>\n"
        "    </testcase>\n"
        '    <testcase classname="b.yaml" name="2 InferenceService models/d1">\n'
        '      <skipped message="no mode annotation"/>\n'
        f"      <system-out>{note}</system-out>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_junit_fails_what_fails_the_run() -> None:
    text = outputs()["junit"].render(VERDICTS, fail_on=Severity.WARNING)
    assert '<testsuites name="serinus validate" tests="4" failures="2" errors="0" skipped="1">' in text
    assert 'message="canary shares of 120 percent [KSV014] (and 1 more)"' in text


def test_junit_is_xml_whatever_a_value_holds() -> None:
    hostile = replace(ERROR, message='</failure>&"\x00\x1b', name="a\ud800")
    root = ET.fromstring(outputs()["junit"].render(Report.of([verdict("a\x00.yaml", 0, hostile)])))  # noqa: S314 (our own output)
    assert [failure.get("message") for failure in root.iter("failure")] == ['</failure>&"\ufffd\ufffd [KSV014]']


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "name": {"type": "string"},
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                                "helpUri": {"type": "string", "format": "uri"},
                                                "defaultConfiguration": {
                                                    "properties": {
                                                        "level": {"enum": ["none", "note", "warning", "error"]}
                                                    }
                                                },
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {
                        "items": {
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "locations": {
                                    "items": {
                                        "additionalProperties": False,
                                        "properties": {
                                            "physicalLocation": {
                                                "additionalProperties": False,
                                                "properties": {
                                                    "artifactLocation": {
                                                        "properties": {
                                                            "uri": {"type": "string", "format": "uri-reference"}
                                                        }
                                                    },
                                                    "region": {
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1},
                                                            "startColumn": {"type": "integer", "minimum": 1},
                                                        }
                                                    },
                                                },
                                            },
                                            "logicalLocations": {
                                                "items": {"properties": {"fullyQualifiedName": {"type": "string"}}}
                                            },
                                        },
                                    }
                                },
                            },
                        }
                    },
                },
            },
        },
    },
}
"""What the standard says of the parts that we write (SARIF 2.1.0, section 3)."""


def test_sarif_has_the_form_of_the_standard() -> None:
    log = json.loads(outputs()["sarif"].render(REPORT))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["KSV014", "KSV101"]
    assert run["results"][0] == {
        "ruleId": "KSV014",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "canary shares of 120 percent. Lower them."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a.yaml"},
                    "region": {"startLine": 12, "startColumn": 7},
                },
                "logicalLocations": [{"fullyQualifiedName": "spec.canary[0].trafficPercent"}],
            }
        ],
        "partialFingerprints": {"serinus/v1": "b070216e1edbe9b86aa6dd6e052d5860"},
    }


def prints(*findings: Finding) -> list[str]:
    (run,) = json.loads(outputs()["sarif"].render(Report(findings, SUMMARY)))["runs"]
    return [result["partialFingerprints"]["serinus/v1"] for result in run["results"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"line": 99},
        {"column": 1},
        {"excerpt": ""},
        {"document": 3},
        {"message": "in other words"},
        {"file": "./a.yaml"},
    ],
)
def test_a_fingerprint_survives(changes: dict[str, Any]) -> None:
    assert prints(replace(ERROR, **changes)) == prints(ERROR)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "KSV013"},
        {"file": "b.yaml"},
        {"kind": "A"},
        {"namespace": "a"},
        {"name": "a"},
        {"path": "spec.canary[1]"},
    ],
)
def test_a_fingerprint_tells_apart(changes: dict[str, Any]) -> None:
    assert prints(replace(ERROR, **changes)) != prints(ERROR)


def test_two_findings_that_are_the_same_have_two_fingerprints() -> None:
    first, second = prints(ERROR, ERROR)
    assert first == prints(ERROR)[0] != second


def test_sarif_names_files_as_seen_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = ["./a.yaml", str(tmp_path / "sub/ä b.yaml"), "-", "../c.yaml"]
    (run,) = json.loads(outputs()["sarif"].render(Report(tuple(replace(ERROR, file=name) for name in names), SUMMARY)))[
        "runs"
    ]
    assert [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]] == [
        "a.yaml",
        "sub/%C3%A4%20b.yaml",
        "-",
        (tmp_path / "../c.yaml").as_uri(),
    ]


def test_sarif_of_every_rule_has_the_form_of_the_standard() -> None:
    text = "\n---\n".join(rule.bad for rule in registry().rules if rule.id not in ("K8S001", "K8S045"))
    jsonschema.validate(json.loads(outputs()["sarif"].render(check(text, file="a b.yaml"))), SARIF)
