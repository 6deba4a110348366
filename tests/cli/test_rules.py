"""``serinus rules``, ``explain`` and ``schema``: what is printed from the declarations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.checks.registry import registry
from generator.cli import explain as explain_command
from generator.reading.documents import Broken, read

CRD = Path(__file__).resolve().parents[1] / "checks" / "data" / "sample-crd.yaml"


def test_rules_lists_every_rule_once(run) -> None:
    lines = run("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in registry().rules]
    assert "KSV050  error    canary-outside-standard" in run("rules").out


def test_rules_for_programs(run) -> None:
    entries = {entry["id"]: entry for entry in json.loads(run("rules", "--format", "json").out)}
    assert set(entries) == set(registry().by_id)
    assert entries["KSV050"]["since"] == "0.20.0"
    assert entries["KSV050"]["kinds"] == ["InferenceService"]
    assert entries["KSV050"]["source"].startswith("https://github.com/kserve/kserve/blob/v0.20.0/")


def test_rules_in_no_other_format(run) -> None:
    ended = run("rules", "--format", "xml")
    assert (ended.code, ended.err) == (2, "serinus: --format xml isn't known. Known: text, json.\n")


@pytest.mark.parametrize("name", ["KSV050", "ksv050", "canary-outside-standard"])
def test_explain_by_id_or_name(run, name: str) -> None:
    shown = run("explain", name).out
    assert shown.startswith("KSV050 canary-outside-standard\n\nThe webhook compares the annotation")
    assert "holds for: kserve >= 0.20.0" in shown
    assert "deploymentMode: Knative" in shown


@pytest.mark.parametrize("rule", registry().rules, ids=lambda rule: rule.id)
def test_every_page_shows_the_examples_that_the_tests_run(rule) -> None:
    page = explain_command.page(rule)
    for example in (rule.bad, rule.good):
        first = example.strip("\n").split("\n")[0]
        assert f"\n  {first[:100]}" in page
    assert all(len(line) < 170 for line in page.splitlines() if "source:" not in line)


def test_explain_an_unknown_rule_names_a_near_one(run) -> None:
    ended = run("explain", "canary-outside-standart")
    assert ended.code == 2
    assert "there is no rule canary-outside-standart. Did you mean canary-outside-standard?" in ended.err


def test_examples_are_whole_documents() -> None:
    for rule in registry().rules:
        entries = read(rule.good, rule.id)
        assert entries
        assert not [entry for entry in entries if isinstance(entry, Broken)]


def test_schema_service_is_the_schema_of_the_service_file(run) -> None:
    schema = json.loads(run("schema", "service").out)
    assert schema["properties"]["kind"]["enum"] == ["ModelService"]


def test_schema_list_names_products_and_releases(run) -> None:
    assert "kserve: 0.15.2, " in run("schema", "list").out


def test_schema_import_makes_a_kind_known(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERINUS_SCHEMAS", str(tmp_path / "packs"))
    manifest = tmp_path / "a.yaml"
    manifest.write_text("apiVersion: samples.serinus.dev/v1\nkind: Sample\nmetadata: {name: a}\nspec: {step: 7}\n")
    ended = run("schema", "import", CRD, "--as", "samples@1.0")
    assert (ended.code, ended.err) == (0, "samples@1.0.0: 1 kind\n")
    assert Path(ended.out.strip()).is_file()
    checked = run("validate", manifest, "--platform", "samples@1.0")
    assert checked.code == 1
    assert "7 is no multiple of 5 [K8S018]" in checked.out


def test_schema_import_of_an_unclear_release_says_how_to_name_it(run, tmp_path: Path) -> None:
    ended = run("schema", "import", CRD)
    assert ended.code == 2
    assert "--as PRODUCT@RELEASE" in ended.err


@pytest.mark.parametrize("command", ["rules", "explain", "schema", "validate"])
def test_help(run, command: str) -> None:
    for flag in ("-h", "--help"):
        assert run(command, flag).code == 0
