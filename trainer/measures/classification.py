"""The metrics of classifiers.

The names, which a gate uses as well (``perClass.3.recall``):

    loss              mean cross-entropy in nats
    accuracy          the share of examples whose likeliest class is the right one
    examples          how many examples were held out
    macro             precision, recall and f1, each the plain mean over the classes
    perClass.<class>  precision, recall, f1, support (the class' number of examples)
    confusionMatrix   a row for each true class, a column for each predicted one

The baseline always says the commonest class of the training data.

A share whose denominator is 0 (precision of a class that is never predicted) is 0, as scikit-learn has it. A number
that isn't finite (a loss after training diverged) is None, since JSON has no other way to say it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trainer import backend
from trainer.measures.base import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.measures.base import Raw


def evaluate(dataset: Dataset, raw: Raw) -> dict[str, Any]:
    """The metrics of a network that gives a logit a class, on the held-out part."""
    return of_logits(raw(dataset.test.inputs), dataset.test.targets, dataset.classes)


def baseline(dataset: Dataset) -> dict[str, Any]:
    """What always saying the commonest class of the training data comes to on the held-out part."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    commonest = int(np.bincount(dataset.train.targets, minlength=len(dataset.classes)).argmax())
    always = np.zeros((len(dataset.test.targets), len(dataset.classes)))
    always[:, commonest] = 1
    measured = of_logits(always, dataset.test.targets, dataset.classes)
    return {"accuracy": measured["accuracy"], "macro": measured["macro"]}


def answer(logits: Any) -> dict[str, Any]:
    """What a server gives: ``probabilities`` [batch, classes], float32, and ``class`` [batch], int64."""
    keras = backend.keras()
    return {
        "probabilities": keras.layers.Softmax(dtype="float32")(logits),
        "class": keras.ops.cast(keras.ops.argmax(logits, axis=-1), "int64"),
    }


def answer_of_probabilities(probabilities: Any) -> dict[str, Any]:
    """The same of a network that gives probabilities already."""
    keras = backend.keras()
    return {
        "probabilities": keras.ops.cast(probabilities, "float32"),
        "class": keras.ops.cast(keras.ops.argmax(probabilities, axis=-1), "int64"),
    }


def loss(dataset: Dataset) -> Any:  # noqa: ARG001 (what every task is asked)
    """Cross-entropy of the logits against whole-number labels, in nats, as Keras has it."""
    return backend.keras().losses.SparseCategoricalCrossentropy(from_logits=True)


def of_logits(logits: NDArray[Any], labels: NDArray[Any], names: Sequence[str]) -> dict[str, Any]:
    """The metrics of a classifier.

    Args:
        logits: Unscaled scores [examples, classes].
        labels: The true classes, whole numbers [examples], at least one.
        names: What the classes are called, in their order.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    classes = logits.shape[1]
    matrix = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(matrix, (labels, logits.argmax(axis=1)), 1)
    right, predicted, support = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)
    per_class = {
        name: _of_class(int(right[label]), int(predicted[label]), int(support[label]))
        for label, name in enumerate(names)
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
    rows = [*metrics["perClass"].items(), ("macro", {**metrics["macro"], "support": metrics["examples"]})]
    width = max(5, *(len(label) for label, _ in rows))
    lines = [f"{'class':>{width}}  precision  recall      f1  support"]
    for label, found in rows:
        shares = f"{found['precision']:9.4f}  {found['recall']:6.4f}  {found['f1']:6.4f}"
        lines.append(f"{label:>{width}}  {shares}  {found['support']:7}")
    return "\n".join(lines)


def _of_class(right: int, predicted: int, support: int) -> dict[str, float | int]:
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


MEASURE = Measure(id="classification", evaluate=evaluate, baseline=baseline, headline=("accuracy", "loss"), table=table)
