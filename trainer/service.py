"""Training what a service file asks for, and asking its gate."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

from generator import gate
from generator.errors import InputError
from trainer import data as data_sets
from trainer import export, run, tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from generator.errors import Place
    from generator.service import Service
    from trainer.fit import Progress

ARTIFACT = "artifact"
"""The folder in the service's build folder that holds what was trained."""


def train_service(
    service: Service,
    *,
    retrain: bool = False,
    data: Path | None = None,
    say: Callable[[str], None],
    progress: Progress | None = None,
) -> run.Outcome:
    """Train (or find trained) the model of a service, and hold it against the service's gate.

    The artifact stays in ``<service.build>/artifact`` even where the gate isn't met, so that a person can look at it.

    Args:
        service: The loaded service file.
        retrain: Train even where the training key is unchanged.
        data: An ``.npz`` file instead of ``model.train.data``; relative to the working folder.
        say: Takes lines of talk: what is done, the metrics.
        progress: Called with the steps done and all steps while training runs.

    Raises:
        InputError: The service trains nothing; something in it isn't known; the data aren't fit.
        AnswerIsNoError: The gate isn't met, or the training diverged.
        OutsideError: The data can't be had, or the build folder can't be written.
    """
    spec = service.model.train
    if spec is None:
        raise InputError(
            "this service trains nothing: it has no model.train.",
            fix="Add model.train, or publish a model of your own: serinus publish --model PATH.",
            place=service.place("model"),
        )
    with _at(service.place("model", "train", "task")):
        task = tasks.find(spec.task)
    with _at(service.place("model", "format")):
        export.find(service.model.format, None)
    with _at(service.place("model", "runtime")):
        export.find(service.model.format, service.model.runtime)
    if data is not None:
        spec = dataclasses.replace(spec, data=str(data.absolute()))
    with _at(service.place("model", "train", "data")):
        data_sets.find(spec.data, service.directory)
    outcome = run.train(
        spec,
        into=service.build / ARTIFACT,
        folder=service.directory,
        model_format=service.model.format,
        runtime=service.model.runtime,
        retrain=retrain,
        say=say,
        progress=progress,
    )
    if outcome.fresh:
        say(task.table(outcome.artifact.metrics))
    gate.demand(service.model.conditions, outcome.artifact.metrics)
    return outcome


@contextlib.contextmanager
def _at(place: Place) -> Iterator[None]:
    """Give an error of the block the place in the service file, where it has none."""
    try:
        yield
    except InputError as error:
        if error.place is not None:
            raise
        raise InputError(error.message, fix=error.fix, place=place) from error
