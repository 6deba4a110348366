"""The parity check: exported files answer what the trained model answers, or the export fails.

The same held-out inputs go through the Keras model and through the exported files, read back by a program of their own
(``trainer.formats``). The largest difference of any output goes into the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.formats.base import Exported, Trained

TOLERANCE = 1e-4
"""The largest difference of two probabilities, or of two numbers measured by the size of the larger answers."""

EXAMPLES = 256
"""Held-out examples that are compared."""


def difference(trained: Trained, exported: Exported, model_format: str) -> float:
    """The largest difference between what the trained model and the exported files answer.

    Probabilities and scores within 1 are compared as they are; larger numbers by the largest of them. Whole numbers and
    text (classes, items) have to be the same, but where two answers are so near one another that either may win.

    Raises:
        AnswerIsNoError: It is over the tolerance, or an output is missing; nothing is exported then.
    """
    inputs = sample(trained.dataset)
    told = _answers(trained, inputs)
    found = exported.answer(inputs)
    missing = [name for name in told if name not in found]
    if missing:
        raise AnswerIsNoError(
            f"the model exported as {model_format} lacks the outputs {', '.join(missing)}; nothing was exported.",
            fix="This is a fault of the conversion: export another format, and tell us of the network.",
        )
    worst = 0.0
    for name, right in told.items():
        worst = max(worst, _apart(right, found[name]))
    if not worst <= TOLERANCE:
        raise AnswerIsNoError(
            f"the model exported as {model_format} answers otherwise than the trained one: the largest difference is "
            f"{worst:.2g}, allowed are {TOLERANCE:g}; nothing was exported.",
            fix="This is a fault of the conversion: export another format, and tell us of the network.",
        )
    return worst


def sample(dataset: Dataset) -> dict[str, NDArray[Any]]:
    """The held-out inputs that are compared."""
    return {name: array[:EXAMPLES] for name, array in dataset.test.inputs.items()}


def _answers(trained: Trained, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    from trainer.network import tensors  # noqa: PLC0415 (only here)

    answers = trained.model.predict(tensors(inputs), batch_size=EXAMPLES, verbose=0)
    return dict(answers)


def _apart(right: NDArray[Any], found: NDArray[Any]) -> float:
    """How far two answers are apart; infinity where they can't be compared."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if right.shape != found.shape:
        return float("inf")
    if right.dtype.kind != "f":
        return 0.0
    scale = max(1.0, float(np.abs(right).max(initial=0.0)))
    return float(np.abs(right.astype("float64") - found.astype("float64")).max(initial=0.0)) / scale
