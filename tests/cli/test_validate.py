"""``serinus validate`` as users meet it: what it reads, what it says, how it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from generator.cli import validate as command

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "kserve" / "standard-canary.yaml"
RENDERED = GOLDEN.read_text()
STRATEGY = RENDERED[RENDERED.index("    deploymentStrategy:") : RENDERED.index("    serviceAccountName:")]
CANARY = (
    RENDERED.replace("    scaleMetric: cpu\n    scaleTarget: 70\n", "")
    .replace("models-reader", "default")
    .replace(STRATEGY, "")
)
"""An InferenceService with a canary and the HTTPRoute that feeds it, as render writes them, without what other modes
refuse and what other files have."""

LONE = CANARY[: CANARY.index("---\n")]
SECOND = LONE[LONE.index("    - trafficPercent") :]


def line_of(text: str, part: str) -> int:
    """The number of the first line that contains a text."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("text", "rule", "at", "fix"),
    [
        pytest.param(
            CANARY.replace("storageUri", "storageURI", 1),
            "K8S010",
            "storageURI",
            "Write storageUri instead of storageURI.",
            id="a misspelt field",
        ),
        pytest.param(
            CANARY.replace("trafficPercent: 5", 'trafficPercent: "10"'),
            "K8S012",
            'trafficPercent: "10"',
            "Remove the quotes.",
            id="a number in quotes",
        ),
        pytest.param(
            CANARY.replace("---\n", SECOND + "---\n", 1),
            "KSV053",
            None,
            "Give each canary a name of its own.",
            id="two canaries with the same name",
        ),
        pytest.param(
            CANARY.replace("---\n", SECOND.replace("r2", "r3").replace(": 5", ": 96") + "---\n", 1),
            "KSV055",
            "trafficPercent: 96",
            "Lower trafficPercent until all canaries together get 100 or less; the stable predictor gets the rest.",
            id="canary shares over 100",
        ),
        pytest.param(
            CANARY.replace("Mode: Standard", "Mode: Knative"),
            "KSV050",
            "Mode: Knative",
            "Set the annotation serving.kserve.io/deploymentMode: Standard; in Knative mode use canaryTrafficPercent.",
            id="a canary in Knative mode",
        ),
        pytest.param(
            CANARY.replace("Mode: Standard", "Mode: standard"),
            "KSV050",
            "Mode: standard",
            "Set the annotation serving.kserve.io/deploymentMode: Standard; in Knative mode use canaryTrafficPercent.",
            id="a canary in a mode that doesn't exist",
        ),
    ],
)
def test_what_the_cluster_refuses(run, tmp_path: Path, text: str, rule: str, at: str | None, fix: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    ended = run("validate", file, "--format", "json")
    errors = [one for one in json.loads(ended.out)["findings"] if one["severity"] == "error"]
    assert [(one["rule"], one["fix"]) for one in errors] == [(rule, fix)]
    assert errors[0]["line"] == (line_of(text, at) if at else len(LONE.splitlines()) + 3)
    assert ended.code == 1


@pytest.mark.parametrize(
    ("text", "rule", "at", "says"),
    [
        pytest.param(
            LONE[: LONE.index("  canary:")].replace("Mode: Standard", "Mode: standard"),
            "KSV100",
            "Mode: standard",
            "the cluster's default mode applies",
            id="a mode that doesn't exist, without a canary",
        ),
        pytest.param(LONE, "REF001", "trafficPercent: 5", "the canary gets no traffic", id="a canary without a route"),
        pytest.param(
            CANARY.replace("weight: 95", "weight: 50"),
            "REF002",
            "weight: 5\n",
            "this route gives digits-r2-predictor 9.09091 % of the traffic",
            id="a route with other weights",
        ),
        pytest.param(
            CANARY.replace('trained-with: "tensorflow 2.20"', 'trained-with: "tensorflow 2.21"', 1),
            "ART001",
            'runtimeVersion: "2.20.0"',
            "TensorFlow 2.21 wrote the model",
            id="a server older than the model",
        ),
    ],
)
def test_what_is_accepted_and_then_otherwise(run, tmp_path: Path, text: str, rule: str, at: str, says: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    ended = run("validate", file, "--format", "json")
    loud = [one for one in json.loads(ended.out)["findings"] if one["severity"] != "note"]
    assert [one["rule"] for one in loud] == [rule]
    assert says in loud[0]["message"]
    assert at.rstrip("\n") in text.splitlines()[loud[0]["line"] - 1]
    assert ended.code == 0
    assert run("validate", file, "--fail-on", "warning").code == 1


def test_what_render_writes_is_valid(run, tmp_path: Path) -> None:
    assert run("validate", GOLDEN, "--strict", "--fail-on", "warning").code == 0
    file = tmp_path / "a.yaml"
    file.write_text(RENDERED.replace("models-reader", "default"))
    ended = run("validate", file, "--strict", "--complete", "--fail-on", "warning")
    assert (ended.code, ended.out, ended.err) == (0, "2 documents: 2 valid\n", "")


class TestReading:
    def test_folders_without_what_is_hidden(self, run, tmp_path: Path) -> None:
        for name in (
            "a.yaml",
            "b.yml",
            "c.json",
            "d.txt",
            ".e.yaml",
            ".git/f.yaml",
            "sub/g.yaml",
            "kustomization.yaml",
        ):
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text("{" if name == "c.json" else LONE)
        found = json.loads(run("validate", tmp_path, "--format", "json").out)
        read = {os.path.relpath(one["file"], tmp_path) for one in found["findings"]}
        assert read == {"a.yaml", "b.yml", "c.json", "sub/g.yaml"}
        assert found["summary"]["documents"] == 4

    def test_a_file_that_is_named_twice_is_read_once(self, run, tmp_path: Path) -> None:
        file = tmp_path / "a.yaml"
        file.write_text(CANARY)
        assert run("validate", file, file, tmp_path).out == "2 documents: 2 valid\n"

    def test_a_file_of_any_name(self, run, tmp_path: Path) -> None:
        file = tmp_path / "manifest.txt"
        file.write_text(CANARY)
        assert run("validate", file).code == 0

    def test_globs(self, run, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(CANARY)
        assert run("validate", tmp_path / "*.yaml").out == "2 documents: 2 valid\n"

    def test_standard_input(self, run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LONE.encode())))
        ended = run("validate", "-", "--format", "json")
        assert {one["file"] for one in json.loads(ended.out)["findings"]} == {"-"}

    def test_links_in_a_circle(self, run, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(CANARY)
        (tmp_path / "loop").symlink_to(tmp_path)
        assert run("validate", tmp_path).out == "2 documents: 2 valid\n"


class TestExitCodes:
    @pytest.mark.parametrize(
        ("argv", "says"),
        [
            (["nowhere.yaml"], "nowhere.yaml: there is no such file or folder."),
            (["a.yaml", "--platform", "kserves"], "'kserves' is no product"),
            (["a.yaml", "--platform", "kserve@9.9"], "Known releases: kserve@0.15.2"),
            (["a.yaml", "--format", "xml"], "Known: github, json, junit, sarif, text."),
            (["a.yaml", "--fail-on", "note"], "Known: error, warning."),
            (["empty.yaml"], "there is nothing to check in empty.yaml."),
            (["a.yaml", "--no-such-option"], "No such option"),
        ],
    )
    def test_2_where_the_command_is_wrong(
        self, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], says: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a.yaml").write_text(CANARY)
        (tmp_path / "empty.yaml").write_text("# nothing\n---\n")
        ended = run("validate", *argv)
        assert (ended.code, ended.out) == (2, "")
        assert says in ended.err

    def test_3_where_a_file_cannot_be_read_and_the_others_are_checked(self, run, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(CANARY)
        (tmp_path / "b.yaml").symlink_to(tmp_path / "gone.yaml")
        ended = run("validate", tmp_path)
        assert (ended.code, ended.out) == (3, "2 documents: 2 valid\n")
        assert "can't read" in ended.err
        assert "The other files were checked." in ended.err

    def test_a_release_that_stands_in_is_said_on_standard_error(self, run) -> None:
        ended = run("validate", GOLDEN, "--platform", "kserve@0.20.9")
        assert ended.err == "note: there is no schema pack for kserve@0.20.9; kserve@0.20.0 stands in for it.\n"
        assert ended.code == 0


class TestOptions:
    def test_no_webhooks(self, run, tmp_path: Path) -> None:
        file = tmp_path / "a.yaml"
        file.write_text(CANARY.replace("Mode: Standard", "Mode: standard"))
        assert run("validate", file).code == 1
        assert run("validate", file, "--no-webhooks").code == 0

    def test_strict(self, run, tmp_path: Path) -> None:
        file = tmp_path / "a.yaml"
        file.write_text("apiVersion: example.com/v1\nkind: Canary\nmetadata: {name: a}\n")
        assert run("validate", file).code == 0
        assert run("validate", file, "--strict").code == 1

    def test_complete(self, run, tmp_path: Path) -> None:
        file = tmp_path / "a.yaml"
        file.write_text(CANARY[CANARY.index("---\n") :])
        assert run("validate", file, "--fail-on", "warning").code == 0
        assert run("validate", file, "--fail-on", "warning", "--complete").code == 1

    def test_platform(self, run) -> None:
        assert run("validate", GOLDEN).code == 0
        assert run("validate", GOLDEN, "--platform", "kserve@0.19").code == 1


def test_help() -> None:
    for flag in ("-h", "--help"):
        shown = CliRunner().invoke(command.app, [flag])
        assert shown.exit_code == 0
        assert "--no-webhooks" in shown.output


def test_as_a_program() -> None:
    """The whole way, from a pipe to an exit code."""
    ended = subprocess.run(
        [sys.executable, "-m", "generator", "validate", "-"],
        input=LONE.encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert ended.returncode == 0
    line = line_of(LONE, "trafficPercent: 5")
    assert f"-:{line}:23: warning: the canary gets no traffic".encode() in ended.stdout
    assert ended.stdout.endswith(b"1 document: 1 valid; 1 warning\n")
    assert ended.stderr == b""


def test_a_folder_of_packs_that_cannot_be_read_is_said(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where HOME is another user's; a name that is too long is refused to root as well."""
    file = tmp_path / "a.yaml"
    file.write_text(CANARY)
    monkeypatch.setenv("SERINUS_SCHEMAS", str(tmp_path / ("x" * 5000)))
    ended = run("validate", file)
    assert ended.code == 3
    assert "can't read the schema pack" in ended.err


def test_a_number_too_large_for_an_integer_is_not_said_to_have_quotes(run, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(CANARY.replace("trafficPercent: 5", f"trafficPercent: {'9' * 400}"))
    assert "Remove the quotes" not in run("validate", file).out


def test_a_pipe_in_a_folder_is_not_waited_for(run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CANARY)
    os.mkfifo(tmp_path / "b.yaml")
    ended = run("validate", tmp_path)
    assert ended.code == 3
    assert f"can't read {tmp_path / 'b.yaml'}: it is no file." in ended.err
    assert "2 documents: 2 valid" in ended.out


def test_what_two_checks_find_alike_is_said_once(run, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: [a]\nspec: {predictor: {}}\n"
    )
    lines = [line for line in run("validate", file).out.splitlines() if "K8S012" in line]
    assert len(lines) == 1


def test_a_report_takes_no_manifests_place(run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CANARY)
    ended = run("validate", tmp_path / "a.yaml", "--output", tmp_path / "a.yaml")
    assert (ended.code, (tmp_path / "a.yaml").read_text()) == (2, CANARY)
    assert "this is one of the files to check" in ended.err


def test_a_baseline_is_a_file(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text(CANARY)
    monkeypatch.chdir(tmp_path)
    ended = run("validate", "a.yaml", "--write-baseline", ".")
    assert (ended.code, "--write-baseline .: this is a folder." in ended.err) == (2, True)
