"""``serinus publish``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (Typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli import brought, doors
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.cli.talk import say, show, silent
from generator.errors import InputError
from generator.loading.load import load
from generator.model import gate
from generator.model.artifact import read_artifact
from generator.plan.formats import with_format
from generator.platforms import layouts_of, named
from generator.store import read
from generator.store.bring import artifact_in_layouts
from generator.store.brought import Evidence
from generator.store.connect import open_store
from generator.store.evidence import read_metrics
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
    tell = silent if quiet else say
    number = check_version(version) if version is not None else None
    service = load(file, environment=environment, sets=sets or ())
    if images_of_release is not None:
        if model or version or sign or metrics or golden:
            raise InputError(
                "--images-of takes the files of a release that is in the store.",
                fix="Leave --model, --version, --sign, --metrics and --golden out.",
            )
        _push_images(service, images_of_release, tell, quiet=quiet)
        return
    if model is not None or service.model.source:
        evidence = Evidence(read_metrics(metrics) if metrics else {}, golden)
        store = open_store(service.publish_url, service.releases.endpoint)
        published = brought.publish(service, store, model, evidence, version=number, key=sign, quiet=quiet)
    else:
        _refuse(metrics, golden)
        artifact = _trained(service, tell)
        store = open_store(service.publish_url, service.releases.endpoint)
        published = doors.publish(service, store, artifact, tell, version=number, key=sign, quiet=quiet)
    show(store.url_of(published.release.path))


def _push_images(service: Service, wanted: str, tell: Callable[[str], None], *, quiet: bool) -> None:
    """Push the images of a release that is published already, out of its files in the store.

    Raises:
        InputError: There is no such release, or the service file asks for no images.
    """
    if service.releases.oci is None:
        raise InputError(
            "the service file names no registry for images.",
            fix="Add store.oci, such as registry.example.com/models.",
            place=service.place("store"),
        )
    store = open_store(service.publish_url, service.releases.endpoint)
    release = read.resolve(store, service.name, wanted)
    doors.push_images(service, store, release, tell, quiet=quiet)
    show(store.url_of(release.path))


def _refuse(*evidence: Path | None) -> None:
    """What was trained here was measured here.

    Raises:
        InputError: Somebody says otherwise.
    """
    if any(evidence):
        raise InputError(
            "--metrics and --golden are for a model that is brought along: what was trained has its own.",
            fix="Leave them out, or name the model: --model PATH.",
        )


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
    service = with_format(service, artifact.format)
    return artifact_in_layouts(
        artifact, layouts_of(service), service.model_name, tell, warm_files=named(service).whole_folders
    )
