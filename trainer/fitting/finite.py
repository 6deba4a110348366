"""Whether what was learnt is numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset
    from trainer.network import Network


def demand_finite(network: Network, dataset: Dataset) -> None:
    """Do nothing where a trained network answers the held-out examples with numbers.

    Raises:
        AnswerIsNoError: It doesn't.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    raw: Any = network.raw(dataset.test.inputs)
    if not isinstance(raw, np.ndarray):
        return
    broken = np.flatnonzero(~np.isfinite(raw).reshape(len(raw), -1).all(axis=1))
    if not broken.size:
        return
    first = int(broken[0])
    lacking = [
        name for name, array in dataset.test.inputs.items() if array.dtype.kind == "f" and np.isnan(array[first]).any()
    ]
    where = f"; values of {', '.join(lacking)} are missing there" if lacking else ""
    raise AnswerIsNoError(
        f"the network answers {broken.size:,} of {len(raw):,} held-out examples with no finite numbers, the first of "
        f"them is number {first + 1}{where}.",
        fix="Let the network fill in what is missing." if lacking else "Lower the learning rate, or scale the inputs.",
    )
