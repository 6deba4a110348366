"""``text-classification``: which class a text belongs to, such as a praise or a complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend
from trainer.data.dataset import TEXT
from trainer.measures import classification
from trainer.network import Network, tensors
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset
    from trainer.settings import Settings

VOCABULARY = 20_000
"""Words and pairs of neighbouring words that are known, the commonest of the training texts."""

LENGTH = 512
"""Words and pairs of a text that are looked at: a text of 256 words whole, of a longer one its words first."""

WIDTH = 32
"""Numbers that stand for a word."""

DROPOUT = 0.5
"""The share of them that each training step leaves out."""


def check(dataset: Dataset) -> None:
    """One input of texts, none of them empty, and classes.

    Raises:
        InputError: They aren't.
    """
    (name, texts), *more = dataset.train.inputs.items()
    if more or texts.ndim != 1 or texts.dtype.kind not in TEXT or not dataset.classes:
        held = "nothing" if not dataset.train.inputs else ", ".join(dataset.train.inputs)
        raise dataset.refusal(
            "these are no texts with classes.",
            f"text-classification wants one input of texts and a class for each text; the inputs are {held}. "
            "Of data in columns, model.train.features names the text's.",
        )
    for part, examples in (("training", dataset.train), ("held-out", dataset.test)):
        empty = [index for index, text in enumerate(examples.inputs[name].tolist()) if not text.strip()]
        if empty:
            others = f", and {len(empty) - 1} more" if len(empty) > 1 else ""
            raise dataset.refusal(
                f"{part} text {empty[0] + 1} is empty{others}.", "Leave such examples out; they say nothing."
            )


def network(dataset: Dataset, settings: Settings) -> Network:  # noqa: ARG001 (what every task is asked)
    """Words and pairs of words as vectors, their mean, dense logits (one a class).

    A server takes texts [batch] and gives ``probabilities`` [batch, classes], float32, and ``class`` [batch], int64.
    Case and punctuation are dropped and words looked up inside the graph. Words that aren't known share one vector; a
    text without any word is answered by what is left, about the classes' shares.
    """
    keras = backend.keras()
    layers = keras.layers
    (name,) = dataset.train.inputs
    words = layers.TextVectorization(max_tokens=VOCABULARY, ngrams=2, output_sequence_length=LENGTH, name="words")
    words.adapt(tensors(dataset.train.inputs)[name])
    text = keras.Input((), dtype="string", name=name)
    return Network(
        prepare=keras.Model({name: text}, words(text)),
        body=_body(words.vocabulary_size(), len(dataset.classes)),
        answer=classification.answer,
    )


def _body(words: int, classes: int) -> Any:
    """From the numbers of a text's words [batch, words], 0 where it has no more, to logits [batch, classes]."""
    keras = backend.keras()
    layers, ops = keras.layers, keras.ops
    numbers = keras.Input((LENGTH,), dtype="int64")
    vectors = layers.Dropout(DROPOUT)(layers.Embedding(words, WIDTH)(numbers))
    there = ops.expand_dims(ops.cast(ops.not_equal(numbers, 0), vectors.dtype), -1)
    # Keras' own pooling with a mask divides 0 by 0 for a text without a word.
    mean = ops.sum(vectors * there, axis=1) / ops.maximum(ops.sum(there, axis=1), 1)
    return keras.Model(numbers, layers.Dense(classes)(mean))


TASK = Task(
    id="text-classification",
    summary="tells which class a text belongs to, such as praise or complaint",
    data="food-reviews",
    gate=(("accuracy", "> baseline + 0.1"), ("macro.f1", ">= 0.7")),
    measure=classification.MEASURE,
    check=check,
    network=network,
    loss=classification.loss,
    epochs=10,
)
