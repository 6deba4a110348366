"""``serinus release``: the main job, each step a part that has a command of its own."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 (Typer reads the annotation)
from typing import TYPE_CHECKING, Annotated

import typer

from generator import platforms
from generator.checks import service_pods
from generator.checks.api import check
from generator.checks.outputs import outputs
from generator.cli import brought, doors, progress
from generator.cli.faults import refuse_faults
from generator.cli.lock import store_of
from generator.cli.options import CONTEXT, Environment, Quiet, ServiceFile, Sets
from generator.cli.places import folder as named_folder
from generator.cli.talk import say, show, silent
from generator.errors import AnswerIsNoError, InputError
from generator.loading import defaults
from generator.loading.load import load
from generator.loading.outline import outlines
from generator.model import gate
from generator.plan import lock as lock_file
from generator.plan.formats import trained
from generator.rendering import folder
from generator.rendering.render import render
from generator.store import bring, read
from generator.store.brought import Evidence
from generator.store.connect import open_store
from generator.store.pins import relock
from generator.store.release import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.loading.outline import Outline
    from generator.rendering.render import Rendering
    from generator.service import Service
    from generator.store.objects import Store
    from generator.store.release import Release

    Say = Callable[[str], None]

app = typer.Typer(add_completion=False, context_settings=CONTEXT)


@app.command()
def release(
    file: ServiceFile,
    environment: Environment = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="DIR", help="The manifests' folder; else in build/ beside the file."),
    ] = None,
    sets: Sets = None,
    *,
    retrain: Annotated[bool, typer.Option("--retrain", help="Train even where nothing has changed.")] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="PATH", help="The data instead of model.train.data, as there; a path."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Train, gate, export, publish, lock, render and validate: the main job.

    A model that is brought along (model.source) is looked at and published instead of trained.

    What was done before is found and not done again. Prints the folder of the manifests.
    """
    tell = silent if quiet else say
    into = None if output is None else named_folder(output)
    service = load(file, environment=environment, sets=sets or ())
    service_pods.hold(service)
    store = open_store(service.publish_url, service.releases.endpoint)
    made: Release | None
    if service.model.source:
        _refuse_training(service, {"--retrain": retrain, "--data": data})
        made = _brought(service, store, quiet=quiet)
    else:
        made = _trained(trained(service), store, retrain=retrain, data=data, quiet=quiet)
    if made is None:  # one of several workers: the chief does the rest
        return
    rendering = _locked(service, outlines(file), tell)
    target = into or _folder_of(service)
    for note in rendering.notes:
        tell(f"note: {note}")
    report = check(rendering.text, file=str(target))
    if report.summary.errors or report.summary.warnings:
        sys.stderr.write(outputs()["text"].render(report))
    refuse_faults(report)
    if report.summary.errors:
        raise AnswerIsNoError(
            f"what was rendered for {service.name} isn't valid, so nothing was written to {target}.",
            fix=f"Release {made.version} is published and locked; mend the service file, then render again.",
        )
    changes = folder.write(target, [rendering], environment=environment)
    tell(f"{target}: {changes}; {_counted(report.summary.documents, 'document')}, valid")
    if report.summary.notes:
        tell(f"{_counted(report.summary.notes, 'note')}: serinus validate {target} --notes")
    show(str(target))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _folder_of(service: Service) -> Path:
    name = f"manifests-{service.environment}" if service.environment else "manifests"
    return service.build / name


def _refuse_training(service: Service, options: Mapping[str, object]) -> None:
    """Nothing is trained for a model that is brought along.

    Raises:
        InputError: An option says something of it.
    """
    for name, given in options.items():
        if given:
            raise InputError(
                f"{name} has no effect: the model of {service.name} is brought along.",
                fix="Leave it out, or take model.source out.",
                place=service.place("model", "source"),
            )


def _brought(service: Service, store: Store, *, quiet: bool) -> Release:
    """The release of the model that the service file names, published unless it was before."""
    if service.model.format:
        platforms.of(service)  # what can't be rendered is refused before anything is fetched
    return brought.publish(service, store, None, Evidence(), quiet=quiet).release


def _trained(service: Service, store: Store, *, retrain: bool, data: Path | None, quiet: bool) -> Release | None:
    """As ``_released``, and what can't be rendered or published is refused before anything is trained."""
    platforms.of(service)
    layouts = platforms.layouts_of(service)
    for layout, model_format in layouts.items():
        bring.demand(model_format, [layout])
    return _released(service, store, layouts, retrain=retrain, data=data, quiet=quiet)


def _released(
    service: Service, store: Store, layouts: Mapping[str, str], *, retrain: bool, data: Path | None, quiet: bool
) -> Release | None:
    """The release of what the service trains: found by its training key, or trained, judged and published.

    One that lacks a layout is published anew with it; the model is still there and isn't trained again. None for one of
    several workers that isn't the chief: it helps to train, and no more.
    """
    from trainer.distributed.member import member  # noqa: PLC0415 (only a release needs the trainer)
    from trainer.service import train_service, training_key  # noqa: PLC0415 (as above)

    tell = silent if quiet else say
    one = member()
    follows = one is not None and one.rank > 0
    if not retrain:
        found = read.find_by_training_key(store, service.name, training_key(service, data=data))
        if found and holds(found, layouts):
            tell(f"{service.name} {found.version} was trained with the same key: nothing to train or to publish")
            if follows:
                return None
            gate.demand(service.model.conditions, found.metrics)
            doors.push_images(service, store, found, tell, quiet=quiet)
            return found
    with progress.bar("Training", quiet=quiet) as draw:
        outcome = train_service(service, retrain=retrain, data=data, say=tell, progress=draw)
    if outcome is None:
        return None
    artifact = bring.artifact_in_layouts(
        outcome.artifact, layouts, service.model_name, tell, warm_files=platforms.named(service).whole_folders
    )
    return doors.publish(service, store, artifact, tell, quiet=quiet).release


def _locked(service: Service, found: Mapping[str | None, Outline], tell: Say) -> Rendering:
    """Pin what the variants ask for, `latest` anew, in the environment at hand alone, and render by it."""
    path = lock_file.path_of(service)
    locked = lock_file.read(path)
    wanted = relock({service.environment: service}, found, locked, store_of, upgrade=True)
    rendering = render(service, wanted, templates=defaults.templates_of(service.directory))
    if lock_file.write(path, wanted):
        tell(f"{path}: written")
    return rendering
