"""The parity check: exported files answer what the trained model answers, or the export fails.

The same held-out inputs go through the Keras model and through the exported files, read back by a program of their own
(``trainer.formats``). The largest difference of any output goes into the record, with the name of the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.formats.base import Exported, Trained

    Array = NDArray[Any]

TOLERANCE = 1e-4
"""The largest difference of two probabilities, or of two numbers measured by the size of the larger answers."""

EXAMPLES = 256
"""Held-out examples that are compared."""

LIST = 2
"""Dimensions of an output that lists several for each example, such as the items that are recommended."""

FIX = "This is a fault of the conversion: export another format, and tell us of the network."


def demand(trained: Trained, exported: Exported, model_format: str) -> dict[str, Any]:
    """Hold exported files against the trained model.

    Numbers within 1, such as probabilities, are compared as they are; larger ones by the largest of them. Whole numbers
    and text (classes, items) have to be the same, but where their scores are so near one another that either may win.

    Returns:
        What the record says of it, JSON-able: the largest difference, how many examples, who judged.

    Raises:
        AnswerIsNoError: They answer otherwise, or an output is missing; nothing is exported then.
    """
    inputs = sample(trained.dataset)
    told = {name: _plain(array) for name, array in _answers(trained, inputs).items()}
    found = {name: _plain(array) for name, array in exported.answer(inputs).items()}
    if missing := [name for name in told if name not in found]:
        raise AnswerIsNoError(
            f"the model exported as {model_format} lacks the outputs {', '.join(missing)}; nothing was exported.",
            fix=FIX,
        )
    scores = {name: array for name, array in told.items() if array.dtype.kind == "f"}
    worst = 0.0
    for name, right in told.items():
        apart = _apart(*_by_number(right, found[name], trained.dataset.classes), scores.values())
        if not apart <= TOLERANCE:  # not so where it is no number, either
            raise AnswerIsNoError(
                f"the model exported as {model_format} answers otherwise than the trained one: {name} is off by "
                f"{apart:.2g}, allowed are {TOLERANCE:g}; nothing was exported.",
                fix=FIX,
            )
        worst = max(worst, apart)
    return {
        "largestDifference": float(f"{worst:.3g}"),
        "examples": len(next(iter(inputs.values()))),
        "evaluator": exported.evaluator,
    }


def sample(dataset: Dataset) -> dict[str, Array]:
    """The held-out inputs that are compared."""
    return {name: array[:EXAMPLES] for name, array in dataset.test.inputs.items()}


def _answers(trained: Trained, inputs: Mapping[str, Array]) -> dict[str, Array]:
    from trainer.network import tensors  # noqa: PLC0415 (only here)

    answers = trained.model.predict(tensors(inputs), batch_size=EXAMPLES, verbose=0)
    return dict(answers)


def _plain(array: Array) -> Array:
    """Texts as text: TensorFlow gives bytes."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if array.dtype.kind not in "OSU":
        return array
    texts = [each.decode() if isinstance(each, bytes) else str(each) for each in array.ravel()]
    return np.array(texts, dtype=object).reshape(array.shape)


def _by_number(right: Array, found: Array, classes: Sequence[str]) -> tuple[Array, Array]:
    """Classes that are told by their names, by their numbers."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    both = (right, found)
    if any(array.dtype.kind != "O" or array.ndim != 1 or not set(array) <= set(classes) for array in both):
        return both
    first, second = (np.array([classes.index(name) for name in array], dtype="int64") for array in both)
    return first, second


def _apart(right: Array, found: Array, scores: Iterable[Array]) -> float:
    """How far two answers are apart; infinity where they can't be compared, or are other words or whole numbers."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if right.shape != found.shape or _sort(right) != _sort(found):
        return float("inf")
    if right.dtype.kind == "f":
        scale = max(1.0, float(np.abs(right).max(initial=0.0)))
        return float(np.abs(right.astype("float64") - found.astype("float64")).max(initial=0.0)) / scale
    candidates = list(scores)
    for place in map(tuple, np.argwhere(right != found)):
        if not any(_tied(right, found, place, each) for each in candidates):
            return float("inf")
    return 0.0


def _sort(array: Array) -> str:
    """Whether an array holds real numbers, whole ones (of any size), truths or text."""
    return {"u": "i"}.get(array.dtype.kind, array.dtype.kind)


def _tied(right: Array, found: Array, place: tuple[int, ...], scores: Array) -> bool:
    """Whether two different answers for one example have scores so near that either may win.

    A class of an example is told by its number, and its score stands in that column. A list has a score at each place,
    and near scores may have changed places; at the list's end, with what isn't in it any more.
    """
    example = place[0]
    if right.ndim == 1:
        columns = (right[example], found[example])
        if scores.ndim != LIST or right.dtype.kind not in "iu" or not all(0 <= at < scores.shape[1] for at in columns):
            return False
        first, second = (float(scores[example, at]) for at in columns)
    elif scores.shape == right.shape and right.ndim == LIST:
        others = (right[example] == found[place]).nonzero()[0]
        first = float(scores[place])
        second = float(scores[example, others[0] if len(others) else -1])
    else:
        return False
    return abs(first - second) <= TOLERANCE * max(1.0, abs(first))
