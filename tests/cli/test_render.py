"""``serinus render`` and ``serinus platforms``, as a user types them."""

import json

import pytest
import yaml

from test_yaml_text import HOSTILE, Exact


def test_documents_go_to_standard_output_and_notes_to_standard_error(run, folder):
    ended = run("render", folder / "serinus.yaml", "--set", "platform.mode=knative")
    assert ended.code == 0
    assert [document["kind"] for document in yaml.safe_load_all(ended.out)] == ["InferenceService"]
    assert "must already be rolled out" in ended.err
    assert run("render", folder / "serinus.yaml", "--set", "platform.mode=knative", "-q").err == ""


def test_two_renders_are_byte_equal(run, folder):
    assert (
        run("render", folder / "serinus.yaml", "-e", "prod").out
        == run("render", folder / "serinus.yaml", "-e", "prod").out
    )


def test_the_bytes_do_not_tell_where_they_were_made(run, folder, monkeypatch):
    here = run("render", folder / "serinus.yaml").out
    monkeypatch.chdir(folder)
    assert run("render", "serinus.yaml").out == here
    assert str(folder) not in here


@pytest.mark.parametrize("value", [value for value in HOSTILE if "\0" not in value])
def test_a_hostile_annotation_comes_back_on_every_object(run, folder, value):
    ended = run("render", folder / "serinus.yaml", "--set", f"annotations.probe={value}")
    found = [document["metadata"]["annotations"]["probe"] for document in yaml.load_all(ended.out, Exact)]
    assert found == [value, value]


def test_a_folder_gets_files_and_standard_output_nothing(run, folder):
    ended = run("render", folder / "serinus.yaml", "-o", folder / "out")
    assert (ended.code, ended.out) == (0, "")
    assert "3 written" in ended.err
    assert (folder / "out" / "kustomization.yaml").is_file()


def test_an_own_template_takes_the_place_of_ours(run, folder):
    own = folder / "templates" / "gateway-api"
    own.mkdir(parents=True)
    (own / "httproute.yaml.j2").write_text("kind: {{ name }}\n")
    ended = run("render", folder / "serinus.yaml", "--templates", folder / "templates")
    assert [document["kind"] for document in yaml.safe_load_all(ended.out)] == ["InferenceService", "digits-split"]


@pytest.mark.parametrize(
    ("template", "line", "message"),
    [
        ("a: 1\nb: {{ nothing }}\n", 2, "'nothing' is undefined"),
        ("a: {% if %}\n", 1, "Expected an expression"),
        ("a: 1\nb: {{ labels }}\n", 2, "is no single value"),
        ("a: {{ name.x.y }}\n", 1, "has no attribute 'x'"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(run, folder, template, line, message):
    own = folder / "templates" / "gateway-api"
    own.mkdir(parents=True)
    (own / "httproute.yaml.j2").write_text(template)
    ended = run("render", folder / "serinus.yaml", "--templates", folder / "templates")
    assert (ended.code, ended.out) == (2, "")
    assert f"httproute.yaml.j2:{line}:1: " in ended.err
    assert message in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yaml"], "there is no such file"),
        (["serinus.yaml", "-e", "prd"], "no environment 'prd'"),
        (["serinus.yaml", "--templates", "none"], "no such folder"),
        (["serinus.yaml", "--force"], "no effect"),
        (["serinus.yaml", "--set", "replicas.mni=1"], "Did you mean 'min'?"),
    ],
)
def test_wrong_input_ends_with_2_and_one_paragraph(run, folder, monkeypatch, arguments, message):
    monkeypatch.chdir(folder)
    ended = run("render", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.splitlines()) == 1


def test_one_wrong_file_of_two_renders_nothing(run, folder):
    assert run("render", folder / "serinus.yaml", folder / "none.yaml").out == ""


def test_platforms_prints_the_table_of_capabilities(run):
    table = json.loads(run("platforms", "--format", "json").out)
    cells = {(row["platform"], mode, row["strategy"], row["level"]) for row in table for mode in row["modes"]}
    assert {("kserve", "standard", "canary", "gateway"), ("kserve", "knative", "canary", "native")} <= cells
    text = run("platforms").out
    assert all(row["sentence"] in text for row in table)
    assert run("platforms", "--format", "yaml").code == 2
    assert "Did you mean 'kserve'" in run("platforms", "kserv").err
    assert "Known releases" in run("platforms", "kserve@9.9").err
    assert run("platforms", "kserve@0.20").out.startswith("\nKServe (kserve)")
