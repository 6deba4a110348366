"""Baselines: what was wrong before is silent, what is new is not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.checks import baseline
from generator.checks.baseline import Baseline
from generator.checks.finding import Finding, Report, Severity, Summary, Verdict
from generator.errors import InputError, OutsideError

if TYPE_CHECKING:
    from collections.abc import Iterable


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "rule": "KSV101",
        "severity": Severity.ERROR,
        "message": "wrong",
        "fix": "Mend it.",
        "file": "a.yaml",
        "line": 3,
        "column": 1,
        "document": 0,
        "path": "spec",
        "kind": "InferenceService",
        "name": "digits",
        "namespace": "models",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def report(*findings: Finding) -> Report:
    """One document a finding, in the order given."""
    return Report.of(
        [
            Verdict(file=each.file, document=each.document, kind=each.kind, name=each.name, findings=(each,))
            for each in findings
        ]
    )


HERE = Path()
BEFORE = finding()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"line": 99, "column": 9, "document": 4}, id="lines and documents move"),
        pytest.param({"message": "wrong in other words", "fix": "Do."}, id="another release of ours says it otherwise"),
        pytest.param({"severity": Severity.WARNING}, id="another severity"),
        pytest.param({"file": "./a.yaml"}, id="the file is written otherwise"),
        pytest.param({"file": str(Path("a.yaml").absolute())}, id="the file is named in full"),
    ],
)
def test_silent(changes: dict[str, object]) -> None:
    after = baseline.of(report(BEFORE), HERE).silence(report(finding(**changes)))
    assert after.findings == ()
    assert after.summary == Summary(
        documents=1, valid=1, invalid=0, skipped=0, errors=0, warnings=0, notes=0, silenced=1
    )
    assert str(after.summary) == "1 document: 1 valid; 1 silenced by the baseline"


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "KSV102"},
        {"file": "b.yaml"},
        {"kind": "InferenceGraph"},
        {"namespace": "prod"},
        {"name": "letters"},
        {"path": "spec.predictor"},
    ],
)
def test_told(changes: dict[str, object]) -> None:
    new = finding(**changes)
    after = baseline.of(report(BEFORE), HERE).silence(report(BEFORE, new))
    assert after.findings == (new,)
    assert (after.summary.silenced, after.summary.invalid, after.summary.valid) == (1, 1, 1)


def test_findings_are_counted_so_that_one_more_is_told() -> None:
    two = [finding(line=line) for line in (3, 7)]
    three = [*two, finding(line=9)]
    after = baseline.of(report(*two), HERE).silence(report(*three))
    assert [each.line for each in after.findings] == [9]


def test_equal_twins_are_counted_too() -> None:
    after = baseline.of(report(BEFORE), HERE).silence(report(finding(), finding()))
    assert (len(after.findings), after.summary.silenced) == (1, 1)


def test_text_that_no_parser_reads_is_no_valid_document_when_it_is_silenced() -> None:
    broken = Report.of([Verdict(file="a.yaml", document=0, checked=False, findings=(BEFORE,))])
    summary = baseline.of(broken, HERE).silence(broken).summary
    assert (summary.valid, summary.invalid, summary.skipped) == (0, 0, 1)


FINDINGS = st.lists(st.builds(finding, rule=st.sampled_from("AB"), path=st.sampled_from("ab"), line=st.integers(1, 9)))


@given(before=FINDINGS, now=FINDINGS)
def test_what_is_told_is_what_there_is_more_of(before: list[Finding], now: list[Finding]) -> None:
    def counted(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
        return Counter((each.rule, each.path) for each in findings)

    after = baseline.of(report(*before), HERE).silence(report(*now))
    assert counted(after.findings) == counted(now) - counted(before)
    assert after.summary.silenced == len(now) - len(after.findings)
    assert after.summary.documents == len(now)


def test_gone_are_those_of_the_files_that_were_checked() -> None:
    before = baseline.of(report(finding(), finding(name="b"), finding(file="b.yaml")), HERE)
    assert before.gone(report(finding(name="b", line=80))) == 1
    assert before.gone(report(finding(file="c.yaml"))) == 0


def test_the_file_is_sorted_and_the_same_whatever_the_order(tmp_path: Path) -> None:
    findings = [finding(file=f"{name}.yaml", name="ä") for name in "cab"] * 2
    texts = []
    for number, order in enumerate((findings, findings[::-1])):
        file = tmp_path / f"{number}.json"
        baseline.write(baseline.of(report(*order), HERE), file)
        texts.append(file.read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert texts[0].splitlines()[:2] == [
        '{"apiVersion": "serinus/v1", "kind": "Baseline", "findings": [',
        '{"rule": "KSV101", "file": "a.yaml", "kind": "InferenceService", "namespace": "models", "name": "ä", "path": "spec", "count": 2},',
    ]


@pytest.mark.parametrize("findings", [(), (BEFORE, BEFORE, finding(name="\udcff", path='a["b"]'))])
def test_what_is_written_is_read(tmp_path: Path, findings: tuple[Finding, ...]) -> None:
    file = tmp_path / "baseline.json"
    written = baseline.of(report(*findings), tmp_path)
    baseline.write(written, file)
    assert baseline.read(file) == written


def test_files_are_named_as_seen_from_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    baseline.write(baseline.of(report(finding(file="sub/a.yaml")), Path()), Path("baseline.json"))
    monkeypatch.chdir(tmp_path / "sub")
    after = baseline.read(Path("../baseline.json")).silence(report(finding(file="a.yaml")))
    assert after.findings == ()


ROW = {"rule": "A", "file": "a", "kind": "", "namespace": "", "name": "", "path": "", "count": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "baseline.json:1:1: this is no JSON: Expecting value."),
        ('{"kind": 1,\n "findings"', "baseline.json:2:12: this is no JSON"),
        ("[]", "this is no Baseline of serinus/v1."),
        ('{"apiVersion": "serinus/v2", "kind": "Baseline", "findings": []}', "this is no Baseline of serinus/v1."),
        ('{"apiVersion": "serinus/v1", "kind": "Baseline", "findings": {}}', "this is no Baseline of serinus/v1."),
        (b"\xff\xfe", "this is no baseline."),
        ("[" * 100_000, "this is no baseline."),
        (["rule"], "(at findings[0])"),
        ([{**ROW, "line": 3}], "an entry has exactly the fields rule, file, kind, namespace, name, path, count."),
        ([{**ROW, "name": 3}], "an entry has exactly the fields"),
        ([ROW, {**ROW, "count": 0}], "count is a whole number from 1, not 0. (at findings[1])"),
        ([{**ROW, "count": True}], "count is a whole number from 1, not true."),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, text: str | bytes | list[object], says: str) -> None:
    if isinstance(text, list):
        text = json.dumps({"apiVersion": "serinus/v1", "kind": "Baseline", "findings": text})
    file = tmp_path / "baseline.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as raised:
        baseline.read(file)
    assert says in str(raised.value)
    assert str(file) in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such baseline"):
        baseline.read(tmp_path / "nowhere.json")
    with pytest.raises(OutsideError, match="can't read"):
        baseline.read(tmp_path)


def test_a_baseline_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="can't write"):
        baseline.write(Baseline({}, tmp_path), tmp_path)


@pytest.mark.parametrize("content", ["kind: ModelService\n", '{"kind": "Other"}', "a"])
def test_what_was_never_a_baseline_is_not_written_over(tmp_path: Path, content: str) -> None:
    file = tmp_path / "serinus.yaml"
    file.write_text(content)
    with pytest.raises(InputError, match="is no baseline"):
        baseline.write(baseline.of(report(), tmp_path), file)
    assert file.read_text() == content


@pytest.mark.parametrize("content", ["", '<<<<<<< a\n{"kind": "Baseline"'])
def test_an_empty_or_a_bent_baseline_is_written_anew(tmp_path: Path, content: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(content)
    baseline.write(baseline.of(report(), tmp_path), file)
    assert baseline.read(file).counts == Counter()
