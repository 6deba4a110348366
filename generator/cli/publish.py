"""``serinus publish``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli import progress
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.cli.talk import say, show, silent
from generator.errors import InputError
from generator.loading.load import load
from generator.model import gate
from generator.model.artifact import read_artifact
from generator.platforms import layouts_of
from generator.store.bring import artifact_from_model, artifact_in_layouts
from generator.store.connect import open_store
from generator.store.publish import publish as publish_artifact
from generator.store.release import check_version

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.model.artifact import Artifact
    from generator.service import Service

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def publish(
    file: ServiceFile,
    model: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="A model brought along: a file, or a folder such as a SavedModel."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(metavar="N", help="The version it must have; without it the next one.")
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A private EC key to sign with, in OpenSSF's format; see verify."),
    ] = None,
    environment: Environment = None,
    sets: Sets = None,
    quiet: Quiet = False,
) -> None:
    """Publish what was trained, or a model brought along, as an immutable release.

    Prints the release's URL. Content that is published already is not sent again; a version never changes its content.
    """
    tell = silent if quiet else say
    number = check_version(version) if version is not None else None
    service = load(file, environment=environment, sets=sets or ())
    artifact = _brought(service, model, tell) if model else _trained(service, tell)
    store = open_store(service.publish_url, service.releases.endpoint)
    with progress.bar("Sending", quiet=quiet) as draw:
        published = publish_artifact(store, service.name, artifact, version=number, key=sign, say=tell, progress=draw)
    if published.fresh:
        tell(f"published {service.name} {published.release.version}")
    show(store.url_of(published.release.path))


def _brought(service: Service, model: Path, tell: Callable[[str], None]) -> Artifact:
    if service.model.formats:
        raise InputError(
            "a model brought along has its one format.",
            fix="Take model.formats out; model.runtimes may name several servers of it.",
            place=service.place("model", "formats"),
        )
    artifact = artifact_from_model(model, service.model.format, list(layouts_of(service)), service.model_name, tell)
    if service.model.conditions:
        tell("a model brought along has no metrics of ours: the gate isn't asked")
    return artifact


def _trained(service: Service, tell: Callable[[str], None]) -> Artifact:
    """What `serinus train` left, in the layouts that the platform reads, if the gate lets it pass.

    Raises:
        InputError: Nothing was trained.
        AnswerIsNoError: The gate isn't met.
    """
    artifact = read_artifact(service.build / "artifact")
    if artifact is None:
        if service.model.train is None:
            raise InputError(
                "this service trains nothing: it has no model.train.",
                fix=f"Name the model that you bring along: serinus publish {service.file} --model PATH.",
                place=service.place("model"),
            )
        raise InputError(
            f"nothing was trained for {service.name} yet.",
            fix=f"Train it first: serinus train {service.file}, or bring a model along with --model.",
        )
    gate.demand(service.model.conditions, artifact.metrics)
    return artifact_in_layouts(artifact, layouts_of(service), service.model_name, tell)
