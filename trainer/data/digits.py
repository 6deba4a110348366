"""``digits``: the 1,797 handwritten digits that scikit-learn ships, as 28 by 28 images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import missing_extra
from trainer.data.dataset import Dataset, Examples, named, pixels_to_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 28
"""Pixels a side, as in MNIST, so that one network fits both."""

DEEPEST = 16
"""The largest value of a pixel in scikit-learn's digits (each counts the set points in a block of 4 by 4)."""

HELD_OUT = 5
"""Of each class, every fifth example in the data's own order is held out."""

SPLIT = (
    "of each class every fifth example in the data's own order is held out, whatever the seed; "
    "the 13 writers are not told apart in the data, so they stand on both sides"
)

LICENCE = (
    "Optical Recognition of Handwritten Digits by E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0"
)


def load() -> Dataset:
    """Read the digits from the installed scikit-learn.

    Raises:
        InputError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits  # noqa: PLC0415 (heavy, and an extra)
    except ModuleNotFoundError as error:
        raise missing_extra("train", "the data 'digits'") from error
    raw = load_digits()
    images = pixels_to_unit(enlarge(raw.images))
    labels = raw.target.astype("int64")
    test = held_out(labels)
    return Dataset(
        name="digits",
        train=Examples(inputs={"image": images[~test]}, targets=labels[~test]),
        test=Examples(inputs={"image": images[test]}, targets=labels[test]),
        classes=named(10),
        split=SPLIT,
        licence=LICENCE,
        packages=("scikit-learn",),
    )


def enlarge(images: NDArray[Any]) -> NDArray[Any]:
    """8 by 8 images with values to 16 as 28 by 28 images with whole values to 255, each pixel the nearest old one.

    Whole numbers, so that the data are the same on every machine. The nearest pixel and not a blend: in a four-fold
    cross-validation within the training data (three seeds) it was 0.3 to 1.5 points of accuracy better at every epoch.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    nearest = np.arange(SIDE) * images.shape[1] // SIDE
    values = images.astype(np.int64)[:, nearest][:, :, nearest]
    return (values * 255 + DEEPEST // 2) // DEEPEST


def held_out(labels: NDArray[Any]) -> NDArray[Any]:
    """Which examples are held out: a mask, the same share of each class, independent of any seed."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    mask = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        mask[of_class[HELD_OUT - 1 :: HELD_OUT]] = True
    return mask
