"""Many training steps a call, without Python between them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.fitting.adam import Adam
    from trainer.fitting.feed import Feed
    from trainer.fitting.team import Team
    from trainer.settings import Settings

CALL_SECONDS = 0.3
"""How long a call takes, about: long enough that Python costs nothing, short enough for Ctrl-C and a progress bar."""

FIRST_CALL = 8
"""Steps of the first call, which says how long one takes."""

GROWTH = 8
"""The number of steps grows no faster than this from call to call: the first one's time is mostly TensorFlow's own."""

MOST = 2**20
"""Steps a call at most: an epoch of few steps never lasts that long, and the number would grow with every epoch."""

VALIDATION_BATCH = 1024
"""Examples at a time where nothing is learnt from them."""


class Steps:
    """The compiled training step of a network, and the compiled loss of the examples set aside.

    Args:
        body: The Keras model.
        loss: The Keras loss of its raw output against the targets.
        feed: The data.
        adam: For the body's trainable weights.
        chosen: Batch size, learning rate and its decay, epochs.
        team: The workers that share each batch.

    Attributes:
        per_epoch: Steps an epoch.
        loss_sum: float64, the sum of the losses of the running epoch's examples so far.
    """

    def __init__(self, body: Any, loss: Any, feed: Feed, adam: Adam, chosen: Settings, team: Team) -> None:
        tf = backend.tensorflow()
        self._body, self._loss, self._feed, self._adam, self._team = body, loss, feed, adam, team
        self._batch_size = chosen.batch_size
        self.per_epoch = -(-len(feed) // chosen.batch_size)
        self._rate = rate(chosen, self.per_epoch * chosen.epochs)
        self._weights = [weight.value for weight in body.trainable_variables]
        self.loss_sum = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        self._many = tf.function(self._loop, autograph=False)
        self._compared = tf.function(self._compare, autograph=False)

    def run(self, order: Any, first: int, count: int) -> None:
        """Take ``count`` steps.

        Args:
            order: The examples' numbers in the epoch's order, an int32 tensor.
            first: The number of the first step within the epoch.
            count: How many; they end with the epoch at the latest.
        """
        tf = backend.tensorflow()
        self._many(order, tf.constant(first), tf.constant(first + count))

    def validation_loss(self) -> float:
        """The mean loss of the examples set aside."""
        tf = backend.tensorflow()
        rows = self._feed.validation.astype("int32")
        total = 0.0
        for first in range(0, len(rows), VALIDATION_BATCH):
            some = rows[first : first + VALIDATION_BATCH]
            total += float(self._compared(tf.constant(some))) * len(some)
        return total / len(rows)

    def _loop(self, order: Any, first: Any, end: Any) -> Any:
        tf = backend.tensorflow()

        def body(step: Any) -> tuple[Any]:
            self._step(order, step)
            return (step + 1,)

        return tf.while_loop(lambda step: step < end, body, (first,), parallel_iterations=1)

    def _step(self, order: Any, step: Any) -> None:
        tf = backend.tensorflow()
        start = step * self._batch_size
        end = tf.minimum(start + self._batch_size, tf.size(order))
        mine, share = self._team.share(start, end)
        features, targets = self._feed.take(order[mine[0] : mine[1]])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._weights)
            loss = self._mean_loss(self._body(features, training=True), targets)
            goal = self._adam.scaled(tf.add_n([loss, *(tf.cast(each, tf.float32) for each in self._body.losses)]))
        found = tape.gradient(goal, self._weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        dense = [tf.convert_to_tensor(gradient) for gradient in found]
        gradients, loss = self._team.mean(dense, loss, share)
        examples = tf.cast(end - start, tf.float64)
        before = tf.where(tf.equal(step, 0), tf.zeros_like(self.loss_sum), self.loss_sum)
        self.loss_sum.assign(before + tf.cast(loss, tf.float64) * examples)
        self._adam.apply(gradients, self._rate(self._adam.iterations))

    def _mean_loss(self, raw: Any, targets: Any) -> Any:
        """The mean loss of a batch, float32 whatever the network computes in; a loss may give a number an example."""
        tf = backend.tensorflow()
        wide = tf.nest.map_structure(lambda each: tf.cast(each, tf.float32) if each.dtype.is_floating else each, raw)
        return tf.reduce_mean(tf.cast(self._loss(targets, wide), tf.float32))

    def _compare(self, rows: Any) -> Any:
        features, targets = self._feed.take(rows)
        return self._mean_loss(self._body(features, training=False), targets)


def rate(chosen: Settings, steps: int) -> Callable[[Any], Any]:
    """The step size as a function of the number of a step, from 0; for tensors and numbers."""
    tf = backend.tensorflow()
    growing, falling = steps * chosen.warmup, steps * chosen.decay

    def at(step: Any) -> Any:
        number = tf.cast(step, tf.float32)
        shares = [tf.constant(1.0)]
        if growing:
            shares.append((number + 1) / growing)
        if falling:
            shares.append((steps - number) / falling)
        return chosen.learning_rate * tf.reduce_min(shares)

    return at


class Pace:
    """How many steps the next call takes, so that it lasts about ``CALL_SECONDS``; nothing learnt depends on it."""

    def __init__(self) -> None:
        self.count = FIRST_CALL
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        taken = time.monotonic() - self._started
        wanted = self.count * CALL_SECONDS / max(taken, 1e-6)
        self.count = max(1, min(round(wanted), self.count * GROWTH, MOST))
