"""The GitHub action, the pre-commit hook, and what docs/validate.md tells people to write."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from generator.cli import main
from generator.loading import repository
from kit import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step.get("id", step.get("name")): step for step in ACTION["runs"]["steps"]}
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
DOCS = (ROOT / "docs" / "validate.md").read_text(encoding="utf-8")

GOOD = (ROOT / "tests/golden/kserve/standard-canary.yaml").read_text().replace("models-reader", "default")
BAD = GOOD.replace("storageUri", "storageURI", 1)


def options() -> set[str]:
    """The options that ``serinus validate`` knows."""
    return {name for parameter in main.load("validate").params for name in (*parameter.opts, *parameter.secondary_opts)}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)


class TestAction:
    def test_every_option_exists(self) -> None:
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", STEPS["check"]["run"]))
        assert len(named) == 7
        assert named <= options()

    def test_every_input_is_used_and_every_one_used_is_declared(self) -> None:
        used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", str(ACTION["runs"])))
        assert used == ACTION["inputs"].keys()
        assert all(each["description"] and "default" in each for each in ACTION["inputs"].values())

    def test_no_input_is_part_of_a_script(self) -> None:
        assert not [step for step in STEPS.values() if "${{" in step.get("run", "")]

    def test_every_script_names_its_shell(self) -> None:
        assert {step["shell"] for step in STEPS.values() if "run" in step} == {"bash"}

    @pytest.fixture
    def check(self, tmp_path: Path):
        """The step as a runner carries it out, in a folder with two manifests."""
        folder = tmp_path / "repository"
        folder.mkdir()
        (folder / "good.yaml").write_text(GOOD)
        (folder / "bad one.yaml").write_text(BAD)
        program = tmp_path / "serinus" / "bin" / "serinus"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m generator "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

        def run(**inputs: str) -> tuple[int, str]:
            given = {name: each["default"] for name, each in ACTION["inputs"].items()} | {
                name.replace("_", "-"): value for name, value in inputs.items()
            }
            env = {
                name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: given[found[1]], text)
                for name, text in STEPS["check"]["env"].items()
            }
            ended = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS["check"]["run"]],
                cwd=folder,
                env={
                    **os.environ,
                    **env,
                    "RUNNER_TEMP": str(tmp_path),
                    "GITHUB_OUTPUT": str(tmp_path / "output"),
                    "PYTHONPATH": str(ROOT),
                },
                capture_output=True,
                text=True,
                check=False,
            )
            return ended.returncode, ended.stdout

        return run

    def test_github(self, check) -> None:
        code, out = check()
        assert code == 1
        assert "::error file=bad one.yaml,line=" in out

    def test_a_name_with_a_space_and_globs(self, check) -> None:
        assert check(paths="good.yaml\n")[0] == 0
        assert check(paths="good.yaml\nbad one.yaml\n")[0] == 1
        assert check(paths="goo*.yaml")[0] == 0

    def test_platform_fail_on_strict_complete_and_baseline(self, check, tmp_path: Path) -> None:
        assert check(paths="good.yaml", platform="kserve@0.19 gateway-api@1.5")[0] == 1
        assert check(paths="good.yaml", fail_on="warning", strict="true", complete="true")[0] == 0
        assert check(paths="good.yaml", fail_on="nonsense")[0] == 2
        assert check(paths="good.yaml", baseline="nowhere.json")[0] == 2

    def test_sarif(self, check, tmp_path: Path) -> None:
        code, out = check(format="sarif")
        assert (code, out) == (1, "")
        assert '"version": "2.1.0"' in (tmp_path / "repository" / "serinus.sarif").read_text()
        assert (tmp_path / "output").read_text() == "sarif-file=serinus.sarif\n"

    def test_another_format_is_refused(self, check) -> None:
        assert check(format="xml; touch x") == (2, "::error::format is github or sarif, not xml; touch x\n")


class TestHook:
    def test_its_command_exists(self) -> None:
        program, command, *given = HOOK["entry"].split()
        assert (program, command in main.COMMANDS) == ("serinus", True)
        assert set(given) <= options()

    def test_pre_commit_takes_it(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")], check=True
        )


class TestDocs:
    def test_every_option_exists(self) -> None:
        named = set()
        for block in re.findall(r"^```(?:console|yaml|make)\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                if "serinus validate" in line:
                    named |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", line.split("serinus validate")[1]))
        assert len(named) >= 6
        assert named <= options()

    def test_the_settings_are_read(self, tmp_path: Path) -> None:
        (text,) = blocks("toml")
        file = tmp_path / "serinus.toml"
        file.write_text(text)
        settings = repository.read(file)
        assert all(getattr(settings, key.replace("-", "_")) for key in repository.WORDS)

    def test_the_yaml_is_yaml_and_the_actions_inputs_exist(self) -> None:
        documents = [yaml.safe_load(block) for block in blocks("yaml")]
        steps = [
            step
            for document in documents
            for job in (document.get("jobs") or {}).values()
            for step in job["steps"]
            if step["uses"].startswith("OWNER/serinus")
        ]
        assert len(steps) == 2
        for step in steps:
            assert step["with"].keys() <= ACTION["inputs"].keys()
        (hooks,) = [document["repos"][0]["hooks"] for document in documents if "repos" in document]
        assert hooks[0]["id"] == HOOK["id"]

    def test_the_python_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        (program,) = blocks("python")
        exec(compile(program, "docs/validate.md", "exec"), {})  # noqa: S102 (our own page)
        assert (
            "digits.yaml:6: error: unknown field 'minReplcas'; did you mean 'minReplicas'? [K8S010]\n"
            in capsys.readouterr().out
        )
