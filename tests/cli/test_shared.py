"""What holds for every command: -q and -v, a word for a mistyped one, and one line for Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The command, or those of a group."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
    for below, each in (inner or {}).items():
        yield from leaves(each, f"{name} {below}")


EVERY = [leaf for name in main.COMMANDS for leaf in leaves(main.load(name), name)]


@pytest.mark.parametrize("command", [command for _, command in EVERY], ids=[name for name, _ in EVERY])
def test_every_command_takes_quiet_and_verbose_once(command: Any) -> None:
    options = [name for parameter in command.params for name in parameter.opts]
    assert [options.count(name) for name in ("-q", "--quiet", "-v", "--verbose")] == [1, 1, 1, 1]


def test_quiet_leaves_the_talk_out(run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MANIFEST)
    (tmp_path / "package.json").write_text("{}")
    loud, quiet = run("validate", tmp_path), run("validate", tmp_path, "-q")
    assert (loud.out, loud.err != "") == (quiet.out, quiet.err == "")
    assert run("validate", tmp_path / "nowhere", "-q").err != ""
    assert run("validate", tmp_path).err != ""  # what one run asked for is nothing to the next


def test_quiet_where_something_is_written(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", ".", "-q").err == ""
    assert (tmp_path / "serinus.yaml").exists()


def test_verbose_names_all_that_is_skipped_and_how_long_it_took(run, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.json").write_text('{"name": "a"}')
    ended = run("validate", tmp_path, "-v")
    assert [line for line in ended.err.splitlines() if line.startswith("note: skipped:")] == [
        f"note: skipped: {tmp_path}/{number}.json" for number in range(5)
    ]
    assert f" s; serinus {main.generator.__version__}, Python 3." in ended.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("rendr", "render"), ("validat", "validate"), ("Publish", "publish"), ("check", "validate"), ("new", "init")],
)
def test_a_mistyped_command_gets_the_right_one(run, word: str, meant: str) -> None:
    ended = run(word)
    assert (ended.code, ended.err) == (2, f"serinus: there is no command '{word}'. Did you mean '{meant}'?\n")


def test_of_a_word_that_is_like_none_all_are_named(run) -> None:
    assert "Known here: init, release, train" in run("xyzzy").err


@pytest.mark.parametrize("word", main.OTHER_WORDS)
def test_what_other_tools_call_it_is_no_command_here(word: str) -> None:
    assert word not in main.COMMANDS
    assert main.OTHER_WORDS[word] in main.COMMANDS


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_says_one_line(tmp_path: Path) -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "generator", "validate", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(1.5)
    os.kill(started.pid, signal.SIGINT)
    out, err = started.communicate(timeout=30)
    assert (started.returncode, out, err) == (130, b"", b"serinus: interrupted.\n")


class TestReportInAFile:
    def test_it_is_what_standard_output_would_get(self, run, tmp_path: Path) -> None:
        manifest, report = tmp_path / "a.yaml", tmp_path / "out" / "report.sarif"
        manifest.write_text(MANIFEST)
        ended = run("validate", manifest, "--format", "sarif", "-o", report)
        assert (ended.code, ended.out, ended.err) == (0, "", f"{report}: 1 document: 1 valid\n")
        assert report.read_text() == run("validate", manifest, "--format", "sarif").out

    def test_it_is_written_where_something_is_wrong(self, run, tmp_path: Path) -> None:
        manifest, report = tmp_path / "a.yaml", tmp_path / "report.json"
        manifest.write_text(MANIFEST.replace("metadata", "metadat"))
        assert run("validate", manifest, "--format", "json", "-o", report).code == 1
        assert "K8S010" in report.read_text()

    def test_a_run_that_is_ended_leaves_none(self, tmp_path: Path) -> None:
        report = tmp_path / "report.sarif"
        report.write_text("before")
        started = subprocess.Popen(
            [sys.executable, "-m", "generator", "validate", "-", "--format", "sarif", "-o", str(report)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(1)
        started.kill()
        started.communicate(timeout=30)
        assert ([*tmp_path.iterdir()], report.read_text()) == ([report], "before")

    @pytest.mark.parametrize("name", ["", "."])
    def test_it_has_a_name(self, run, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "a.yaml").write_text(MANIFEST)
        ended = run("validate", "a.yaml", "-o", name)
        assert (ended.code, ended.out) == (2, "")
