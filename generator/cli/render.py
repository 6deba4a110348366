"""``serinus render``."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 (typer reads the options' types)
from typing import TYPE_CHECKING, Annotated

import typer

from generator.checks import service_pods
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFiles, Sets
from generator.cli.places import folder as named_folder
from generator.cli.places import service_files
from generator.cli.talk import put_data, say, show, silent
from generator.errors import InputError
from generator.loading import defaults
from generator.loading.load import load
from generator.plan import lock
from generator.rendering import folder
from generator.rendering.render import Rendering, joined, render_training
from generator.rendering.render import render as render_service
from generator.text.files import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.plan.lock import Lock
    from generator.service import Service

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def render(
    paths: ServiceFiles,
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
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 where the folder isn't up to date.")
    ] = False,
    explain_env: Annotated[
        str | None,
        typer.Option("--explain-env", metavar="ENV", help="Show what this environment changes, and render nothing."),
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="Render the job that trains the model on a cluster, and nothing else.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Render the manifests of service files.

    Reads the service files, the lock files beside them and the repository's serinus.toml, and nothing else: the same
    bytes on every machine.
    """
    into = None if output == "-" else named_folder(output, otherwise=", or -o - for standard output")
    files = service_files(paths)
    if explain_env is not None:
        others: dict[str, object] = {
            "-e": environment,
            "-o": into,
            "--templates": templates,
            "--force": force,
            "--check": check,
            "--training": training,
        }
        _refuse_beside_explaining(others)
        _explain(files, explain_env, sets or [])
        return
    if templates is not None and not templates.is_dir():
        raise InputError(f"--templates {templates}: there is no such folder.")
    if into is None:
        _refuse_without_folder({"--force": force, "--check": check})
    make = _render_job if training else render_one
    renderings = [make(file, environment, sets, templates) for file in files]
    tell = silent if quiet else say
    for note in [*_unread(files, templates), *(note for rendering in renderings for note in rendering.notes)]:
        tell(f"note: {note}")
    if into is None:
        put_data(joined(renderings))
        return
    if check:
        _hold(into, renderings, environment, force=force, tell=tell)
        return
    moves = _moves(into, renderings) if not training else []
    changes = folder.write(into, renderings, environment=environment, force=force)
    for note in moves:
        tell(f"note: {note}")
    tell(f"{into}: {changes}")


def _refuse_without_folder(options: dict[str, bool]) -> None:
    for name, given in options.items():
        if given:
            raise InputError(f"{name} has no effect without -o DIR.")


def _hold(
    into: Path, renderings: list[Rendering], environment: str | None, *, force: bool, tell: Callable[[str], None]
) -> None:
    """Whether a folder holds what is rendered.

    Raises:
        InputError, OutsideError: As ``folder.write`` does.
        Exit: It doesn't.
    """
    wanted = folder.pending(into, renderings, environment=environment, force=force)
    for name in wanted.changed:
        tell(f"{into / name}: to be written")
    for name in wanted.stale:
        tell(f"{into / name}: to be removed")
    tell(f"{into}: {wanted}")
    if not wanted.nothing:
        raise typer.Exit(1)


def _moves(into: Path, renderings: list[Rendering]) -> list[str]:
    """What it risks to apply this over what the folder holds.

    Raises:
        InputError, OutsideError: The folder can't be read.
    """
    before = dict(folder.earlier(into))
    if not before or all(before.get(each.file) == each.text for one in renderings for each in one.manifests):
        return []
    from generator.rollout import moves  # noqa: PLC0415 (mostly nothing is moved)

    return list(moves.notes(renderings, before))


def _refuse_beside_explaining(options: dict[str, object]) -> None:
    for name, given in options.items():
        if given:
            raise InputError(f"{name} has no effect beside --explain-env, which renders nothing.", fix="Leave it out.")


def _explain(files: list[Path], environment: str, sets: list[str]) -> None:
    """What the environment changes in each file, as text; then what is wrong with the outcome, if anything is.

    Raises:
        InputError, OutsideError: As loading does.
    """
    from generator.loading.explanation import explain  # noqa: PLC0415 (rendering doesn't need it)

    show("\n".join(explain(file, environment, sets) for file in files).removesuffix("\n"))
    sys.stdout.flush()
    for file in files:
        load(file, environment=environment, sets=sets)


def _unread(files: list[Path], templates: Path | None) -> list[str]:
    """What stands among own templates and has no effect."""
    folders = dict.fromkeys(templates or defaults.templates_of(file.parent) for file in files)
    own = [folder for folder in folders if folder is not None]
    if not own:
        return []
    from generator.rendering.catalogue import strangers  # noqa: PLC0415 (most have no templates of their own)

    return [note for folder in own for note in strangers(folder)]


def render_one(file: Path, environment: str | None, sets: list[str] | None, templates: Path | None = None) -> Rendering:
    """Load and render one service file with the lock file beside it, by templates given or the repository's own.

    Raises:
        InputError, OutsideError: As loading, locking and rendering do.
    """
    service, locked, own = loaded(file, environment, sets, templates)
    return render_service(service, locked, templates=own)


def loaded(
    file: Path, environment: str | None, sets: list[str] | None, templates: Path | None = None
) -> tuple[Service, Lock, Path | None]:
    """A service file, the lock file beside it, and the templates that hold for it.

    Raises:
        InputError, OutsideError: As loading does; or no pod could be made of what is said.
    """
    service = load(file, environment=environment, sets=sets or ())
    service_pods.hold(service)
    return service, lock.read(lock.path_of(service)), templates or defaults.templates_of(file.parent)


def _render_job(
    file: Path, environment: str | None, sets: list[str] | None, templates: Path | None = None
) -> Rendering:
    """Load one service file and render the job that trains it; the job gets the file and the defaults that hold for it.

    Raises:
        InputError, OutsideError: As loading and rendering do; or the job can't have what the repository has.
    """
    service = load(file, environment=environment, sets=sets or ())
    found = defaults.of(file.parent)
    if found and found.templates and service.training and service.training.command == "release":
        raise InputError(
            "the job can't bring the repository's templates along, and release renders by them.",
            fix="Write training.command: train, and publish and render from the repository.",
            place=service.place("training"),
        )
    paths = [file, *([found.file] if found else [])]
    texts = {path.name: read_text(path) for path in paths}
    return render_training(service, texts, sets or (), templates=templates or defaults.templates_of(file.parent))
