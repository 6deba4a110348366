"""``recommendation``: which items a user is going to like, of those that the user doesn't know yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer import backend
from trainer.data.ratings import NOT_LIKED
from trainer.measures import ranking
from trainer.network import Network
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.settings import Settings

TASTES = 128
"""Numbers that stand for a user's taste."""

DROPOUT = 0.5
"""The share of what a user liked that each training step hides, so that it is the rest that has to tell of it."""

KNOWN = -1e9
"""What is added to the score of an item that the user has rated."""


def check(dataset: Dataset) -> None:
    """Ratings, of enough items.

    Raises:
        InputError: They aren't.
    """
    items = _items(dataset)
    if len(items) <= ranking.K:
        raise dataset.refusal(
            f"{len(items)} items; {ranking.K} of them are recommended, so more are needed.", "Add ratings."
        )


def network(dataset: Dataset, settings: Settings) -> Network:  # noqa: ARG001 (what every task is asked)
    """From what a user liked, through a narrow layer that stands for taste, to a score of each item.

    A server takes ``user`` [batch], int64, and gives ``items`` [batch, k], int64, the ids of the best ones first, and
    their ``scores`` [batch, k], float32, which compare within a user. What the user has rated is looked up inside the
    graph, and isn't recommended (where fewer than k are left, the rest has scores below ``KNOWN`` / 2). A user that
    isn't known gets what most like.

    Source of the network: D. Liang and others, Variational Autoencoders for Collaborative Filtering (2018), section
    2.2, the denoising autoencoder with a multinomial likelihood.
    """
    ids = _items(dataset)
    ((name, users),) = dataset.train.inputs.items()
    items = len(ids)
    return Network(
        prepare=_history(name, users, dataset.train.targets),
        body=_body(items, ranking.liked(dataset)),
        finish=_unknown(items),
        answer=_best(ids),
    )


def _items(dataset: Dataset) -> NDArray[Any]:
    """The ids of what is recommended; ``InputError`` where nothing is."""
    if dataset.items is None:
        raise dataset.refusal(
            "these are no ratings.", "recommendation wants users, items and ratings; docs/training.md shows both ways."
        )
    return dataset.items


def _history(name: str, users: NDArray[Any], ratings: NDArray[Any]) -> Any:
    """From ids to ratings [batch, items]; of an id that isn't known 0.

    Ids are compared one by one: no table of hashes, which ONNX hasn't.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    keras = backend.keras()
    ops = keras.ops
    user = keras.Input((), dtype="int64", name=name)
    same = ops.equal(ops.expand_dims(user, 1), users[np.newaxis])
    row = ops.sum(ops.where(same, np.arange(1, len(users) + 1, dtype=np.int32)[np.newaxis], 0), axis=1)
    table = keras.layers.Embedding(
        len(users) + 1, ratings.shape[1], "zeros", dtype="uint8", trainable=False, name="ratings"
    )
    table.build()
    # A byte each: Keras takes int8 for a quantized layer, so what is kept counts from 0.
    table.set_weights([np.concatenate([np.zeros_like(ratings[:1]), ratings]) - NOT_LIKED])
    return keras.Model({name: user}, ops.cast(table(row), "float32") + NOT_LIKED)


def _body(items: int, liked: NDArray[Any]) -> Any:
    """From ratings to scores, both [batch, items]: how many like an item, and how this user's taste differs."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    keras = backend.keras()
    layers, ops = keras.layers, keras.ops
    history = keras.Input((items,), dtype="float32")
    own = ops.relu(history)
    length = ops.sqrt(ops.sum(own, axis=1, keepdims=True))
    hidden = layers.Dropout(DROPOUT)(own / ops.maximum(length, 1))
    # Neither layer has a bias of its own: who has no rating gets what most like, and nothing else.
    taste = layers.Dense(TASTES, activation="tanh", use_bias=False)(hidden)
    usual = np.log(liked + 0.5).astype(np.float32)
    scores = layers.Dense(items, use_bias=False)(taste) + (usual - usual.mean())[np.newaxis]
    return keras.Model(history, scores)


def _unknown(items: int) -> Any:
    """The scores of what a user hasn't rated; of what was rated far below."""
    keras = backend.keras()
    history, scores = keras.Input((items,), dtype="float32"), keras.Input((items,), dtype="float32")
    return keras.Model([history, scores], scores + KNOWN * keras.ops.abs(history))


def _best(items: NDArray[Any]) -> Callable[[Any], Mapping[str, Any]]:
    def answer(scores: Any) -> dict[str, Any]:
        ops = backend.keras().ops
        best, number = ops.top_k(scores, ranking.K)
        return {"items": ops.take(items, number, axis=0), "scores": best}

    return answer


def loss(_: Dataset) -> Any:
    """The mean cross-entropy of the scores against what each user liked, in nats an item; 0 of who liked nothing."""
    ops = backend.keras().ops

    class Likes(backend.keras().losses.Loss):  # type: ignore[misc]  # the base class is known at run time only
        def call(self, targets: Any, scores: Any) -> Any:
            liked = ops.relu(ops.cast(targets, scores.dtype))
            each = ops.sum(liked * ops.log_softmax(scores), axis=1)
            return -each / ops.maximum(ops.sum(liked, axis=1), 1)

    return Likes()


TASK = Task(
    id="recommendation",
    summary="tells which items a user is going to like, from users' ratings",
    data="movielens",
    gate=(("hitRate", "> baseline + 0.05"), ("ndcg", "> baseline + 0.01")),
    measure=ranking.MEASURE,
    check=check,
    network=network,
    loss=loss,
    epochs=12,
    learning_rate=0.003,
)
