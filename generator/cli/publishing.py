"""What ``serinus publish`` does: a model that was trained or is brought along, or the images of a release.

Apart from the command, so that a model is being hashed while all this is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.cli import brought, doors
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
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from generator.model.artifact import Artifact
    from generator.service import Service
    from generator.store.hashing import Known


@dataclass(frozen=True)
class Asked:
    """What the options of the command say; each is None where it is left out.

    Attributes:
        model: A model brought along.
        version: The version that it must have.
        sign: A private key to sign with.
        metrics: Its metrics, as a file.
        golden: A request and its answer, as a file.
        images_of: A release that is published already, whose images are to be pushed.
    """

    model: str | None
    version: str | None
    sign: Path | None
    metrics: Path | None
    golden: Path | None
    images_of: str | None


def carry_out(
    asked: Asked, file: Path, environment: str | None, sets: Sequence[str], *, known: Known, quiet: bool
) -> None:
    """Publish what is asked, and print its URL.

    Args:
        asked: What.
        file: The service file.
        environment: The environment, None for none.
        sets: Values of ``--set``.
        known: Who has begun to hash the model already.
        quiet: Say nothing but errors.

    Raises:
        InputError: It can't be published as it is.
        AnswerIsNoError: The gate isn't met, or the version is taken.
        OutsideError: It can't be read or fetched, or the store failed.
    """
    tell = silent if quiet else say
    number = check_version(asked.version) if asked.version is not None else None
    service = load(file, environment=environment, sets=sets)
    if asked.images_of is not None:
        _push_images(service, asked, asked.images_of, tell, quiet=quiet)
        return
    if asked.model is not None or service.model.source:
        evidence = Evidence(read_metrics(asked.metrics) if asked.metrics else {}, asked.golden)
        store = open_store(service.publish_url, service.releases.endpoint)
        published = brought.publish(
            service, store, asked.model, evidence, version=number, key=asked.sign, quiet=quiet, known=known
        )
    else:
        _refuse(asked.metrics, asked.golden)
        artifact = _trained(service, tell)
        store = open_store(service.publish_url, service.releases.endpoint)
        published = doors.publish(service, store, artifact, tell, version=number, key=asked.sign, quiet=quiet)
    show(store.url_of(published.release.path))


def _push_images(service: Service, asked: Asked, wanted: str, tell: Callable[[str], None], *, quiet: bool) -> None:
    """Push the images of a release that is published already, out of its files in the store.

    Raises:
        InputError: There is no such release, the service file asks for no images, or more is asked at once.
    """
    if asked.model or asked.version or asked.sign or asked.metrics or asked.golden:
        raise InputError(
            "--images-of takes the files of a release that is in the store.",
            fix="Leave --model, --version, --sign, --metrics and --golden out.",
        )
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
