"""The program ``serinus``: the table of commands, and the one place where an error becomes an exit code.

A command's module is imported only when that command runs: ``serinus --help`` reads the table alone, which is why
a command's one-line help stands here (a test holds it against the command's own).
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

import generator
from generator.errors import SerinusError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Entry(NamedTuple):
    """Where a command's code is: a module that holds ``app``, the Typer application with that one command or group."""

    module: str
    help: str


COMMANDS: Mapping[str, Entry] = {
    "init": Entry("init", "Write a commented service file to start from."),
    "release": Entry("release", "Train, gate, export, publish, lock, render and validate: the main job."),
    "train": Entry("train", "Train, evaluate, gate and export; nothing is published."),
    "publish": Entry("publish", "Publish what was trained, or a model brought along, as an immutable release."),
    "releases": Entry("releases", "List the published releases of a service."),
    "lock": Entry("lock", "Pin every variant to a published release."),
    "render": Entry("render", "Render the manifests of service files."),
    "convert": Entry("convert", "Write service files from existing manifests."),
    "validate": Entry("validate", "Check manifests, ours or anyone's."),
    "rules": Entry("rules", "List what is checked."),
    "explain": Entry("explain", "Show one rule with a bad and a good example."),
    "platforms": Entry("platforms", "Show what each platform can do."),
    "templates": Entry("templates", "List the templates, or take one to change it."),
    "schema": Entry("schema", "The service file's JSON Schema, and the schema packs."),
}


def load(name: str) -> Any:
    """Import one command's module and build its command, as Typer does for ``Typer()``."""
    module = importlib.import_module(f"generator.cli.{COMMANDS[name].module}")
    command = typer.main.get_command(module.app)
    command.name = name
    return command


class LazyGroup(TyperGroup):
    """A group that lists its commands from the table, and imports one when it is about to run."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the base class' signature)
        """The names in the order of the table, which is the order of a roll-out."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 (the base class' signature)
        """A light stand-in with the help text: enough for listing and completing names."""
        entry = COMMANDS.get(cmd_name)
        return TyperCommand(cmd_name, help=entry.help) if entry else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command, since it is about to run or to complete its own options."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name is not None and name in COMMANDS else command, rest


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="From a trained model to a safe roll-out on Kubernetes: train, publish, render, prove.",
)


def _version(wanted: bool) -> None:  # noqa: FBT001 (Typer calls it with the flag's value)
    if wanted:
        print(f"serinus {generator.__version__}")
        raise typer.Exit


@app.callback()
def serinus(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """From a trained model to a safe roll-out on Kubernetes: train, publish, render, prove."""


def run(argv: Sequence[str] | None = None) -> None:
    """Run the program and leave with its exit code (CONTRACT: 0 done, 1 the answer is no, 2 wrong input, 3 outside).

    Raises:
        SystemExit: Always.
    """
    try:
        app(args=list(argv) if argv is not None else None)
    except SerinusError as error:
        print(f"serinus: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output left (`| head`). Nothing more can be said to it, and Python must not try at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
