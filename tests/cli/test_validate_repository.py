"""``serinus validate`` in a repository: its baseline, its ``serinus.toml``, the upgrade check."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

BAD = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  namespace: models
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    minReplicas: 0
    model:
      modelFormat: {name: sklearn}
      storageUri: s3://models/digits/1
      storageURI: s3://models/digits/1
"""
"""An unknown field (K8S010, an error) and no scale to zero in mode Standard (KSV108, a warning)."""

GRAPH = """\
apiVersion: example.com/v1
kind: Unheard
metadata: {name: a}
"""

TRANSFORMED = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    containers:
      - name: kserve-container
        image: registry.example.com/digits:1
        env: [{name: PYTHONPATH, value: /src}]
"""
"""Refused from KServe 0.18 on (KSV004)."""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.yaml").write_text(BAD)
    return tmp_path


def found(out: str, at_least: str = "warning") -> list[str]:
    levels = ["note", "warning", "error"]
    return [
        each["rule"] for each in json.loads(out)["findings"] if levels.index(each["severity"]) >= levels.index(at_least)
    ]


class TestBaseline:
    def test_an_existing_repository_starts_and_hears_of_what_is_new(self, run, repository: Path) -> None:
        written = run("validate", ".", "--write-baseline", "baseline.json")
        count = len(json.loads((repository / "baseline.json").read_text())["findings"])
        assert (written.code, written.out) == (0, f"1 document: 1 valid; {count} silenced by the baseline\n")
        assert written.err.startswith(f"baseline.json: {count} findings written; --baseline baseline.json silences")
        quiet = run("validate", ".", "--baseline", "baseline.json", "--fail-on", "warning")
        assert (quiet.code, quiet.err) == (0, "")
        assert quiet.out == f"1 document: 1 valid; {count} silenced by the baseline\n"
        (repository / "a.yaml").write_text(f"# moved\n\n{BAD}      runtimeversion: '2'\n")
        loud = run("validate", ".", "--baseline", "baseline.json", "--format", "json")
        assert loud.code == 1
        assert found(loud.out, "note") == ["K8S010"]
        assert json.loads(loud.out)["summary"]["silenced"] == count

    def test_a_baseline_inside_the_folder_is_no_manifest(self, run, repository: Path) -> None:
        run("validate", ".", "--write-baseline", "baseline.json")
        run("validate", ".", "--write-baseline", "again.json")
        first, again = ((repository / name).read_bytes() for name in ("baseline.json", "again.json"))
        assert first == again

    def test_what_is_mended_is_said(self, run, repository: Path) -> None:
        run("validate", ".", "--write-baseline", "baseline.json")
        (repository / "a.yaml").write_text(BAD[: BAD.index("      storageURI")])
        assert run("validate", "a.yaml", "--baseline", "baseline.json").err == (
            "note: 1 of what baseline.json holds is mended; --write-baseline writes it anew.\n"
        )

    def test_without_a_baseline_the_json_is_that_of_the_contract(self, run) -> None:
        summary = json.loads(run("validate", "a.yaml", "--format", "json").out)["summary"]
        assert list(summary) == ["documents", "valid", "invalid", "skipped", "errors", "warnings", "notes"]

    @pytest.mark.parametrize(
        ("argv", "says"),
        [
            (["--baseline", "nowhere.json"], "nowhere.json: there is no such baseline."),
            (["--baseline", "a.yaml"], "a.yaml:1:1: this is no JSON"),
            (["--baseline", "b.json", "--write-baseline", "b.json"], "exclude one another"),
        ],
    )
    def test_2_where_it_is_broken(self, run, argv: list[str], says: str) -> None:
        ended = run("validate", "a.yaml", *argv)
        assert (ended.code, ended.out) == (2, "")
        assert says in ended.err

    def test_none_is_written_where_a_file_could_not_be_read(self, run, repository: Path) -> None:
        (repository / "b.yaml").symlink_to(repository / "gone.yaml")
        ended = run("validate", ".", "--write-baseline", "baseline.json")
        assert ended.code == 3
        assert "No baseline was written." in ended.err
        assert not (repository / "baseline.json").exists()


@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict"])
@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_a_file_name_that_is_no_utf_8_ends_no_run(repository: Path, form: str, encoding: str) -> None:
    (repository / "a.yaml").rename(os.fsdecode(b"\xff.yaml"))
    ended = subprocess.run(
        [sys.executable, "-m", "generator", "validate", ".", "--format", form],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert (ended.returncode, ended.stderr) == (1, b"")
    if form in {"json", "sarif"}:
        json.loads(ended.stdout)


class TestSettings:
    @pytest.fixture
    def says(self, repository: Path):
        def write(text: str) -> None:
            (repository / "serinus.toml").write_text(f"[validate]\n{text}\n")

        return write

    def test_ignore(self, run, says) -> None:
        assert found(run("validate", "a.yaml", "--format", "json").out) == ["KSV108", "K8S010"]
        says('ignore = ["K8S010"]')
        ended = run("validate", "a.yaml", "--format", "json")
        assert found(ended.out) == ["KSV108"]
        assert ended.code == 0
        assert json.loads(ended.out)["summary"]["invalid"] == 0

    def test_fail_on_and_the_command_wins(self, run, says) -> None:
        says('ignore = ["K8S010"]\nfail-on = "warning"')
        assert run("validate", "a.yaml").code == 1
        assert run("validate", "a.yaml", "--fail-on", "error").code == 0

    def test_strict_and_the_command_wins(self, run, says, repository: Path) -> None:
        (repository / "a.yaml").write_text(GRAPH)
        says("strict = true")
        assert run("validate", "a.yaml").code == 1
        assert run("validate", "a.yaml", "--no-strict").code == 0

    def test_complete_and_the_command_wins(self, run, says, repository: Path) -> None:
        (repository / "a.yaml").write_text(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a, namespace: b}\n"
            "spec:\n  parentRefs: [{name: g}]\n  rules: [{backendRefs: [{name: nowhere, port: 80}]}]\n"
        )
        assert run("validate", "a.yaml", "--fail-on", "warning").code == 0
        says("complete = true")
        assert run("validate", "a.yaml", "--fail-on", "warning").code == 1
        assert run("validate", "a.yaml", "--fail-on", "warning", "--no-complete").code == 0

    def test_platform_comes_after_the_command_and_the_document(self, run, says, repository: Path) -> None:
        (repository / "a.yaml").write_text(TRANSFORMED)
        assert found(run("validate", "a.yaml", "--format", "json").out, "error") == ["KSV004"]
        says('platform = ["kserve@0.17"]')
        assert run("validate", "a.yaml").code == 0
        assert run("validate", "a.yaml", "--platform", "kserve@0.20").code == 1
        (repository / "a.yaml").write_text(f"# serinus: platform kserve@0.18\n{TRANSFORMED}")
        assert run("validate", "a.yaml").code == 1

    def test_exclude(self, run, says, repository: Path) -> None:
        (repository / "vendor").mkdir()
        (repository / "vendor" / "b.yaml").write_text("{")
        says('exclude = ["vendor/"]')
        ended = run("validate", ".", "--format", "json")
        assert json.loads(ended.out)["summary"]["documents"] == 1
        assert ended.err == "note: serinus.toml excludes 1 file.\n"

    def test_a_hook_that_names_only_excluded_files_passes(self, run, says) -> None:
        says('exclude = ["a.yaml"]')
        ended = run("validate", "a.yaml")
        assert (ended.code, ended.out) == (0, "0 documents\n")

    @pytest.mark.parametrize(
        ("text", "where"),
        [
            ("platforms = []", "serinus.toml:2:1: unknown key 'platforms'."),
            ('platform = ["kserves"]', "'kserves' is no product"),
            ('ignore = ["KSV999"]', "serinus.toml: there is no rule KSV999. (at validate.ignore)"),
            ('fail-on = "note"', "serinus.toml: 'note' isn't known. (at validate.fail-on)"),
            ("strict = 1", "serinus.toml:2:1: true or false wanted. (at validate.strict)"),
            ("strict = ", "serinus.toml:2:"),
        ],
    )
    def test_2_where_it_is_wrong(self, run, says, text: str, where: str) -> None:
        says(text)
        ended = run("validate", "a.yaml")
        assert (ended.code, ended.out) == (2, "")
        assert where in ended.err


class TestUpgrade:
    """The same product twice gives both verdicts: what breaks when the platform goes from one release to the other."""

    def test_what_breaks_names_its_release(self, run, repository: Path) -> None:
        (repository / "a.yaml").write_text(TRANSFORMED)
        argv = ["validate", "a.yaml", "--platform", "kserve@0.17", "--platform", "kserve@0.20", "--format", "json"]
        ended = run(*argv)
        (error,) = [each for each in json.loads(ended.out)["findings"] if each["severity"] == "error"]
        assert error["rule"] == "KSV004"
        assert error["message"].endswith(" (kserve@0.20.0)")
        assert ended.code == 1
        summary = json.loads(ended.out)["summary"]
        assert (summary["documents"], summary["invalid"]) == (1, 1)

    def test_a_kind_that_only_the_new_release_has(self, run, repository: Path) -> None:
        (repository / "a.yaml").write_text(
            "apiVersion: serving.kserve.io/v1alpha2\nkind: LLMInferenceService\nmetadata: {name: a}\n"
            "spec: {model: {uri: hf://a/b, name: a}}\n"
        )
        ended = run("validate", "a.yaml", "--platform", "kserve@0.15", "--platform", "kserve@0.20", "--format", "json")
        errors = [each for each in json.loads(ended.out)["findings"] if each["severity"] == "error"]
        assert [each["rule"] for each in errors] == ["K8S003"]
        assert "kserve@0.15.2 serves no LLMInferenceService" in errors[0]["message"]

    def test_what_both_say_is_said_once(self, run) -> None:
        ended = run("validate", "a.yaml", "--platform", "kserve@0.17", "--platform", "kserve@0.20", "--format", "json")
        errors = [each for each in json.loads(ended.out)["findings"] if each["severity"] == "error"]
        assert [each["rule"] for each in errors] == ["K8S010"]
        assert "(kserve" not in errors[0]["message"]

    def test_with_a_baseline_of_the_old_release_only_what_breaks_is_left(self, run, repository: Path) -> None:
        (repository / "b.yaml").write_text(TRANSFORMED.replace("digits", "letters"))
        run("validate", ".", "--platform", "kserve@0.17", "--write-baseline", "old.json")
        ended = run("validate", ".", "--platform", "kserve@0.20", "--baseline", "old.json", "--format", "json")
        assert found(ended.out) == ["KSV004"]
