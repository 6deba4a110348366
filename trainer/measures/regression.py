"""The metrics of numbers that are predicted, in the target's own unit.

The names, which a gate uses as well:

    mse       mean squared error, in the target's unit squared
    rmse      its root, in the target's unit
    mae       mean absolute error, in the target's unit
    r2        1 less the share of the held-out targets' variance that is left over; 0 is what their mean would reach
    examples  how many examples were held out

The baseline always says the mean of the training targets.

A number that isn't finite (``r2`` where all held-out targets are equal) is None, since JSON has no other way to say it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trainer import backend
from trainer.measures.base import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.measures.base import Raw

NAMES = ("mse", "rmse", "mae", "r2")


def evaluate(dataset: Dataset, raw: Raw) -> dict[str, Any]:
    """The metrics of a network that gives a number in the target's unit, on the held-out part."""
    return of_numbers(raw(dataset.test.inputs), dataset.test.targets)


def baseline(dataset: Dataset) -> dict[str, Any]:
    """What always saying the mean of the training targets comes to on the held-out part."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    mean = dataset.train.targets.astype(np.float64).mean()
    measured = of_numbers(np.full(len(dataset.test), mean), dataset.test.targets)
    return {name: measured[name] for name in NAMES}


def answer(number: Any) -> dict[str, Any]:
    """What a server gives for numbers [batch, 1] or [batch]: ``prediction`` [batch], float32, in the target's unit."""
    ops = backend.keras().ops
    return {"prediction": ops.cast(ops.reshape(number, (-1,)), "float32")}


def loss(dataset: Dataset) -> Any:
    """The mean squared error in standard deviations of the training targets: the same for dollars and for millions."""
    keras = backend.keras()
    _, deviation = scale(dataset)

    def scaled(right: Any, said: Any) -> Any:
        apart = keras.ops.cast(keras.ops.reshape(right, (-1, 1)), said.dtype) - keras.ops.reshape(said, (-1, 1))
        return keras.ops.mean(keras.ops.square(apart / deviation), axis=-1)

    return scaled


def scale(dataset: Dataset) -> tuple[float, float]:
    """Mean and standard deviation of the training targets."""
    targets = dataset.train.targets.astype("float64")
    return float(targets.mean()), float(targets.std())


def of_numbers(said: NDArray[Any], targets: NDArray[Any]) -> dict[str, Any]:
    """The metrics of predicted numbers.

    Args:
        said: What was predicted [examples] or [examples, 1].
        targets: What is right [examples], at least one.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    right = targets.astype(np.float64)
    apart = said.astype(np.float64).reshape(len(right)) - right
    squared = float((apart**2).mean())
    variance = float(right.var())
    return {
        "mse": _finite(squared),
        "rmse": _finite(math.sqrt(squared)),
        "mae": _finite(float(np.abs(apart).mean())),
        "r2": _finite(1 - squared / variance) if variance else None,
        "examples": len(right),
    }


def table(metrics: Mapping[str, Any]) -> str:
    """The metrics beside the baseline's as lines for a person, a metric a line."""
    rows = [(name, _shown(metrics[name]), _shown(metrics["baseline"][name])) for name in NAMES]
    return "\n".join(
        f"{name:>6}  {model:>12}  {other:>12}" for name, model, other in [("", "model", "baseline"), *rows]
    )


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


MEASURE = Measure(id="regression", evaluate=evaluate, baseline=baseline, headline=("rmse", "r2"), table=table)
