"""``serinus init`` for a model that is brought along: what it writes publishes, locks and renders, whatever the format."""

from __future__ import annotations

import pickle

import pytest
from model_files import DENSE, INPUT, keras, network, write_model

from generator import platforms
from generator.checks.api import Options, check
from generator.loading.load import load
from generator.store.formats import formats

MATRIX = [
    (platform.id, model_format)
    for platform in platforms.platforms().values()
    for model_format in platform.servers
    if model_format in formats()
]


@pytest.mark.parametrize(("platform", "model_format"), MATRIX, ids=["-".join(each) for each in MATRIX])
@pytest.mark.parametrize("found", [False, True], ids=["named", "found"])
def test_for_a_model_brought_along_the_file_publishes_locks_and_renders(run, tmp_path, platform, model_format, found):
    model = write_model(tmp_path / "model", model_format)
    file = tmp_path / "digits" / "serinus.yaml"
    said = ["--model", model] if found else ["--format", model_format]
    begun = run("init", tmp_path / "digits", "--platform", platform, *said)
    assert begun.code == 0, begun.err
    assert f"serinus publish {file} --model {model if found else 'PATH'}" in begun.err
    assert load(file).model.format == model_format
    assert load(file).model.train is None
    for step in (["publish", file, "--model", model], ["lock", file]):
        ended = run(*step)
        assert ended.code == 0, ended.err
    for environment in ([], ["-e", "prod"]):
        rendered = run("render", file, *environment)
        assert rendered.code == 0, rendered.err
        report = check(rendered.out, options=Options(strict=True))
        assert (report.summary.errors, report.summary.skipped) == (0, 0), report.findings
        assert report.summary.documents


def test_a_keras_file_begins_a_service_of_what_it_is_converted_to(run, tmp_path):
    (tmp_path / "net.keras").write_bytes(keras())
    begun = run("init", tmp_path / "digits", "--model", tmp_path / "net.keras")
    assert begun.code == 0, begun.err
    assert load(tmp_path / "digits" / "serinus.yaml").model.format == "savedmodel"
    (tmp_path / "own.keras").write_bytes(keras(network(INPUT, {**DENSE, "module": "mine"})))
    refused = run("init", tmp_path / "other", "--model", tmp_path / "own.keras")
    assert (refused.code, "Dense is code that isn't Keras' own" in refused.err, (tmp_path / "other").exists()) == (
        2,
        True,
        False,
    )


@pytest.mark.parametrize(("model_format", "runtime"), [("sklearn", "seldon"), ("xgboost", "seldon")])
def test_where_the_usual_server_cant_do_the_strategy_another_is_written(run, tmp_path, model_format, runtime):
    model = write_model(tmp_path / "model", model_format)
    file = tmp_path / "digits" / "serinus.yaml"
    said = ("--platform", "seldon-core-1", "--strategy", "bandit", "--model", model)
    assert run("init", tmp_path / "digits", *said).code == 0
    assert load(file).model.runtime == runtime
    for step in (["publish", file, "--model", model], ["lock", file, "--set", "variants[1].release=1"]):
        ended = run(*step)
        assert ended.code == 0, ended.err
    rendered = run("render", file, "--set", "variants[1].release=1")
    assert (rendered.code, "SKLEARN_SERVER" in rendered.out or "XGBOOST_SERVER" in rendered.out) == (0, True), (
        rendered.err
    )


def test_where_no_server_can_do_the_strategy_no_line_of_an_unwritten_file_is_named(run, tmp_path):
    ended = run("init", tmp_path / "new", "--format", "onnx", "--platform", "seldon-core-1", "--strategy", "bandit")
    assert (ended.code, (tmp_path / "new").exists()) == (2, False)
    assert ended.err.startswith(
        "serinus: Seldon Core 1 with --strategy bandit and the format onnx: TRITON_SERVER doesn't"
    )
    assert ended.err.endswith("Choose another strategy, or another format.\n")


def test_every_format_that_a_server_reads_is_in_the_matrix():
    assert {model_format for _, model_format in MATRIX} == set(formats()) - {"keras"}


def test_a_path_with_a_space_is_quoted_for_the_shell(run, tmp_path):
    begun = run("init", tmp_path / "my iris", "--format", "sklearn")
    assert f"serinus publish '{tmp_path}/my iris/serinus.yaml' --model PATH" in begun.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format", "pmml", "--platform", "seldon-core-2"], "Seldon Core 2 has no server here for a model of the format pmml"),
        (["--format", "sklern"], "Did you mean 'sklearn'?"),
        (["--format", "custom"], "--format custom isn't known"),
        (["--format", "sklearn", "--task", "image-classification"], "leave --task out"),
        (["--model", "nothing.onnx"], "there is no nothing.onnx"),
        (["--model", "notes.md"], "notes.md is of no format that is known here. --model wants"),
        (["--model", "cut.pkl"], "cut.pkl: it was cut off"),
        (["--model", "cut.pkl", "--format", "sklearn"], "cut.pkl: it was cut off"),
        (["--model", "net.pmml", "--platform", "seldon-core-1"], "Seldon Core 1 has no server here for a model of the format pmml"),
        (["--model", "net.onnx", "--format", "sklearn"], "net.onnx doesn't end in"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_brought_along_is_told_before_a_file_is_written(
    run, tmp_path, monkeypatch, options, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("# notes")
    (tmp_path / "cut.pkl").write_bytes(pickle.dumps({"a": [1] * 99})[:-9])
    write_model(tmp_path, "onnx")
    write_model(tmp_path, "pmml")
    ended = run("init", "new", *options)
    assert (ended.code, (tmp_path / "new").exists()) == (2, False)
    assert message in ended.err
