"""The golden pair: a small real request and the answer of the exported files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.model.artifact import Golden
from trainer.data.dataset import lacking_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.formats.base import Exported

EXAMPLES = 2
"""Enough to show a batch and that the model tells things apart, few enough to read."""

REQUEST_DIGITS = 4
"""Significant digits of the inputs: the request is what is rounded, so the answer to it is exact."""

RESPONSE_DIGITS = 6
"""Decimals of the outputs, about what float32 holds."""


def golden(exported: Exported, dataset: Dataset) -> Golden:
    """Ask the exported model about the first held-out examples, of classes those that differ in theirs.

    JSON has no word for a missing number: examples that lack none come first, and 0 stands where one is missing.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    order = np.argsort(lacking_of(dataset.test), kind="stable")
    if dataset.classes:
        _, first_of_class = np.unique(dataset.test.targets[order], return_index=True)
        order = order[np.sort(first_of_class)]
    chosen = np.sort(order[:EXAMPLES])
    inputs = {name: _short(_whole(array[chosen])) for name, array in dataset.test.inputs.items()}
    asked, told = exported.pair(inputs)
    response = {name: _plain(value) for name, value in told.items()}
    return Golden({name: _json(array) for name, array in asked.items()}, response)


def _whole(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, 0 where a number is missing."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return np.nan_to_num(array, nan=0) if array.dtype.kind == "f" else array


def _short(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, floats with few digits."""
    if array.dtype.kind != "f":
        return array
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    short = [float(f"{value:.{REQUEST_DIGITS}g}") for value in array.astype("float64").ravel()]
    return np.array(short, dtype=array.dtype).reshape(array.shape)


def _json(array: NDArray[Any]) -> Any:
    """An array as JSON has it; a float is the shortest decimal that stands for it in its own type."""
    if array.dtype.kind != "f":
        return array.tolist()
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return np.array([float(str(value)) for value in array.ravel()]).reshape(array.shape).tolist()


def _plain(array: NDArray[Any]) -> Any:
    """An answer as JSON has it, floats with few decimals, text as text."""
    if array.dtype.kind == "f":
        return array.astype("float64").round(RESPONSE_DIGITS).tolist()
    if array.dtype.kind in "SO" and array.ndim == 1:
        return [each.decode() if isinstance(each, bytes) else each for each in array]
    return array.tolist()
