"""Holding a part of the data out, where nobody has said which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.data.dataset import digests_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

ONE_IN = 5
"""Of so many examples one is held out."""

TENTHS = 10
"""Parts of equal size that numbers are divided into by their size, where there are enough of them."""

OF_CLASSES = "of each class one example in five is held out, chosen by the digest of its inputs, whatever the seed"
OF_NUMBERS = (
    "of each tenth of the targets one example in five is held out, chosen by the digest of its inputs, "
    "whatever the seed"
)


def held_out(inputs: Mapping[str, NDArray[Any]], targets: NDArray[Any], *, classes: bool) -> NDArray[Any]:
    """Which examples are held out: a mask.

    The digest of an example's inputs decides, so their order doesn't, and equal inputs stand on one side. Of each
    class, or of each tenth of the numbers, the same share is held out, of two different examples or more at least one.

    Args:
        inputs: Arrays [examples, …].
        targets: Classes [examples], or numbers.
        classes: Which of the two.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    kinds = targets if classes else _tenths(targets)
    kind_of: dict[bytes, int] = {}
    digests = list(digests_of(inputs))
    for digest, kind in zip(digests, kinds.tolist(), strict=True):
        kind_of[digest] = min(kind, kind_of.get(digest, kind))
    ranked: dict[int, list[bytes]] = {}
    for digest in sorted(kind_of):
        ranked.setdefault(kind_of[digest], []).append(digest)
    chosen = {
        digest
        for members in ranked.values()
        if len(members) > 1
        for digest in members[: max(1, len(members) // ONE_IN)]
    }
    return np.array([digest in chosen for digest in digests], dtype=bool)


def _tenths(targets: NDArray[Any]) -> NDArray[Any]:
    """The part that each number belongs to, by its size; all to one where they are few, or no single numbers."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    parts = min(TENTHS, len(targets) // (2 * ONE_IN)) if targets.ndim == 1 else 1
    edges = np.quantile(targets, np.arange(1, parts) / parts) if parts > 1 else np.zeros(0)
    return np.searchsorted(edges, targets, side="right") if targets.ndim == 1 else np.zeros(len(targets), dtype=int)
