"""The held-out examples that a model gets wrong, for a person who wants to look at them.

Examples are named by their number in the held-out part, from 0: what they hold may be private, and isn't told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.measures import classification, regression

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset

MOST = 100
"""Examples that are told of, so that a record stays small."""

DIGITS = 4
"""Decimals of a confidence."""


def mistakes(kind: str, dataset: Dataset, raw: NDArray[Any]) -> dict[str, Any] | None:
    """The worst mistakes, as JSON has them; None where the kind of metrics knows no single right answer.

    Of classes ``wrong`` is how many are mistaken, and ``worst`` those that the model is surest of: ``example``,
    ``true``, ``predicted``, ``confidence`` (its probability). Of numbers ``worst`` are those that are furthest off:
    ``example``, ``true``, ``predicted``.

    Args:
        kind: The id of the measure.
        dataset: Whose held-out part was asked about.
        raw: The network's raw outputs for it.
    """
    if kind == classification.MEASURE.id:
        return _of_classes(raw, dataset.test.targets, dataset.classes)
    return _of_numbers(raw, dataset.test.targets) if kind == regression.MEASURE.id else None


def _of_classes(logits: NDArray[Any], labels: NDArray[Any], names: tuple[str, ...]) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    confidence = 1 / np.exp(shifted).sum(axis=1)
    predicted = logits.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MOST]
    return {
        "wrong": len(wrong),
        "worst": [
            {
                "example": int(index),
                "true": names[labels[index]],
                "predicted": names[predicted[index]],
                "confidence": round(float(confidence[index]), DIGITS),
            }
            for index in worst
        ],
    }


def _of_numbers(raw: NDArray[Any], targets: NDArray[Any]) -> dict[str, Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    said = raw.reshape(len(targets)).astype(np.float64)
    worst = np.argsort(-np.abs(said - targets), kind="stable")[:MOST]
    return {
        "worst": [
            {"example": int(index), "true": float(targets[index]), "predicted": float(f"{said[index]:.6g}")}
            for index in worst
        ]
    }
