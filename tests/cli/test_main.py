"""The program itself: starts light, lists what there is, ends with the contract's exit codes."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

import generator
from generator.cli import main
from generator.errors import AnswerIsNoError, InputError, OutsideError

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


def modules_after(*argv: str) -> set[str]:
    """The top-level modules that a run of the program has imported."""
    code = f"""
import sys
from generator.cli import main
try:
    main.run({list(argv)!r})
except SystemExit:
    pass
print("\\n" + " ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stdout.rsplit("\n", 2)[-2].split())


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("-h",)])
def test_help_and_version_import_nothing_heavy(argv):
    assert not modules_after(*argv) & HEAVY


def test_rendering_imports_neither_the_checks_nor_the_store(folder):
    imported = modules_after("render", str(folder / "serinus.yaml"), "-q")
    assert {"jinja2", "yaml_rs"} <= imported
    assert not imported & (HEAVY - {"jinja2", "yaml_rs"})


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


def test_a_bug_keeps_its_traceback(monkeypatch):
    app = typer.Typer()

    @app.command()
    def broken() -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(main, "load", lambda _: typer.main.get_command(app))
    with pytest.raises(RuntimeError):
        main.run(["render"])


def test_a_reader_that_leaves_is_no_error(folder):
    command = f"{sys.executable} -m generator render {folder}/serinus.yaml -q | head -n 1"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert ended.stdout == "# serinus: platform kserve@0.20 gateway-api@1.5\n"
    assert ended.stderr == ""


def test_a_release_is_of_one_service_while_many_are_rendered_at_once(run, folder):
    ended = run("release", folder / "serinus.yaml", folder / "other.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "unexpected extra argument" in ended.err
