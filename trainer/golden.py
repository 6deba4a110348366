"""The golden pair: a small real request and the answer of the exported files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.model.artifact import Golden

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.export import Exported

EXAMPLES = 2
"""Enough to show a batch and that the model tells things apart, few enough to read."""

REQUEST_DIGITS = 3
"""Decimals of the inputs: the request is what is rounded, so the answer to it is exact."""

RESPONSE_DIGITS = 6
"""Decimals of the outputs, about what float32 holds."""


def golden(exported: Exported, dataset: Dataset) -> Golden:
    """Ask the exported model about the first held-out examples that differ in their class."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    _, first_of_class = np.unique(dataset.test_labels, return_index=True)
    chosen = dataset.test_inputs[np.sort(first_of_class)[:EXAMPLES]]
    (tensor,) = exported.signature.inputs
    request = {tensor.name: _plain(chosen, REQUEST_DIGITS)}
    response = {name: _plain(value, RESPONSE_DIGITS) for name, value in exported.answer(request).items()}
    return Golden(request, response)


def _plain(array: NDArray[Any], digits: int) -> Any:
    """An array as JSON has it, floats with few decimals."""
    return array.astype("float64").round(digits).tolist() if array.dtype.kind == "f" else array.tolist()
