"""What breaks in a check is told as a finding; every other verdict comes out, and the run ends with 70."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from pathlib import Path

import pytest

from generator.checks import outputs
from generator.checks.api import check
from generator.checks.finding import Severity
from generator.checks.judging import run
from generator.checks.judging.job import Job, Options
from generator.checks.judging.judges import Judge, Panel, panel
from generator.checks.platforms import asked
from generator.checks.registry import registry
from generator.checks.sources.find import find
from generator.checks.structure import verdict
from generator.errors import InputError
from generator.reading import files
from generator.reading.documents import UnreadableError

pytestmark = pytest.mark.usefixtures("faults_told")

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
BROKEN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: breaks}\n"
WRONG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Wrong}\n"
SERVICE = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: breaks}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: "s3://a/b"}}}
"""


def breaks(name):
    if name == "breaks":
        raise ZeroDivisionError("a secret of the user")
    return ()


@pytest.fixture
def broken_rule(monkeypatch):
    """A rule that breaks on objects of one name, before all others."""
    rule = dataclasses.replace(registry().by_id["K8S061"], check=lambda subject: breaks(subject.document.name))
    concerned = Judge.concerned
    monkeypatch.setattr(Judge, "concerned", lambda self, keys: (rule, *concerned(self, keys)))
    return rule


def ids(report):
    return [(one.rule, one.name) for one in report.findings if one.severity > Severity.NOTE]


def test_a_rule_that_breaks_is_told_and_all_else_is_judged(broken_rule):
    report = check(f"{GOOD}---\n{BROKEN}---\n{WRONG}")
    assert ids(report) == [("K8S127", "breaks"), ("K8S041", "Wrong")]
    (fault,) = report.faults
    assert (fault.line, fault.column, fault.document) == (5, 1, 1)
    assert fault.message == "internal: rule K8S061 broke on this object (ZeroDivisionError)"
    assert "a secret of the user" in fault.trace
    assert (report.summary.valid, report.summary.invalid, report.summary.skipped) == (1, 1, 1)


def test_other_rules_speak_of_the_same_object(broken_rule):
    found = ids(check(BROKEN + "data: {a/b: c}\n"))
    assert [rule for rule, _ in found if rule != "K8S127"]
    assert ("K8S127", "breaks") in found


def test_a_fault_cannot_be_silenced(broken_rule):
    text = BROKEN.replace("{name: breaks}", '{name: breaks, annotations: {serinus.dev/ignore: "K8S127"}}')
    assert check(text, options=Options(ignore=frozenset({"K8S127"}))).faults


def test_a_broken_schema_stage_is_told(monkeypatch):
    monkeypatch.setattr(verdict, "fast_valid", lambda data, _: breaks(data["metadata"]["name"]) == ())
    report = check(f"{BROKEN}---\n{WRONG}")
    assert ids(report) == [("K8S127", "breaks"), ("K8S041", "Wrong")] or report.faults
    assert "the schema's part of kubernetes@" in report.faults[0].message


def test_a_broken_webhook_stage_is_told_and_nothing_is_said_of_what_it_did_not_change(monkeypatch):
    judge = Panel._judge

    def broken(self, *what):
        found = judge(self, *what)
        change = dataclasses.replace(found.webhook, change=lambda data, _: breaks(data["metadata"]["name"]))
        return dataclasses.replace(found, webhook=change)

    monkeypatch.setattr(Panel, "_judge", broken)
    panel.cache_clear()
    report = check(SERVICE.replace("sklearn", "nothing"))
    panel.cache_clear()
    assert [one.rule for one in report.findings] == ["K8S127"]


def test_a_reader_that_breaks_is_told_and_the_other_files_are_read(monkeypatch, tmp_path):
    load = files._load
    monkeypatch.setattr(files, "_load", lambda chunk: breaks("breaks" if "breaks" in chunk.text else "") or load(chunk))
    for name, text in (("a", BROKEN), ("b", WRONG)):
        (tmp_path / f"{name}.yaml").write_text(text)
    job = Job(find([str(tmp_path)]).names, asked(()), Options())
    report = run.check_files(job, io.BytesIO()).report
    assert [(one.rule, Path(one.file).name) for one in report.findings] == [("K8S127", "a.yaml"), ("K8S041", "b.yaml")]
    assert check(GOOD, previous=BROKEN).faults[0].file == "previous"


@pytest.mark.parametrize("error", [InputError("a broken pack"), UnreadableError("an odd text", 0, 0)])
def test_what_is_for_the_user_is_no_fault(error, monkeypatch):
    def raises(self, keys):
        raise error

    monkeypatch.setattr(Judge, "concerned", raises)
    if isinstance(error, InputError):
        with pytest.raises(InputError):
            check(GOOD)
    else:
        assert ids(check(GOOD)) == [("K8S001", "")]


def test_several_processes_say_the_same(broken_rule, tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.yaml").write_text((GOOD, BROKEN, WRONG)[number % 3])
    job = Job(find([str(tmp_path)]).names, asked(()), Options())
    alone, together = (run.check_files(job, io.BytesIO(), count) for count in (1, 3))
    assert together == alone
    assert all("ZeroDivisionError" in one.trace for one in together.report.faults)
    assert len(together.report.faults) == 2


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def manifests(self, broken_rule, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("SERINUS_DEBUG", raising=False)
        Path("a.yaml").write_text(BROKEN)
        Path("b.yaml").write_text(WRONG)

    @pytest.mark.parametrize("form", outputs.names())
    def test_every_format_carries_it_and_the_run_ends_with_70(self, form, run):
        ended = run("validate", ".", "--format", form)
        assert ended.code == 70
        assert "K8S127" in ended.out
        assert "K8S041" in ended.out
        assert "Traceback" not in ended.out + ended.err
        assert "a secret" not in ended.out + ended.err
        told = "internal: rule K8S061 broke on this object (ZeroDivisionError); all else was checked."
        advice = "Please report it to the project, with the command and its input. SERINUS_DEBUG=1 shows the traceback."
        assert ended.err.splitlines() == [f"serinus: ./a.yaml:1: {told}", advice]
        if form in ("json", "sarif"):
            json.loads(ended.out)
        if form == "junit":
            assert re.findall(r"<(error|failure) ", ended.out) == ["error", "failure"]

    def test_who_asks_sees_the_traceback(self, run, monkeypatch):
        monkeypatch.setenv("SERINUS_DEBUG", "1")
        ended = run("validate", "a.yaml")
        assert ended.code == 70
        assert "Traceback" in ended.err
        assert "test_faults.py" in ended.err

    def test_with_an_earlier_object_too(self, run):
        assert run("validate", "a.yaml", "--previous", "a.yaml").code == 70

    def test_a_file_that_cannot_be_read_is_told_beside_it(self, run):
        Path("c.yaml").symlink_to("nowhere")
        ended = run("validate", ".")
        assert ended.code == 70
        assert "can't read ./c.yaml" in ended.err

    def test_no_baseline_holds_it(self, run):
        assert run("validate", ".", "--write-baseline", "known.json").code == 70
        assert "K8S127" not in Path("known.json").read_text()
        ended = run("validate", "a.yaml", "b.yaml", "--baseline", "known.json")
        assert ended.code == 70
        assert "K8S127" in ended.out
        assert "K8S041" not in ended.out

    def test_convert_says_so_too(self, run, monkeypatch):
        monkeypatch.setattr(files, "_load", lambda chunk: breaks("breaks"))
        ended = run("convert", "a.yaml", "--to", "kubernetes")
        assert ended.code == 70
        assert "internal: the reader broke on this file (ZeroDivisionError)" in ended.err
