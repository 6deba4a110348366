"""``serinus publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.store.begun import Begun

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def publish(
    file: ServiceFile,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="A model brought along: a file, a folder, models:/NAME@ALIAS of MLflow, or hf:ORG/NAME on this disk.",
        ),
    ] = None,
    version: Annotated[
        str | None, typer.Option(metavar="N", help="The version it must have; without it the next one.")
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A private EC key to sign with, in OpenSSF's format; see verify."),
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its metrics as JSON: the gate is asked, and the release keeps them."),
    ] = None,
    golden: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A request and the model's answer as JSON, kept with the release."),
    ] = None,
    images_of_release: Annotated[
        str | None,
        typer.Option(
            "--images-of",
            metavar="N",
            help="Push the images of a release that is published already: its number, or latest.",
        ),
    ] = None,
    environment: Environment = None,
    sets: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Publish what was trained, or a model brought along, as an immutable release.

    Prints the release's URL. Content that is published already is not sent again; a version never changes its content.
    """
    with Begun(Path(model) if model else None) as begun:
        from generator.cli.publishing import Asked, carry_out  # noqa: PLC0415 (while the model is being hashed)

        asked = Asked(model, version, sign, metrics, golden, images_of_release)
        carry_out(asked, file, environment, sets or (), known=begun.of, quiet=quiet)
