"""Fitting a network to data, with every source of chance fixed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError
from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.data.dataset import Dataset
    from trainer.network import Network
    from trainer.settings import Settings

    Progress = Callable[[int, int], None]

STEPS_PER_CALL = 50
"""Training steps that run in TensorFlow before Python is asked again: the same weights, 1.7 times as fast on MNIST."""


def seeded(seed: int) -> None:
    """Set the seeds of Python, NumPy and TensorFlow, and turn TensorFlow's deterministic kernels on.

    On a CPU these cost about half a second a run and nothing a step (measured: 60,000 images, two epochs, 2.8 s with
    and without), and on a GPU they are what makes "same seed, same metrics" true.
    """
    backend.keras().utils.set_random_seed(seed)
    backend.tensorflow().config.experimental.enable_op_determinism()


def fit(network: Network, loss: Any, dataset: Dataset, chosen: Settings, progress: Progress | None = None) -> None:
    """Train a network's body with Adam, in place.

    Args:
        network: What is trained, made after ``seeded``.
        loss: The Keras loss; None where the body is compiled already, with its own loss and optimizer.
        dataset: Only its training part is read.
        chosen: Epochs, batch size, learning rate.
        progress: Called with the steps done and all steps, now and then.

    Raises:
        AnswerIsNoError: The weights ran off to infinity.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    keras = backend.keras()
    steps = math.ceil(len(dataset.train) / chosen.batch_size)
    body = network.body
    if loss is not None:
        body.compile(
            optimizer=keras.optimizers.Adam(chosen.learning_rate),
            loss=loss,
            steps_per_execution=min(STEPS_PER_CALL, steps),
        )
    body.fit(
        network.features(dataset.train.inputs),
        dataset.train.targets,
        batch_size=chosen.batch_size,
        epochs=chosen.epochs,
        verbose=0,
        callbacks=[_reporter(progress, steps, chosen.epochs)] if progress else [],
    )
    if not all(np.isfinite(weight).all() for weight in body.get_weights()):
        raise AnswerIsNoError(
            f"the training diverged: after {chosen.epochs} epochs the weights are no finite numbers.",
            fix=f"Lower model.train.learningRate (it is {chosen.learning_rate:g}).",
        )


def demand_finite(network: Network, dataset: Dataset) -> None:
    """Do nothing where a trained network answers the held-out examples with numbers.

    Raises:
        AnswerIsNoError: It doesn't.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    raw: Any = network.raw(dataset.test.inputs)
    if not isinstance(raw, np.ndarray):
        return
    broken = np.flatnonzero(~np.isfinite(raw).reshape(len(raw), -1).all(axis=1))
    if not broken.size:
        return
    first = int(broken[0])
    lacking = [
        name for name, array in dataset.test.inputs.items() if array.dtype.kind == "f" and np.isnan(array[first]).any()
    ]
    where = f"; values of {', '.join(lacking)} are missing there" if lacking else ""
    raise AnswerIsNoError(
        f"the network answers {broken.size:,} of {len(raw):,} held-out examples with no finite numbers, the first of "
        f"them is number {first + 1}{where}.",
        fix="Let the network fill in what is missing." if lacking else "Lower the learning rate, or scale the inputs.",
    )


def _reporter(progress: Progress, steps: int, epochs: int) -> Any:
    """A Keras callback that passes on how far training is."""

    class Reporter(backend.keras().callbacks.Callback):  # type: ignore[misc]  # the base class is known at run time only
        def __init__(self) -> None:
            super().__init__()
            self.before = 0

        def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002 (Keras names it)
            progress(self.before + batch + 1, steps * epochs)

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002 (Keras names it)
            self.before = (epoch + 1) * steps

    return Reporter()
