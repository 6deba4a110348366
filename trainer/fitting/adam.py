"""Adam (Kingma and Ba, arXiv:1412.6980), in the fused kernels of TensorFlow: one operation a weight and step.

The same formula as ``keras.optimizers.Adam`` (a test holds them together), whose dozen operations a weight cost more
than the gradients of a small network do.

In float16 small gradients become 0. So the loss is multiplied by a scale and the gradients are divided by it; a step
whose gradients overflow is left out and halves the scale, and many good ones in a row double it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BETA_1 = 0.9
BETA_2 = 0.999
EPSILON = 1e-7
"""As Keras has them."""

FIRST_SCALE = 2.0**15
GOOD_STEPS = 2000
"""Steps without an overflow before the scale is doubled."""


class Adam:
    """Adam for given weights.

    Args:
        weights: TensorFlow's variables, in a fixed order; they are changed in place.
        scaled: Whether gradients are of a scaled loss, for float16.

    Attributes:
        iterations: int64, the steps that were taken, those that were left out too.
    """

    def __init__(self, weights: Sequence[Any], *, scaled: bool) -> None:
        tf = backend.tensorflow()
        self._weights = weights
        self._means = [tf.Variable(tf.zeros_like(weight), trainable=False) for weight in weights]
        self._squares = [tf.Variable(tf.zeros_like(weight), trainable=False) for weight in weights]
        self.iterations = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._taken = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._scale = tf.Variable(FIRST_SCALE if scaled else 1.0, trainable=False)
        self._good = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._scaled = scaled

    def variables(self) -> Mapping[str, Any]:
        """All that a later process has to be given to go on."""
        named = {"iterations": self.iterations, "taken": self._taken, "scale": self._scale, "good": self._good}
        for index, (mean, square) in enumerate(zip(self._means, self._squares, strict=True)):
            named[f"mean/{index}"] = mean
            named[f"square/{index}"] = square
        return named

    def scaled(self, loss: Any) -> Any:
        """The loss whose gradients ``apply`` wants."""
        return loss * self._scale if self._scaled else loss

    def apply(self, gradients: Sequence[Any], rate: Any) -> None:
        """Take one step; inside a ``tf.function``.

        Args:
            gradients: Of the scaled loss, dense, one a weight.
            rate: The step size, a float32 scalar.
        """
        tf = backend.tensorflow()
        self.iterations.assign_add(1)
        if not self._scaled:
            self._step(gradients, rate)
            return
        gradients = [gradient / self._scale for gradient in gradients]
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients])

        def good() -> Any:
            self._step(gradients, rate)
            enough = tf.equal(self._good + 1, GOOD_STEPS)
            self._good.assign(tf.where(enough, tf.zeros_like(self._good), self._good + 1))
            return tf.where(enough, self._scale * 2, self._scale)

        def overflow() -> Any:
            self._good.assign(0)
            return tf.maximum(self._scale / 2, 1.0)

        self._scale.assign(tf.cond(finite, good, overflow))

    def _step(self, gradients: Sequence[Any], rate: Any) -> None:
        tf = backend.tensorflow()
        taken = tf.cast(self._taken.assign_add(1), tf.float32)
        powers = {"beta1_power": tf.pow(BETA_1, taken), "beta2_power": tf.pow(BETA_2, taken)}
        for weight, mean, square, gradient in zip(self._weights, self._means, self._squares, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=mean.handle,
                v=square.handle,
                **powers,
                lr=rate,
                beta1=BETA_1,
                beta2=BETA_2,
                epsilon=EPSILON,
                grad=gradient,
            )
