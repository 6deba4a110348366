"""The program itself: starts light, lists what there is, ends with the contract's exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
import typer

import generator
from generator.cli import main
from generator.errors import AnswerIsNoError, InputError, OutsideError
from generator.plan import lock
from kit import SERVICE, locked

HEAVY = {
    "jinja2",
    "yaml",
    "yaml_rs",
    "jsonschema",
    "jsonschema_rs",
    "tensorflow",
    "keras",
    "numpy",
    "sklearn",
    "kubernetes",
    "obstore",
}


def modules_after(*argv: str, parts: int = 1) -> set[str]:
    """The modules that a run of the program has imported, by the first parts of their names."""
    code = f"""
import sys
from generator.cli import main
try:
    main.run({list(argv)!r})
except SystemExit:
    pass
print("\\n" + " ".join(sorted({{".".join(name.split(".")[:{parts}]) for name in sys.modules}})))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stdout.rsplit("\n", 2)[-2].split())


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("-h",)])
def test_help_and_version_import_nothing_heavy(argv):
    assert not modules_after(*argv) & HEAVY


@pytest.mark.parametrize("columns", ["0", "-5", "x", "99999999999999999999", "80"])
def test_help_is_there_whatever_the_width_of_the_terminal_is_said_to_be(columns):
    words = [sys.executable, "-m", "generator", "--help"]
    ended = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "COLUMNS": columns}, check=True)
    assert "render" in ended.stdout


@pytest.mark.parametrize("words", [("validate", "y" * 5000), ("validate", ".", "--output", "y" * 300)])
def test_a_name_that_is_too_long_for_a_file_is_told(words):
    ended = subprocess.run([sys.executable, "-m", "generator", *words], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, f"serinus: a name is too long for a file: {'y' * 60}…\n")


def test_rendering_imports_neither_the_checks_nor_the_store(folder):
    imported = modules_after("render", str(folder / "serinus.yaml"), "-q")
    assert {"jinja2", "yaml_rs"} <= imported
    assert not imported & (HEAVY - {"jinja2", "yaml_rs"})


SMALL = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: m
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
      storageUri: s3://m/1
      resources:
        limits:
          cpu: "1"
"""


def test_a_small_check_compiles_no_schema_and_knows_no_cel(tmp_path):
    (tmp_path / "one.yaml").write_text(SMALL)
    imported = modules_after("validate", str(tmp_path / "one.yaml"), parts=3)
    assert "generator.checks.structure" in imported
    assert not imported & {"jsonschema_rs", "generator.checks.cel", "yaml", "socket", "email"}


def test_rendering_imports_no_platform_but_its_own(folder):
    code = f"""
import sys
from generator.cli import main
try:
    main.run(["render", {str(folder / "serinus.yaml")!r}, "-q"])
except SystemExit:
    pass
print("\\n" + " ".join(sorted(name for name in sys.modules if name.startswith("generator.platforms."))))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = ended.stdout.rsplit("\n", 2)[-2].split()
    assert "generator.platforms.kserve" in imported
    assert not {name for name in imported if "seldon" in name or name.startswith("generator.platforms.kubernetes")}


def test_version(run):
    assert run("--version").out == f"serinus {generator.__version__}\n"


def test_help_lists_every_command(run):
    text = run("--help").out
    assert all(name in text for name in main.COMMANDS)


@pytest.mark.parametrize("name", main.COMMANDS)
def test_the_table_says_of_a_command_what_the_command_says(name):
    command = main.load(name)
    assert command.help.partition("\n\n")[0].replace("\n", " ").strip() == main.COMMANDS[name].help


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_has_help(run, name):
    for flag in ("-h", "--help"):
        ended = run(name, flag)
        assert ended.code == 0
        assert "Usage:" in ended.out


def test_an_unknown_command_is_wrong_input(run):
    ended = run("rendr")
    assert ended.code == 2
    assert "rendr" in ended.err


@pytest.mark.parametrize(("error", "code"), [(AnswerIsNoError, 1), (InputError, 2), (OutsideError, 3)])
def test_an_error_ends_with_its_exit_code_and_one_paragraph(run, monkeypatch, error, code):
    app = typer.Typer()

    @app.command()
    def broken() -> None:
        raise error("this is wrong.", fix="Do that.")

    monkeypatch.setattr(main, "load", lambda _: typer.main.get_command(app))
    ended = run("render")
    assert (ended.code, ended.err) == (code, "serinus: this is wrong. Do that.\n")


@pytest.fixture
def faulty(monkeypatch):
    """A command with a fault of ours in it."""
    app = typer.Typer()

    @app.command()
    def broken() -> None:
        raise RuntimeError("the first line\n" + "and more " * 1000)

    monkeypatch.setattr(main, "load", lambda _: typer.main.get_command(app))


def test_a_fault_of_ours_is_two_lines_and_an_exit_code_of_its_own(run, faulty, monkeypatch):
    monkeypatch.delenv("SERINUS_DEBUG", raising=False)
    ended = run("render")
    what, report = ended.err.splitlines()
    assert (ended.code, ended.out) == (70, "")
    assert re.match(
        r"serinus: a fault of Serinus itself in generator/cli/main.py:\d+: RuntimeError: the first line and more", what
    )
    assert len(what) < 400
    assert "report" in report
    assert "SERINUS_DEBUG=1" in report


def test_what_is_no_exception_for_python_is_told_all_the_same(run, monkeypatch):
    app = typer.Typer()

    @app.command()
    def broken() -> None:
        raise GeneratorExit("left")

    monkeypatch.setattr(main, "load", lambda _: typer.main.get_command(app))
    ended = run("render")
    assert ended.code == 70
    assert "GeneratorExit: left" in ended.err
    assert "Traceback" not in ended.err


def test_its_traceback_is_shown_on_request(run, faulty, monkeypatch):
    monkeypatch.setenv("SERINUS_DEBUG", "1")
    ended = run("render")
    assert ended.code == 70
    assert "Traceback (most recent call last)" in ended.err
    assert "in broken" in ended.err


def test_an_argument_with_a_nul_is_wrong_input(run, folder):
    ended = run("render", folder / "serinus.yaml", "-o", "a\0b")
    assert (ended.code, ended.out) == (2, "")
    assert "NUL" in ended.err


OUTPUTS = {
    "render": "render {0}/serinus.yaml -q",
    "render, larger than a buffer": "render {0}/serinus.yaml {0}/a.yaml {0}/b.yaml -q",
    "platforms": "platforms",
    "platforms as JSON": "platforms --format json",
    "rules": "rules",
    "a schema": "schema service",
    "a report": "validate {0}/object.yaml",
    "a report as JSON": "validate {0}/object.yaml --format json",
    "one short line": "--version",
    "help": "render --help",
}
"""Commands that write to standard output: little and much, by each way to write."""


@pytest.fixture
def told(folder):
    """A folder with all that ``OUTPUTS`` name."""
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(SERVICE.replace("name: digits\n", f"name: {name}\n", 1))
    locks = locked()
    lock.write(
        folder / lock.FILE,
        locks.with_section("a", locks.services["digits"]).with_section("b", locks.services["digits"]),
    )
    (folder / "object.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Ä, namespace: x}\n")
    return folder


def shell(command, folder, redirection, **variables):
    line = f"{sys.executable} -m generator {command.format(folder)} {redirection}"
    return subprocess.run(
        ["bash", "-c", line], check=False, capture_output=True, timeout=60, env={**os.environ, **variables}
    )


@pytest.mark.parametrize("command", OUTPUTS.values(), ids=OUTPUTS)
def test_a_full_disk_is_told_and_ends_with_3(told, command):
    ended = shell(command, told, "> /dev/full")
    assert ended.returncode == 3
    assert ended.stderr.decode() == "serinus: standard output can't be written: No space left on device.\n"


@pytest.mark.parametrize("name", ["render", "a report", "one short line"])
def test_so_is_a_closed_standard_output(told, name):
    ended = shell(OUTPUTS[name], told, ">&-")
    assert ended.returncode == 3
    assert ended.stderr.decode() == "serinus: standard output can't be written: Bad file descriptor.\n"


@pytest.mark.parametrize("redirection", ["2> /dev/full", "2>&-"])
def test_talk_that_nobody_can_hear_changes_no_exit_code(told, redirection):
    assert shell("render {0}/serinus.yaml", told, redirection).returncode == 0
    assert shell("render {0}/missing.yaml", told, redirection).returncode == 2
    assert shell("validate {0}/object.yaml", told, redirection).returncode == 1


def test_a_closed_standard_input_is_a_sentence(told):
    ended = shell("validate -", told, "<&-")
    assert ended.returncode == 3
    assert (
        ended.stderr.decode()
        == "serinus: can't read standard input: Bad file descriptor. The other files were checked.\n"
    )


@pytest.mark.parametrize("name", ["platforms", "rules", "a report", "help"])
def test_a_terminal_that_speaks_ascii_is_no_traceback(told, name):
    ended = shell(OUTPUTS[name], told, "", PYTHONIOENCODING="ascii")
    assert ended.returncode in (0, 1)
    assert ended.stderr == b""


def test_data_is_utf_8_whatever_the_terminal_speaks(told):
    (told / "a.yaml").write_text(SERVICE + 'annotations: {owner: "Zoë"}\n')
    rendered = shell("render {0}/a.yaml -q", told, "", PYTHONIOENCODING="ascii").stdout.decode()
    report = shell("validate {0}/object.yaml --format json", told, "", PYTHONIOENCODING="ascii").stdout.decode()
    assert "Zoë" in rendered
    assert {found["name"] for found in json.loads(report)["findings"]} == {"Ä"}


@pytest.mark.parametrize("command", ["platforms --format json", "rules"])
def test_a_reader_that_leaves_early_is_no_failure(told, command):
    ended = shell(command, told, "| head -c 1; exit ${PIPESTATUS[0]}")
    assert ended.returncode in (0, 141)
    assert ended.stderr == b""


def test_a_reader_that_leaves_is_no_error(folder):
    command = f"{sys.executable} -m generator render {folder}/serinus.yaml -q | head -n 1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert ended.stdout == "# serinus: platform kserve@0.20 gateway-api@1.5\n"
    assert ended.stderr == ""


def test_a_release_is_of_one_service_while_many_are_rendered_at_once(run, folder):
    ended = run("release", folder / "serinus.yaml", folder / "other.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "unexpected extra argument" in ended.err
