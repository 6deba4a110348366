"""Measuring a model on held-out data: plain numbers in nested dictionaries, as they go into ``release.json``.

The names, which a gate uses as well (``perClass.3.recall``):

    loss              mean cross-entropy in nats
    accuracy          the share of examples whose likeliest class is the right one
    examples          how many examples were held out
    macro             precision, recall and f1, each the plain mean over the classes
    perClass.<class>  precision, recall, f1, support (the class' number of examples)
    confusionMatrix   a row for each true class, a column for each predicted one

A share whose denominator is 0 (precision of a class that is never predicted) is 0, as scikit-learn has it. A number
that isn't finite (a loss after training diverged) is None, since JSON has no other way to say it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def classification(logits: NDArray[Any], labels: NDArray[Any]) -> dict[str, Any]:
    """The metrics of a classifier.

    Args:
        logits: Unscaled scores [examples, classes].
        labels: The true classes, whole numbers [examples], at least one.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    classes = logits.shape[1]
    matrix = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(matrix, (labels, logits.argmax(axis=1)), 1)
    right, predicted, support = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    per_class = {
        str(label): _scores(int(right[label]), int(predicted[label]), int(support[label])) for label in range(classes)
    }
    return {
        "loss": _finite(_cross_entropy(logits, labels)),
        "accuracy": int(right.sum()) / len(labels),
        "examples": len(labels),
        "macro": {
            name: math.fsum(scores[name] for scores in per_class.values()) / classes
            for name in ("precision", "recall", "f1")
        },
        "perClass": per_class,
        "confusionMatrix": matrix.tolist(),
    }


def table(metrics: Mapping[str, Any]) -> str:
    """The per-class scores as lines for a person, a class a line."""
    lines = ["class  precision  recall      f1  support"]
    lines += [
        f"{label:>5}  {scores['precision']:9.4f}  {scores['recall']:6.4f}  {scores['f1']:6.4f}  {scores['support']:7}"
        for label, scores in metrics["perClass"].items()
    ]
    macro = metrics["macro"]
    lines.append(
        f"macro  {macro['precision']:9.4f}  {macro['recall']:6.4f}  {macro['f1']:6.4f}  {metrics['examples']:7}"
    )
    return "\n".join(lines)


def _scores(right: int, predicted: int, support: int) -> dict[str, float | int]:
    return {
        "precision": right / predicted if predicted else 0.0,
        "recall": right / support if support else 0.0,
        "f1": 2 * right / (predicted + support) if predicted + support else 0.0,
        "support": support,
    }


def _cross_entropy(logits: NDArray[Any], labels: NDArray[Any]) -> float:
    """The mean negative log-probability of the true class, by the log-sum-exp that can't overflow."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    of_truth = shifted[np.arange(len(labels)), labels]
    return float((np.log(np.exp(shifted).sum(axis=1)) - of_truth).mean())


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
