"""``serinus diff``."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path  # noqa: TC003 (typer reads the options' types)
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.options import CONTEXT, Environment, ServiceFiles, Sets
from generator.cli.places import folder as named_folder
from generator.cli.places import service_files
from generator.cli.render import render_one
from generator.cli.talk import put, put_data, remark
from generator.errors import InputError, Place
from generator.rendering import folder
from generator.rendering.render import refuse_twins
from generator.rollout import shown
from generator.rollout.difference import differences
from generator.rollout.revision import at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.rendering.render import Rendering

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

GIT = "git:"
FORMATS = ("text", "markdown", "json")


@app.command()
def diff(
    paths: ServiceFiles,
    against: Annotated[
        str,
        typer.Option(metavar="DIR|git:REV", help="A folder of render -o; or the service files as a revision has them."),
    ],
    environment: Environment = None,
    sets: Sets = None,
    templates: Annotated[
        Path | None, typer.Option(metavar="DIR", help="As for render; holds for both sides of git:REV.")
    ] = None,
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, markdown (for a pull request) or json.")
    ] = "text",
) -> None:
    """Show what a render would change: whom requests reach, which pods restart, which fields.

    --set holds for what would be rendered, and not for the revision it is compared with. Exits with 1 where something
    would change.
    """
    if output not in FORMATS:
        raise InputError(f"--format {output} isn't known here.", fix=f"Known: {', '.join(FORMATS)}.")
    files = service_files(paths)
    renderings = [render_one(file, environment, sets, templates) for file in files]
    refuse_twins(renderings)
    stale = False
    if against.startswith(GIT):
        before = _at(files, against.removeprefix(GIT), environment, templates)
    else:
        before, stale = _held(named_folder(against), renderings, environment)
    told = differences(renderings, before)
    same = all(one.nothing for one in told)
    if output == "json":
        put_data(shown.as_json(told, changed=stale or not same))
    elif output == "markdown":
        put_data(shown.as_markdown(told))
    else:
        put(shown.as_text(told, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    if same and stale:
        remark(f"note: {against}: {folder.KUSTOMIZATION} would be written anew, which lists the manifests.")
    if stale or not same:
        raise typer.Exit(1)


def _held(into: Path, renderings: Sequence[Rendering], environment: str | None) -> tuple[list[str], bool]:
    """What a folder holds of an earlier call, and whether it isn't what rendering would make of it.

    Raises:
        InputError: Nothing was rendered there, or another call's.
        OutsideError: It can't be read.
    """
    if folder.read_index(into) is None:
        raise InputError(
            "nothing was rendered here.", fix=f"serinus render -o {into} writes it.", place=Place(str(into))
        )
    wanted = folder.pending(into, renderings, environment=environment)
    return [text for _, text in folder.earlier(into)], not wanted.nothing


def _at(files: Sequence[Path], revision: str, environment: str | None, templates: Path | None) -> list[str]:
    """What the service files rendered as a revision has them, without any --set; nothing of one that it hasn't.

    Raises:
        InputError, OutsideError: As rendering does; there is no such revision, or no git.
    """
    if not revision:
        raise InputError("--against git: names no revision.", fix="Write git:HEAD, git:main or git:v1.")
    found: list[str] = []
    with ExitStack() as stack:
        for file in files:
            old = stack.enter_context(at(file, revision))
            if old is not None:
                found += (each.text for each in render_one(old, environment, None, templates).manifests)
    return found
