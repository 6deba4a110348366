"""``serinus render``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from generator import folder, lock, service_file
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFiles, Sets
from generator.cli.talk import say, silent
from generator.errors import InputError
from generator.render import Rendering, joined
from generator.render import render as render_service

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def render(
    files: ServiceFiles,
    environment: Environment = None,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR|-", help="A folder of its own, or - for standard output.")
    ] = "-",
    sets: Sets = None,
    templates: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Templates that take the place of ours, file by file.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take over a folder of other services, and files that others wrote.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Render the manifests of service files.

    Reads the service files and the lock files beside them, and nothing else: the same bytes on every machine.
    """
    if templates is not None and not templates.is_dir():
        raise InputError(f"--templates {templates}: there is no such folder.")
    if force and output == "-":
        raise InputError("--force has no effect without -o DIR.")
    renderings = [render_one(file, environment, sets, templates) for file in files]
    tell = silent if quiet else say
    for rendering in renderings:
        for note in rendering.notes:
            tell(f"note: {note}")
    if output == "-":
        sys.stdout.write(joined(renderings))
        return
    changes = folder.write(Path(output), renderings, environment=environment, force=force)
    tell(f"{output}: {changes}")


def render_one(file: Path, environment: str | None, sets: list[str] | None, templates: Path | None = None) -> Rendering:
    """Load and render one service file with the lock file beside it.

    Raises:
        InputError, OutsideError: As loading, locking and rendering do.
    """
    service = service_file.load(file, environment=environment, sets=sets or ())
    return render_service(service, lock.read(lock.path_of(service)), templates=templates)
