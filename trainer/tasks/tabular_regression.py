"""``tabular-regression``: a number from the columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from trainer import backend
from trainer.measures import regression
from trainer.network import Network
from trainer.tasks import columns
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset
    from trainer.settings import Settings


def check(dataset: Dataset) -> None:
    """Columns, and a number for each example.

    Raises:
        InputError: They aren't.
    """
    columns.check(dataset, "tabular-regression")
    if dataset.classes or dataset.train.targets.ndim != 1:
        raise InputError(
            f"the data '{dataset.name}' have no number to predict.",
            fix="tabular-regression wants one number for each example; classes are for tabular-classification.",
        )


def network(dataset: Dataset, settings: Settings) -> Network:
    """Dense layers over scaled columns; the last layer brings the answer into the target's own unit.

    A server takes the columns and gives ``prediction`` [batch], float32.
    """
    layers = backend.keras().layers
    prepare = columns.prepare(dataset.train.inputs)
    mean, deviation = regression.scale(dataset)
    body = columns.body(
        prepare.output.shape[-1],
        settings.hidden or (),
        1,
        layers.Rescaling(scale=deviation, offset=mean, name="unit"),
    )
    return Network(prepare=prepare, body=body, answer=regression.answer)


TASK = Task(
    id="tabular-regression",
    summary="predicts a number from the columns of a table",
    data="diabetes",
    gate=(("rmse", "< baseline * 0.8"),),
    measure=regression.MEASURE,
    check=check,
    network=network,
    loss=regression.loss,
    epochs=40,
    hidden=columns.HIDDEN,
)
