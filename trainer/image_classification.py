"""``image-classification``: which of a few classes a small grey image belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend, evaluate
from trainer.task import Endpoint, Task

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset

HIDDEN = 128
"""Units of the hidden layer."""

DROPOUT = 0.2
"""The share of hidden units that each training step leaves out."""


def network(dataset: Dataset) -> Any:
    """The reference network: flatten, dense 128 ReLU, dropout 0.2, dense logits (one a class)."""
    layers = backend.keras().layers
    return backend.keras().Sequential(
        [
            layers.Input(dataset.train_inputs.shape[1:], dtype="float32"),
            layers.Flatten(),
            layers.Dense(HIDDEN, activation="relu"),
            layers.Dropout(DROPOUT),
            layers.Dense(dataset.classes),
        ]
    )


def loss() -> Any:
    """Cross-entropy of the logits against whole-number labels, in nats."""
    return backend.keras().losses.SparseCategoricalCrossentropy(from_logits=True)


def endpoint(model: Any, dataset: Dataset) -> Endpoint:
    """From ``image`` [batch, height, width] to ``probabilities`` [batch, classes], float32, and ``class``, int64."""
    tf = backend.tensorflow()

    def classify(image: Any) -> dict[str, Any]:
        logits = model(image, training=False)
        return {"probabilities": tf.nn.softmax(logits), "class": tf.argmax(logits, axis=-1, output_type=tf.int64)}

    image = tf.TensorSpec((None, *dataset.train_inputs.shape[1:]), tf.float32, name="image")
    return Endpoint(function=classify, inputs=(image,), weights=tuple(weight.value for weight in model.weights))


IMAGE_CLASSIFICATION = Task(
    name="image-classification",
    summary="tells which class a small grey image belongs to",
    network=network,
    loss=loss,
    endpoint=endpoint,
    evaluate=evaluate.classification,
    headline=("accuracy", "loss"),
    table=evaluate.table,
)
