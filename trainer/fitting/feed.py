"""The training data as tensors, and their order in each epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trainer.settings import Settings

DEVICE_BYTES = 1 << 30
"""Data up to here lie on the device that computes; more stay in the machine's memory, and go over batch by batch."""

VALIDATION, ORDER = 0, 1
"""Which number comes from a seed, so that none is used twice."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Feed:
    """Examples that a network is fitted to, and those beside them that it is watched by.

    Attributes:
        features: What the network's body takes: a tensor [examples, …], or tensors by name.
        targets: What is right [examples, …].
        rows: The numbers of the examples that are trained on, in the data's order.
        validation: The numbers of those that aren't; empty where nothing is set aside.
        seed: What the orders follow from.
    """

    features: Any
    targets: Any
    rows: NDArray[Any]
    validation: NDArray[Any]
    seed: int

    def __len__(self) -> int:
        """How many examples are trained on."""
        return len(self.rows)

    def order(self, epoch: int) -> NDArray[Any]:
        """The examples' numbers in the order of an epoch, int32: a function of seed and epoch and of nothing else."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        shuffled: NDArray[Any] = np.random.default_rng([self.seed, ORDER, epoch]).permutation(self.rows)
        return shuffled.astype(np.int32)

    def take(self, rows: Any) -> tuple[Any, Any]:
        """Features and targets of some examples; inside a ``tf.function``."""
        tf = backend.tensorflow()
        if isinstance(self.features, dict):
            features: Any = {name: tf.gather(column, rows) for name, column in self.features.items()}
        else:
            features = tf.gather(self.features, rows)
        return features, tf.gather(self.targets, rows)


def feed(features: Any, targets: NDArray[Any], chosen: Settings) -> Feed:
    """Data as the training loop wants them.

    Args:
        features: An array [examples, …], or arrays by name.
        targets: What is right [examples, …].
        chosen: The share that is set aside, and the seed.

    Raises:
        InputError: Too few examples for the share that is to be set aside.
    """
    tf = backend.tensorflow()
    rows, validation = parts(len(targets), chosen.validation, chosen.seed)
    columns: Mapping[str, Any] = features if isinstance(features, dict) else {"": features}
    with tf.device(None if sum(column.nbytes for column in columns.values()) <= DEVICE_BYTES else "CPU:0"):
        kept = {name: tf.constant(column) for name, column in columns.items()}
        return Feed(
            features=kept if isinstance(features, dict) else kept[""],
            targets=tf.constant(targets),
            rows=rows,
            validation=validation,
            seed=chosen.seed,
        )


def parts(examples: int, share: float, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Which examples are trained on and which are set aside, by their numbers, each in the data's order.

    Raises:
        InputError: There is none for one of the two.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    aside = round(examples * share)
    if share and not 0 < aside < examples:
        raise InputError(
            f"model.train.validation sets {share:g} of {examples} training examples aside, which is "
            f"{'none' if aside == 0 else 'all'} of them.",
            fix="Give more data, or another share.",
        )
    shuffled = np.random.default_rng([seed, VALIDATION]).permutation(examples)
    return np.sort(shuffled[aside:]), np.sort(shuffled[:aside])
