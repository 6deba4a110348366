"""``serinus train``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads the annotation)
from typing import Annotated

import typer

from generator.cli import progress, talk, tasks
from generator.cli.options import CONTEXT, Environment, Quiet, Sets
from generator.errors import InputError
from generator.loading.load import load
from trainer.service import train_service

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def train(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The service file.")] = None,
    environment: Environment = None,
    sets: Sets = None,
    *,
    retrain: Annotated[bool, typer.Option("--retrain", help="Train even where nothing has changed.")] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="PATH", help="The data instead of model.train.data, as there; a path."),
    ] = None,
    tensorboard: Annotated[
        Path | None,
        typer.Option("--tensorboard", metavar="DIR", help="Write the losses of each epoch for TensorBoard."),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="List what can be trained, on which data, measured by what; train nothing.")
    ] = False,
    output: Annotated[
        str | None, typer.Option("--format", metavar="text|json", help="Of the list: for people or for programs.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate, gate and export; nothing is published.

    Standard output is one line: the folder of the artifact. Exit code 1: the gate isn't met.
    """
    if show_list:
        _list(file, output)
        return
    if output is not None:
        raise InputError("--format is for --list.", fix="Leave it out, or add --list.")
    if file is None:
        raise InputError("which service file?", fix="Name it: serinus train FILE; or see what can be: --list.")
    service = load(file, environment=environment, sets=sets or ())
    with progress.bar("Training", quiet=quiet) as draw:
        say = talk.silent if quiet else talk.say
        outcome = train_service(service, retrain=retrain, data=data, say=say, progress=draw, tensorboard=tensorboard)
    if outcome is None:  # one of several workers, and not the chief
        return
    talk.show(str(outcome.artifact.root))


def _list(file: Path | None, output: str | None) -> None:
    if file is not None:
        raise InputError(f"--list trains nothing, so {file} has no effect.", fix="Leave one of them out.")
    chosen = output or "text"
    if chosen not in tasks.FORMATS:
        raise InputError(f"--format {chosen} isn't known.", fix=f"Known: {', '.join(tasks.FORMATS)}.")
    talk.put_data(tasks.listed(chosen))
