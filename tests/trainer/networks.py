"""Small networks with data of every kind, for the formats' tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from generator.service import Train
from trainer import backend
from trainer import data as sources
from trainer.data.base import Reading
from trainer.data.dataset import Dataset, Examples
from trainer.fitting.fit import seeded
from trainer.formats.base import Trained
from trainer.measures import classification
from trainer.network import Network
from trainer.settings import settings
from trainer.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SOME = 256
"""Examples that a network is fitted to: enough that no weight is as it was."""
ODD = "odd \"&<>' é"


def of_answer(answer: Callable[[Any], Mapping[str, Any]], *layers: Any) -> Trained:
    """An untrained network of one dense layer over four numbers, with layers before and an answer of one's own."""
    keras = backend.keras()
    seeded(3)
    given = {"x": np.random.default_rng(0).normal(size=(8, 4)).astype("float32")}
    part = Examples(inputs=given, targets=np.zeros(8, "int64"))
    data = Dataset(name="t", train=part, test=part, classes=("a", "b", "c"), split="", licence="")
    body = keras.Sequential([keras.layers.Input((4,)), *layers, keras.layers.Dense(3)])
    network = Network(prepare=None, body=body, answer=answer)
    return Trained(model=network.whole(given), network=network, dataset=data)


def prices(*, classes: tuple[str, ...] = ()) -> Dataset:
    """Columns of every kind: categories, some missing or new, large numbers with small deviations, whole numbers."""
    random = np.random.default_rng(1)
    count = 120
    colour = np.array(["red", "green", "", ODD], dtype=object)[random.integers(0, 4, count)]
    size = random.normal(5e5, 3, count).astype("float32")
    size[::7] = np.nan
    rooms = random.integers(1, 9, count)
    targets = (rooms * 2 + (colour == "red") * 3).astype("float32")
    if classes:
        targets = (targets.astype("int64") % len(classes)).astype("int64")
    colour[-3] = "never seen"

    def part(rows: slice) -> Examples:
        return Examples(
            inputs={"colour": colour[rows], "size": size[rows], "rooms": rooms[rows]}, targets=targets[rows]
        )

    known = {"target": "price & more"}
    return Dataset(
        name="t", train=part(slice(80)), test=part(slice(80, None)), classes=classes, split="", licence="", notes=known
    )


def of_task_by_default(name: str) -> Trained:
    """A task's network for the data that a new service file of it has."""
    task = tasks()[name]
    reading = Reading(classes=task.measure.id == classification.MEASURE.id)
    return of_task(name, sources.find(task.data, Path(), reading).load())


def of_task(name: str, data: Dataset, *, hidden: tuple[int, ...] | None = None) -> Trained:
    """A task's network for data, fitted for one epoch."""
    task = tasks()[name]
    chosen = settings(Train(task=name, epochs=1, hidden=hidden), task, len(data.train))
    seeded(7)
    built = task.built(data, chosen)
    network = built.network
    network.body.compile(optimizer="adam", loss=built.loss)  # what fitting leaves behind is no part of any export
    some = {input_: array[:SOME] for input_, array in data.train.inputs.items()}
    network.body.fit(network.features(some), data.train.targets[:SOME], verbose=0)
    return Trained(model=network.whole(data.train.inputs), network=network, dataset=data)
