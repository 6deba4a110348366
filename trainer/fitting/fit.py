"""Fitting a network to data, with every source of chance fixed, from wherever an earlier process was."""

from __future__ import annotations

import contextlib
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError, OutsideError
from trainer import backend
from trainer.fitting import checkpoints
from trainer.fitting.adam import Adam
from trainer.fitting.feed import feed
from trainer.fitting.history import Epoch, History
from trainer.fitting.state import State
from trainer.fitting.steps import Pace, Steps, rate
from trainer.fitting.team import Alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from trainer.fitting.checkpoints import Checkpoints
    from trainer.fitting.feed import Feed
    from trainer.fitting.team import Team
    from trainer.settings import Settings

    Progress = Callable[[int, int], None]

TALK_SECONDS = 30.0
"""Between two lines on how training goes, where nobody sees a progress bar."""


def seeded(seed: int) -> None:
    """Set the seeds of Python, NumPy and TensorFlow, and turn TensorFlow's deterministic kernels on.

    On a CPU these cost nothing a step (measured: the reference network, 3,750 steps of 32 examples, 2.0 s of processor
    time with and without), and on a GPU they are what makes "same seed, same metrics" true.
    """
    backend.keras().utils.set_random_seed(seed)
    backend.tensorflow().config.experimental.enable_op_determinism()


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Who hears of a training while it runs.

    Attributes:
        say: Takes one line of talk.
        progress: Called with the steps done and all steps, now and then; None where nobody watches.
        kept: The checkpoint; None where nothing is kept.
        log: Called with each epoch's index, losses and step size.
    """

    say: Callable[[str], None]
    progress: Progress | None = None
    kept: Checkpoints | None = None
    log: Callable[[int, Epoch, float], None] = lambda _index, _epoch, _rate: None


def fit(
    body: Any,
    loss: Any,
    examples: tuple[Any, NDArray[Any]],
    chosen: Settings,
    *,
    watch: Watch,
    team: Team | None = None,
) -> History:
    """Train a network with Adam, in place.

    Args:
        body: The Keras model, made after ``seeded``.
        loss: The Keras loss of its raw output against the targets, or a function that gives one a number an example.
        examples: Features, an array or arrays by name, and targets [examples, …].
        chosen: Epochs, batch size, learning rate and so on.
        watch: Who hears of it.
        team: The workers that share each batch; without it this one alone.

    Returns:
        The losses of each epoch. The weights are those of its ``best``.

    Raises:
        AnswerIsNoError: The weights ran off to infinity.
        InputError: Too few examples.
        OutsideError: The device has too little memory.
    """
    run = _Run(body, loss, feed(*examples, chosen), chosen, watch, team or Alone())
    with _memory(chosen):
        run.resume()
        try:
            while not run.done:
                run.epoch()
        except KeyboardInterrupt:
            run.keep()
            raise
    return run.finish()


class _Run:
    """One training, between two epochs."""

    def __init__(self, body: Any, loss: Any, fed: Feed, chosen: Settings, watch: Watch, team: Team) -> None:
        self._body, self._feed, self._chosen, self._watch, self._team = body, fed, chosen, watch, team
        adam = Adam([weight.value for weight in body.trainable_variables], scaled=chosen.precision == "mixed_float16")
        self._steps = Steps(body, loss, fed, adam, chosen, team)
        self._rate = rate(chosen, self._steps.per_epoch * chosen.epochs)
        self._state = State(body, adam, self._steps)
        self._history = History((), chosen.early_stopping)
        self._best: dict[str, NDArray[Any]] = {}
        self._pace = Pace()
        self._said = time.monotonic()

    @property
    def done(self) -> bool:
        return len(self._history) == self._chosen.epochs or self._history.stopped

    def resume(self) -> None:
        """Start from where the chief's earlier process was, or from where the chief starts."""
        saved = self._watch.kept.load() if self._watch.kept else None
        if saved is not None and not self._state.fits(saved.state):
            self._watch.say("Warning: the checkpoint is of another network and isn't used; training starts anew.")
            saved = None
        if saved is not None:
            self._watch.say(f"Going on in epoch {len(saved.epochs) + 1}, where an earlier run of the same was ended.")
        self._history = History(self._team_epochs(saved.epochs if saved else ()), self._chosen.early_stopping)
        self._state.write(self._team.same(saved.state if saved else self._state.read()))
        if self._chosen.early_stopping and len(self._history):
            self._best = dict(self._team.same(saved.best if saved else self._weights()))
        self._state.own_chance(self._team.rank)

    def epoch(self) -> None:
        """Run the rest of the next epoch."""
        tf = backend.tensorflow()
        # A team's calls are of one length: TensorFlow finds a partner's exchange by its iteration within the call.
        number, steps = len(self._history), self._steps.per_epoch
        order = tf.constant(self._feed.order(number))
        step = self._state.taken - number * steps
        while step < steps:
            count = self._one("count", min(self._pace.count, steps - step))
            with self._pace:
                self._steps.run(order, step, count)
                step = self._state.taken - number * steps  # waits for the steps to be done
            if self._watch.progress:
                self._watch.progress(number * steps + step, self._chosen.epochs * steps)
            if self._watch.kept and self._watch.kept.due:
                self.keep()
        self._end(number)

    def keep(self) -> None:
        """Write a checkpoint, where that is wanted."""
        if self._watch.kept:
            self._watch.kept.save(checkpoints.Saved(self._history.epochs, self._state.read(), self._best))

    def finish(self) -> History:
        """Put the best weights in, if the last ones aren't."""
        if self._history.best != len(self._history) - 1:
            self._body.set_weights([self._best[str(index)] for index in range(len(self._body.weights))])
        return self._history

    def _end(self, number: int) -> None:
        """Note the epoch; whoever is interrupted in here does all of it again."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        loss = float(self._steps.loss_sum.numpy()) / len(self._feed)
        if not math.isfinite(loss) or not all(np.isfinite(weight).all() for weight in self._body.get_weights()):
            raise AnswerIsNoError(
                f"the training diverged: after {number + 1} epochs the weights are no finite numbers.",
                fix=f"Lower model.train.learningRate (it is {self._chosen.learning_rate:g}).",
            )
        self._team.level(self._body.non_trainable_weights)
        validation = None
        if len(self._feed.validation):
            validation = float(self._team.same({"loss": np.array(self._steps.validation_loss())})["loss"])
        history = self._history.and_then(Epoch(loss, validation))
        if self._chosen.early_stopping and history.best == number:
            self._best = self._weights()
        self._watch.log(number, history.epochs[number], float(self._rate(self._state.taken - 1)))
        self._history = history
        self._talk()

    def _talk(self) -> None:
        now = time.monotonic()
        if self._watch.progress is None and now - self._said >= TALK_SECONDS:
            self._said = now
            self._watch.say(self._history.line(len(self._history) - 1))

    def _weights(self) -> dict[str, NDArray[Any]]:
        return {str(index): weight for index, weight in enumerate(self._body.get_weights())}

    def _one(self, name: str, number: int) -> int:
        """The chief's number."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        return int(self._team.same({name: np.array(number)})[name])

    def _team_epochs(self, epochs: tuple[Epoch, ...]) -> tuple[Epoch, ...]:
        """The chief's epochs."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        count = self._one("epochs", len(epochs))
        given: Mapping[str, NDArray[Any]] = {
            "loss": np.array([epoch.loss for epoch in epochs] or [0.0] * count),
            "validation": np.array([epoch.validation for epoch in epochs] or [0.0] * count, dtype=float),
        }
        shared = self._team.same(given)
        pairs = zip(shared["loss"].tolist(), shared["validation"].tolist(), strict=True)
        return tuple(Epoch(loss, None if math.isnan(validation) else validation) for loss, validation in pairs)


@contextlib.contextmanager
def _memory(chosen: Settings) -> Iterator[None]:
    """Say in our words that the device has too little memory."""
    tf = backend.tensorflow()
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise OutsideError(
            f"there isn't memory enough to train with batches of {chosen.batch_size}.",
            fix="Lower model.train.batchSize, or train where there is more.",
        ) from error
