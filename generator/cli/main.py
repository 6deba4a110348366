"""The program ``serinus``: the table of commands, and the one place where an error becomes an exit code.

A command's module is imported only when that command runs: ``serinus --help`` reads the table alone, which is why
a command's one-line help stands here (a test holds it against the command's own).
"""

from __future__ import annotations

import errno
import gc
import importlib
import sys
import time
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

import generator
from generator.cli import streams
from generator.cli.shared import with_shared_options
from generator.cli.talk import say, verbose
from generator.errors import DEBUG, FAULT_OF_OURS, InputError, InterruptedByUserError, SerinusError, debugging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

READER_LEFT = 141
"""As shells say it of a program that SIGPIPE ended."""

_COLLECTED_AFTER = 100_000
"""New objects after which Python looks for cycles among the youngest; a short command makes fewer, and has no cycles
that are worth the search: at the usual 700 it takes a seventh of a small command's time."""

_LONGEST_FAULT = 300
"""Characters of a fault's own words; they may hold a whole input."""


class Entry(NamedTuple):
    """Where a command's code is: a module that holds ``app``, the Typer application with that one command or group."""

    module: str
    help: str


COMMANDS: Mapping[str, Entry] = {
    "init": Entry("init", "Write a commented service file to start from."),
    "release": Entry("release", "Train, gate, export, publish, lock, render and validate: the main job."),
    "train": Entry("train", "Train, evaluate, gate and export; nothing is published."),
    "publish": Entry("publish", "Publish what was trained, or a model brought along, as an immutable release."),
    "releases": Entry("releases", "List the published releases of a service; show, compare, prune them."),
    "verify": Entry("verify", "Hold what lies in the store against its records."),
    "lock": Entry("lock", "Pin every variant to a published release."),
    "render": Entry("render", "Render the manifests of service files."),
    "diff": Entry("diff", "Show what a render would change: whom requests reach, which pods restart, which fields."),
    "convert": Entry("convert", "Write service files from existing manifests."),
    "validate": Entry("validate", "Check manifests, ours or anyone's."),
    "expand": Entry(
        "expand", "Show what the platforms' controllers will make of manifests: Deployments, Services, routes."
    ),
    "rules": Entry("rules", "List what is checked."),
    "explain": Entry("explain", "Show one rule with a bad and a good example."),
    "platforms": Entry("platforms", "Show what each platform can do."),
    "templates": Entry("templates", "List the templates, or take one to change it."),
    "schema": Entry("schema", "The service file's JSON Schema, and the schema packs."),
}


OTHER_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("check", "lint", "test"), "validate"),
    **dict.fromkeys(("generate", "build", "template", "manifests"), "render"),
    **dict.fromkeys(("new", "create", "start"), "init"),
    **dict.fromkeys(("upload", "push", "export"), "publish"),
    **dict.fromkeys(("pin", "resolve"), "lock"),
    **dict.fromkeys(("import", "migrate"), "convert"),
    **dict.fromkeys(("list", "versions"), "releases"),
    **dict.fromkeys(("compare", "drift", "plan"), "diff"),
}
"""What other tools call the same."""


def load(name: str) -> Any:
    """Import one command's module and build its command, as Typer does for ``Typer()``."""
    module = importlib.import_module(f"generator.cli.{COMMANDS[name].module}")
    command = typer.main.get_command(module.app)
    command.name = name
    return with_shared_options(command)


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
        """The real command, since it is about to run or to complete its own options.

        Raises:
            InputError: There is no such command.
        """
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise InputError(f"there is no command '{args[0]}'.", fix=_nearest(args[0]))
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name is not None and name in COMMANDS else command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; who ends it hears one line.

        Raises:
            InterruptedByUserError: Ctrl-C.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptedByUserError("interrupted.") from None


def _nearest(word: str) -> str:
    """The command that is meant, or all there are."""
    from generator.decoding.exact import nearest  # noqa: PLC0415 (only who mistypes needs it)

    meant = OTHER_WORDS.get(word.lower())
    return f"Did you mean '{meant}'?" if meant else nearest(word, COMMANDS)


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
    """Run the program and leave with its exit code (CONTRACT).

    0 done, 1 the answer is no, 2 wrong input, 3 outside, 70 a fault of our own.

    Args:
        argv: The words after the program's name; None for those of this process, which is the program's then.

    Raises:
        SystemExit: Always.
    """
    whole = argv is None
    if whole:
        gc.set_threshold(_COLLECTED_AFTER)
    streams.prepare()
    code = _told(lambda: copy_context().run(_commanded, argv))
    # What is still in the buffer can fail as well.
    flushed = _told(sys.stdout.flush)
    if whole:
        gc.freeze()  # the process ends here: nobody needs to look for cycles in all that it has imported
    sys.exit(flushed or code)


def _commanded(argv: Sequence[str] | None) -> None:
    words = list(sys.argv[1:] if argv is None else argv)
    if any("\0" in word for word in words):
        raise InputError("an argument holds a NUL character, which no file's name can.")
    started = time.perf_counter()
    try:
        app(args=words)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise InputError(f"a name is too long for a file: {str(error.filename)[:60]}…") from error
    finally:
        if verbose():
            took = time.perf_counter() - started
            say(f"{took:.2f} s; serinus {generator.__version__}, Python {sys.version.split()[0]}, {sys.platform}")


def _told(work: Callable[[], object]) -> Any:
    """Do it, say what went wrong, and give the exit code."""
    try:
        work()
    except SystemExit as left:
        return left.code
    except KeyboardInterrupt:
        say("serinus: interrupted.")
        return InterruptedByUserError.exit_code
    except SerinusError as error:
        _abandon_output_after(error)
        first, *more = error.lines
        say(f"serinus: {first}")
        for line in more:
            say(line)
        return error.exit_code
    except streams.ReaderLeftError:
        streams.abandon_output()
        return READER_LEFT
    except BaseException as fault:  # noqa: BLE001 (the last resort: nothing is hidden, it is told as what it is)
        return _own_up(fault)
    return 0


def _abandon_output_after(error: SerinusError) -> None:
    if isinstance(error, streams.OutputError):
        streams.abandon_output()


def _own_up(fault: BaseException) -> int:
    """Two lines on a fault of ours: what and where, and how to report it; the traceback for who asks for it."""
    import traceback  # noqa: PLC0415 (nobody needs it where all is well)

    if debugging():
        traceback.print_exception(fault)
    home = Path(generator.__file__).parent
    ours = [frame for frame in traceback.extract_tb(fault.__traceback__) if home in Path(frame.filename).parents]
    at = f" in {Path(ours[-1].filename).relative_to(home.parent)}:{ours[-1].lineno}" if ours else ""
    what = " ".join(f"{type(fault).__name__}: {fault}".split())
    short = what if len(what) <= _LONGEST_FAULT else f"{what[:_LONGEST_FAULT]}…"
    say(f"serinus: a fault of Serinus itself{at}: {short}")
    say(f"Please report it to the project, with the command and its input; {DEBUG}=1 shows the traceback.")
    return FAULT_OF_OURS
