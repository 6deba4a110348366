"""``tabular-classification``: a class from the columns of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from trainer.measures import classification
from trainer.network import Network
from trainer.tasks import columns
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset
    from trainer.settings import Settings


def check(dataset: Dataset) -> None:
    """Columns, and a class for each example.

    Raises:
        InputError: They aren't.
    """
    columns.check(dataset, "tabular-classification")
    if not dataset.classes:
        raise InputError(
            f"the data '{dataset.name}' have no classes.",
            fix="tabular-classification wants a class for each example; numbers are for tabular-regression.",
        )


def network(dataset: Dataset, settings: Settings) -> Network:
    """Dense layers over scaled columns, dense logits (one a class).

    A server takes the columns and gives ``probabilities`` [batch, classes], float32, and ``class`` [batch], int64.
    """
    prepare = columns.prepare(dataset.train.inputs)
    body = columns.body(prepare.output.shape[-1], settings.hidden or (), len(dataset.classes))
    return Network(prepare=prepare, body=body, answer=classification.answer)


TASK = Task(
    id="tabular-classification",
    summary="tells a class from the columns of a table",
    data="breast-cancer",
    gate=(("accuracy", "> baseline + 0.2"), ("macro.f1", ">= 0.9")),
    measure=classification.MEASURE,
    check=check,
    network=network,
    loss=classification.loss,
    epochs=40,
    hidden=columns.HIDDEN,
)
