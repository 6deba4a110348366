"""Training what a service file asks for, and asking its gate."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from generator import platforms
from generator.errors import InputError
from generator.model import gate
from generator.plan.formats import trained
from trainer import data as data_sets
from trainer import formats, run, tasks
from trainer.data.base import Reading
from trainer.distributed.member import member
from trainer.measures import classification, ranking
from trainer.own import code, given
from trainer.own.model import Own
from trainer.settings import demand, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.errors import Place
    from generator.service import Service, Train
    from trainer.data.base import Source
    from trainer.fitting.fit import Progress
    from trainer.tasks.base import Task, Trainable

ARTIFACT = "artifact"
"""The folder in the service's build folder that holds what was trained."""


def train_service(
    service: Service,
    *,
    retrain: bool = False,
    data: Path | None = None,
    say: Callable[[str], None],
    progress: Progress | None = None,
    tensorboard: Path | None = None,
) -> run.Outcome | None:
    """Train (or find trained) the model of a service, and hold it against the service's gate.

    The artifact stays in ``<service.build>/artifact`` even where the gate isn't met, so that a person can look at it.

    Args:
        service: The loaded service file.
        retrain: Train even where the training key is unchanged.
        data: A path instead of ``model.train.data``; relative to the working folder.
        say: Takes lines of talk: what is done, the metrics.
        progress: Called with the steps done and all steps while training runs.
        tensorboard: The folder for TensorBoard's logs, where they are wanted.

    Returns:
        What it came to; None for one of several workers that isn't the chief (``trainer.distributed``).

    Raises:
        InputError: The service trains nothing; something in it isn't known; the data aren't fit.
        AnswerIsNoError: The gate isn't met, or the training diverged.
        OutsideError: The data can't be had, or the build folder can't be written.
    """
    recipe = _recipe(service, data)
    outcome = run.train(
        recipe,
        into=service.build / ARTIFACT,
        retrain=retrain,
        say=say,
        progress=progress,
        tensorboard=tensorboard,
        member=member(),
    )
    if outcome is None:
        return None
    if outcome.fresh:
        for line in recipe.task.table(outcome.artifact.metrics).split("\n"):
            say(line)
    gate.demand(service.model.conditions, outcome.artifact.metrics)
    return outcome


def training_key(service: Service, *, data: Path | None = None) -> str:
    """The training key of a service, without training: whoever has a release of that key has the model already.

    Args:
        service: The loaded service file.
        data: As in ``train_service``.

    Raises:
        InputError: As in ``train_service``.
        OutsideError: The data can't be had.
    """
    return run.training_key(_recipe(service, data))


def _recipe(service: Service, data: Path | None) -> run.Recipe:
    """What a service trains, every name in it known.

    Raises:
        InputError: It trains nothing, or a name isn't known, that of the platform's runtime among them.
    """
    service = trained(service)
    model = service.model
    if model.train is None:
        raise InputError(
            "this service trains nothing: it has no model.train.",
            fix=f"Add model.train, or publish a model of your own: serinus publish {service.file} --model PATH.",
            place=service.place("model"),
        )
    platforms.layouts_of(service)  # what can't be published isn't trained
    task, trainable = _what(service, model.train)
    exporters = []
    for index, name in enumerate(model.all_formats):
        with _at(
            service.place("model", "formats", index) if name != model.format else service.place("model", "format")
        ):
            exporters.append(formats.find(name))
    with _at(service.place("model", "train", "data")):
        source = _source(model.train, task, service.directory, data)
    with _at(service.place("model", "train", "hidden")):
        ours = None if model.train.entrypoint else task
        demand(model.train, ours)
    return run.Recipe(
        task=trainable,
        settings=functools.partial(settings, model.train, ours),
        source=source,
        exporters=tuple(exporters),
        folder=service.directory,
        surroundings=functools.partial(code.importable, service.directory),
    )


def _what(service: Service, train: Train) -> tuple[Task | None, Trainable]:
    """The task, where one is named, and what is trained: its network, or that of the user's code."""
    task = None
    if train.task is not None:
        with _at(service.place("model", "train", "task")):
            task = tasks.find(train.task)
    if train.entrypoint is None:
        if task is None:  # the file's own rules have said so
            raise InputError(
                "there is neither task nor entrypoint.", fix="Name one.", place=service.place("model", "train")
            )
        return task, task
    with _at(service.place("model", "train", "entrypoint")):
        return task, Own(entry=code.find(train.entrypoint, service.directory), task=task)


def _source(train: Train, task: Task | None, folder: Path, data: Path | None) -> Source:
    """The data of a service, whose file lies in a folder, not yet read."""
    reading = _reading(train, task, folder)
    if data is not None:
        return data_sets.of_file(data, reading)
    named = train.data or (task.data if task else "")
    if not named:
        raise InputError(
            "your own code needs data.",
            fix="Name them in model.train.data: a set, a path, or a function of yours (module:function).",
        )
    if code.is_name(named) and not (folder / named).exists():
        reading.only(frozenset(), "data of your own code")
        return given.source(code.find(named, folder), reading, train.parameters)
    return data_sets.find(named, folder, reading)


def _reading(train: Train, task: Task | None, folder: Path) -> Reading:
    """How the data of a service are read, whose file lies in a folder."""
    return Reading(
        classes=None if task is None else task.measure.id == classification.MEASURE.id,
        ratings=task is not None and task.measure.id == ranking.MEASURE.id,
        target=train.target,
        features=train.features,
        test=folder / train.test if train.test else None,
        image_size=train.image_size,
    )


@contextlib.contextmanager
def _at(place: Place) -> Iterator[None]:
    """Give an error of the block the place in the service file, where it has none."""
    try:
        yield
    except InputError as error:
        if error.place is not None:
            raise
        raise InputError(error.message, fix=error.fix, place=place) from error
