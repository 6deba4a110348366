"""A small convolutional network for images, and one metric more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from trainer.own import Made, Request

if TYPE_CHECKING:
    from trainer.own import Examples


def build(request: Request) -> Made:
    """Make the network for the images of the service file; it isn't trained yet."""
    image = request.dataset.train.inputs["image"]
    filters, sure = (request.settings.parameters[name] for name in ("filters", "sure"))
    model = keras.Sequential(
        [
            keras.Input(image.shape[1:]),
            keras.layers.Reshape((*image.shape[1:3], -1)),
            keras.layers.Conv2D(filters, 3, strides=2, activation="relu"),
            keras.layers.Conv2D(2 * filters, 3, strides=2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(len(request.dataset.classes)),
        ]
    )

    def metrics(held_out: Examples, logits: Any) -> dict[str, float]:
        """The share of images on which the network is sure, and wrong."""
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        likeliest = (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)
        wrong = logits.argmax(axis=1) != held_out.targets
        return {"surelyWrong": float((wrong & (likeliest > sure)).mean())}

    return Made(model=model, metrics=metrics)
