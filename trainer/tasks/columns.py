"""What the tasks on columns share: their inputs, and the network's part that takes them as a client sends them.

Inside the exported graph, so that no client repeats it:

    a number    less its mean over the training data, divided by its standard deviation; a missing one (NaN) counts as
                the mean
    a category  one of those seen in training, as a row of one 1 and else 0; a missing one (empty text) and one that
                wasn't seen are all 0
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend
from trainer.data.dataset import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset

HIDDEN = (32,)
"""Units of each hidden layer."""

MOST_CATEGORIES = 1000
"""Different texts in a column; each is an input of the first layer."""


def check(dataset: Dataset, task: str) -> None:
    """Numbers or texts in columns.

    Raises:
        InputError: There is another input, a column without any value, or one whose texts are no categories.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    for name, array in dataset.train.inputs.items():
        if array.ndim > 2 or (array.ndim == 2 and array.dtype.kind in TEXT):  # noqa: PLR2004 (examples, columns)
            raise dataset.refusal(f"{task} takes columns, and the input {name} has {array.ndim} dimensions.", "", name)
        if array.dtype.kind == "f" and (empty := np.isnan(array).all(axis=0)).any():
            column = _column(dataset, name, int(np.flatnonzero(np.atleast_1d(empty))[0]))
            raise dataset.refusal(
                f"no training example has a value in the column {column}.",
                "Leave it out: model.train.features.",
                column,
            )
        if array.dtype.kind in TEXT:
            _demand_categories(dataset, name, array)


def _demand_categories(dataset: Dataset, name: str, array: NDArray[Any]) -> None:
    different = len(categories(array))
    if not different:
        raise dataset.refusal(
            f"no training example has a value in the column {name}.",
            "Leave it out: model.train.features.",
            name,
        )
    if different > MOST_CATEGORIES or (different > len(array) // 2 and different > 2 * len(dataset.classes) + 20):
        raise dataset.refusal(
            f"{different:,} different texts in {len(array):,} training examples of the column {name}: that is a name "
            "or free text, no category.",
            "Leave it out: model.train.features names the columns to learn from.",
            name,
        )


def _column(dataset: Dataset, name: str, index: int) -> str:
    """The name of a column of an input."""
    own = [column["name"] for column in dataset.notes.get("columns", ()) if column["input"] == name]
    return own[index] if index < len(own) else name


def categories(array: NDArray[Any]) -> list[str]:
    """The different texts of a column, in order; a missing one is none."""
    return sorted(set(array.tolist()) - {""})


def prepare(inputs: Mapping[str, NDArray[Any]]) -> Any:
    """A Keras model from the raw inputs by name to the features [batch, …], float32, fixed by the training data.

    Args:
        inputs: The training examples.
    """
    keras = backend.keras()
    # No input has a dot in its name, so the layers' names with one are never an input's.
    given = {
        name: keras.Input(array.shape[1:], dtype="string" if array.dtype.kind in TEXT else str(array.dtype), name=name)
        for name, array in inputs.items()
    }
    parts = [
        _category(name, array, given[name]) if array.dtype.kind in TEXT else _number(name, array, given[name])
        for name, array in inputs.items()
    ]
    return keras.Model(given, parts[0] if len(parts) == 1 else keras.layers.Concatenate(name="all.columns")(parts))


def _number(name: str, array: NDArray[Any], given: Any) -> Any:
    """Numbers of one column or of several, scaled."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    keras = backend.keras()
    columns = array.reshape(len(array), -1).astype(np.float64)
    variance = np.nanvar(columns, axis=0)
    scale = keras.layers.Normalization(
        axis=-1,
        mean=np.nanmean(columns, axis=0),
        variance=np.where(variance > 0, variance, 1),  # a constant column says nothing, and mustn't be blown up
        name=f"{name}.scaled",
    )
    number = keras.ops.cast(given, "float32")
    scaled = scale(number if array.ndim > 1 else keras.ops.expand_dims(number, -1))
    return keras.ops.where(keras.ops.isnan(scaled), 0.0, scaled)


def _category(name: str, array: NDArray[Any], given: Any) -> Any:
    """A column of texts as one of its categories."""
    keras = backend.keras()
    known = categories(array)
    lookup = keras.layers.StringLookup(vocabulary=known, num_oov_indices=1, name=f"{name}.category")
    # Number 0 is what isn't known; its column is left away.
    return keras.ops.one_hot(lookup(given), len(known) + 1)[:, 1:]


def body(features: int, hidden: Sequence[int], outputs: int, *last: Any) -> Any:
    """Dense layers from features [batch, features] to raw outputs.

    A linear model starts from 0, which is the answer of the baseline, and needs few steps from there.

    Args:
        features: How many there are.
        hidden: Units of each hidden layer; none for a linear model.
        outputs: Units of the last dense layer.
        last: The layers after these.
    """
    keras = backend.keras()
    layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
    start = "glorot_uniform" if hidden else "zeros"
    layers.append(keras.layers.Dense(outputs, kernel_initializer=start))
    return keras.Sequential([keras.layers.Input((features,), dtype="float32"), *layers, *last])
