"""Networks that come with an optimizer and a loss of their own: Keras' own loop has to train them.

What that loop can't do is refused: it has no state that another process could go on from, so it writes no checkpoint
and shares no batch with other workers; what the layers compute in was settled when they were made.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError, InputError
from trainer import backend
from trainer.fitting.feed import parts
from trainer.fitting.history import Epoch, History
from trainer.fitting.precision import FULL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.fitting.fit import Progress, Watch
    from trainer.settings import Settings


def fit(body: Any, examples: tuple[Any, NDArray[Any]], chosen: Settings, *, watch: Watch) -> History:
    """Train a compiled Keras model, in place.

    Args:
        body: The model.
        examples: Features, an array or arrays by name, and targets [examples, …].
        chosen: Epochs, batch size and what is set aside; the model's optimizer has the rest.
        watch: Who hears of it.

    Returns:
        The losses of each epoch.

    Raises:
        InputError: What the optimizer has to do by itself is asked of us.
        AnswerIsNoError: The weights ran off to infinity.
    """
    if chosen.precision != FULL:
        raise InputError(
            f"model.train.precision is {chosen.precision}, but the network is compiled already, in types of its own.",
            fix="Set the policy where the network is made, or give it uncompiled.",
        )
    features, targets = examples
    rows, aside = parts(len(targets), chosen.validation, chosen.seed)
    runner = _Runner(body, chosen, watch)
    steps = math.ceil(len(rows) / chosen.batch_size)
    told = body.fit(
        _some(features, rows),
        targets[rows],
        validation_data=(_some(features, aside), targets[aside]) if len(aside) else None,
        batch_size=chosen.batch_size,
        epochs=chosen.epochs,
        verbose=0,
        callbacks=runner.callbacks(steps),
    )
    if not all(math.isfinite(loss) for loss in told.history["loss"]):
        raise AnswerIsNoError(
            f"the training diverged: after {len(told.history['loss'])} epochs the weights are no finite numbers.",
            fix="Lower the learning rate of the network's own optimizer.",
        )
    if runner.history.best != len(runner.history) - 1:
        body.set_weights(runner.best)
    return runner.history


def _some(features: Any, rows: NDArray[Any]) -> Any:
    if isinstance(features, dict):
        return {name: column[rows] for name, column in features.items()}
    return features[rows]


class _Runner:
    """What happens between Keras' epochs."""

    def __init__(self, body: Any, chosen: Settings, watch: Watch) -> None:
        self._body, self._chosen, self._watch = body, chosen, watch
        self.history = History((), chosen.early_stopping)
        self.best: list[NDArray[Any]] = []

    def callbacks(self, steps: int) -> list[Any]:
        """As Keras takes them."""
        keras = backend.keras()
        ends = [keras.callbacks.LambdaCallback(on_epoch_end=self._end)]
        return [*ends, *([_reporter(self._watch.progress, steps, self._chosen.epochs)] if self._watch.progress else [])]

    def _end(self, number: int, logs: dict[str, float]) -> None:
        self.history = self.history.and_then(Epoch(float(logs["loss"]), logs.get("val_loss")))
        if self._chosen.early_stopping and self.history.best == number:
            self.best = self._body.get_weights()
        rate = float(self._body.optimizer.learning_rate)
        self._watch.log(number, self.history.epochs[number], rate)
        self._body.stop_training = self.history.stopped or not math.isfinite(logs["loss"])


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
