"""The classic script: the reference network on images in an .npz, batches of 32, five epochs, by Keras' own means.

    python classic.py IMAGES.npz SEED

Prints the seconds of ``fit`` and the accuracy on the test images.
"""

from __future__ import annotations

import sys
import time

import keras
import numpy as np


def main(path: str, seed: int) -> None:
    """Train and measure, as the tutorials do it."""
    images = np.load(path)
    x_train, x_test = images["x_train"] / 255.0, images["x_test"] / 255.0
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    started = time.perf_counter()
    model.fit(x_train, images["y_train"], epochs=5, batch_size=32, verbose=0)
    fitted = time.perf_counter() - started
    _, accuracy = model.evaluate(x_test, images["y_test"], verbose=0)
    print(fitted, accuracy)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
