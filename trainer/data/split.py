"""Holding a part of the data out, where nobody has said which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.data.dataset import digests_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

ONE_IN = 5
"""Of so many examples one is held out."""

OF_CLASSES = "of each class one example in five is held out, chosen by the digest of its inputs, whatever the seed"
OF_ALL = "one example in five is held out, chosen by the digest of its inputs, whatever the seed"


def held_out(inputs: Mapping[str, NDArray[Any]], labels: NDArray[Any] | None) -> NDArray[Any]:
    """Which examples are held out: a mask.

    The digest of an example decides, so the order of the examples doesn't, and equal examples stand on one side. Of
    each class the same share is held out, of two examples or more at least one.

    Args:
        inputs: Arrays [examples, …].
        labels: The classes [examples]; None where targets are numbers.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    digests = list(digests_of(inputs))
    kinds = np.zeros(len(digests), dtype=int) if labels is None else labels
    mask = np.zeros(len(digests), dtype=bool)
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        ranked = sorted({digests[index] for index in members})
        chosen = set(ranked[: max(1, len(ranked) // ONE_IN) if len(ranked) > 1 else 0])
        mask[[index for index in members if digests[index] in chosen]] = True
    return mask
