"""``tabular-regression``: a number from the columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    mean, deviation = _scale(dataset)
    body = columns.body(
        prepare.output.shape[-1],
        settings.hidden or (),
        layers.Dense(1),
        layers.Rescaling(scale=deviation, offset=mean, name="unit"),
    )
    return Network(prepare=prepare, body=body, answer=answer)


def answer(number: Any) -> dict[str, Any]:
    """What a server gives: ``prediction`` [batch], float32, in the target's unit."""
    return {"prediction": backend.keras().ops.squeeze(number, axis=-1)}


def loss(dataset: Dataset) -> Any:
    """The mean squared error in standard deviations of the training targets: the same for dollars and for millions."""
    keras = backend.keras()
    _, deviation = _scale(dataset)

    def scaled(right: Any, said: Any) -> Any:
        return keras.losses.mean_squared_error(right / deviation, said / deviation)

    return scaled


def _scale(dataset: Dataset) -> tuple[float, float]:
    """Mean and standard deviation of the training targets."""
    targets = dataset.train.targets.astype("float64")
    return float(targets.mean()), float(targets.std())


TASK = Task(
    id="tabular-regression",
    summary="predicts a number from the columns of a table",
    data="diabetes",
    gate=(("rmse", "< baseline * 0.8"),),
    measure=regression.MEASURE,
    check=check,
    network=network,
    loss=loss,
    epochs=40,
    hidden=columns.HIDDEN,
)
