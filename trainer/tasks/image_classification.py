"""``image-classification``: which of a few classes a small image belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from trainer import backend
from trainer.measures import classification
from trainer.network import Network
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset
    from trainer.settings import Settings

HIDDEN = (128,)
"""Units of each hidden layer."""

DROPOUT = 0.2
"""The share of a layer's hidden units that each training step leaves out."""

RANKS = (3, 4)
"""The dimensions of images: [examples, height, width], and a last one of colour channels."""


def check(dataset: Dataset) -> None:
    """Images and classes.

    Raises:
        InputError: They aren't.
    """
    (name, images), *more = dataset.train.inputs.items()
    if more or images.ndim not in RANKS or not dataset.classes:
        raise InputError(
            f"the data '{dataset.name}' are no images with classes.",
            fix="image-classification wants one input [examples, height, width] and a class for each image"
            f"{f'; {name} has {images.ndim} dimensions' if not more else ''}.",
        )
    for part in (dataset.train, dataset.test):
        pixels = part.inputs[name]
        if not (pixels.min() >= 0 and pixels.max() <= 1):  # written so that NaN fails
            raise dataset.refusal(
                f"images with values from {pixels.min():g} to {pixels.max():g}; they go from 0 to 1.", "", name
            )


def network(dataset: Dataset, settings: Settings) -> Network:
    """The reference network: flatten, dense 128 ReLU, dropout 0.2, dense logits (one a class).

    A server takes ``image`` [batch, height, width] and gives ``probabilities`` [batch, classes], float32, and ``class``
    [batch], int64.
    """
    (image,) = dataset.train.inputs.values()
    layers = backend.keras().layers
    body = backend.keras().Sequential(
        [
            layers.Input(image.shape[1:], dtype="float32"),
            layers.Flatten(),
            *(
                layer
                for units in settings.hidden or ()
                for layer in (layers.Dense(units, activation="relu"), layers.Dropout(DROPOUT))
            ),
            layers.Dense(len(dataset.classes)),
        ]
    )
    return Network(prepare=None, body=body, answer=classification.answer)


TASK = Task(
    id="image-classification",
    summary="tells which class a small image belongs to",
    data="digits",
    gate=(("accuracy", ">= 0.95"),),
    measure=classification.MEASURE,
    check=check,
    network=network,
    loss=classification.loss,
    hidden=HIDDEN,
)
