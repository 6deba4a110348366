"""The named tables: real data in columns, inside installed packages."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from generator.errors import missing_extra
from trainer.data import split
from trainer.data.base import Source
from trainer.data.dataset import Dataset, Examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FEATURES = "features"
"""The input of data whose columns all hold numbers: [examples, columns]."""

LICENCES = {
    "breast-cancer": "Breast Cancer Wisconsin (Diagnostic) by W. Wolberg, O. Mangasarian, N. Street and W. Street, "
    "UCI Machine Learning Repository, CC BY 4.0",
    "wine": "Wine by S. Aeberhard and M. Forina, UCI Machine Learning Repository, CC BY 4.0",
    "diabetes": "Diabetes by B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (Least Angle Regression, 2004), "
    "shipped with scikit-learn (BSD 3-Clause); the authors state no terms of their own",
}


def numbers(name: str, loader: str, target: str, *, classes: bool, **options: Any) -> Dataset:
    """A table of scikit-learn whose columns all hold numbers.

    Args:
        name: Ours.
        loader: The function of ``sklearn.datasets``.
        target: What is learned.
        classes: Whether that is a class; else it is a number.
        options: Of the function.

    Raises:
        InputError: scikit-learn is not installed.
    """
    try:
        from sklearn import datasets  # noqa: PLC0415 (heavy, and an extra)
    except ModuleNotFoundError as error:
        raise missing_extra("train", f"the data '{name}'") from error
    raw = getattr(datasets, loader)(**options)
    names = tuple(str(each) for each in raw.target_names) if classes else ()
    targets = raw.target.astype("int64" if classes else "float32")
    return matrix(name, raw.data.astype("float32"), targets, names, columns=raw.feature_names, target=target)


def matrix(
    name: str,
    features: NDArray[Any],
    targets: NDArray[Any],
    classes: Sequence[str],
    *,
    columns: Sequence[str],
    target: str,
) -> Dataset:
    """Data of one matrix, a fifth of them held out."""
    inputs = {FEATURES: features}
    test = split.held_out(inputs, targets, classes=bool(classes))
    return Dataset(
        name=name,
        train=Examples(inputs={FEATURES: features[~test]}, targets=targets[~test]),
        test=Examples(inputs={FEATURES: features[test]}, targets=targets[test]),
        classes=tuple(classes),
        split=split.OF_CLASSES if classes else split.OF_NUMBERS,
        licence=LICENCES[name],
        packages=("scikit-learn",),
        notes=described([(str(column), FEATURES, "number") for column in columns], target),
    )


def described(columns: Sequence[tuple[str, str, str]], target: str) -> dict[str, Any]:
    """The notes of data in columns: each column's name, the input that takes it, and whether it holds numbers.

    Where several columns go into one input they stand in its order.
    """
    return {
        "columns": [{"name": name, "input": given, "kind": kind} for name, given, kind in columns],
        "target": target,
    }


SOURCES = (
    Source(
        name="diabetes",
        summary="442 patients, 10 numbers each, and how far the disease went in a year; in scikit-learn, no network",
        load=functools.partial(numbers, "diabetes", "load_diabetes", "progression", classes=False, scaled=False),
    ),
    Source(
        name="breast-cancer",
        summary="569 tumours, 30 numbers each, malignant or benign; in scikit-learn, no network",
        load=functools.partial(numbers, "breast-cancer", "load_breast_cancer", "diagnosis", classes=True),
    ),
    Source(
        name="wine",
        summary="178 wines of three growers, 13 numbers each; in scikit-learn, no network",
        load=functools.partial(numbers, "wine", "load_wine", "grower", classes=True),
    ),
)
