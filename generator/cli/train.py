"""``serinus train``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads the annotation)
from typing import Annotated

import typer

from generator.cli import progress, talk
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.loading.load import load
from trainer.service import train_service

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def train(
    file: ServiceFile,
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
    quiet: Quiet = False,
) -> None:
    """Train, evaluate, gate and export; nothing is published.

    Standard output is one line: the folder of the artifact. Exit code 1: the gate isn't met.
    """
    service = load(file, environment=environment, sets=sets or ())
    with progress.bar("Training", quiet=quiet) as draw:
        say = talk.silent if quiet else talk.say
        outcome = train_service(service, retrain=retrain, data=data, say=say, progress=draw, tensorboard=tensorboard)
    talk.show(str(outcome.artifact.root))
