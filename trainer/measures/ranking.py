"""The metrics of rankings: what is recommended to a user, held against what the user liked and nobody was told of.

Every item that the user hasn't rated in training is a candidate: all of them are ranked, none is sampled. The names,
which a gate uses as well:

    hitRate   the share of users of whose held-out items at least one is among the first k
    ndcg      the mean over users of the discounted gain of the first k, as a share of the best possible one
    k         how many are recommended
    items     how many items are ranked, before a user's own are left out
    examples  how many users have something held out

The baseline recommends to everyone what most have liked, without what the user has rated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.measures.base import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.measures.base import Raw

K = 10
"""How many items are recommended."""

SHARES = ("hitRate", "ndcg")


def evaluate(dataset: Dataset, raw: Raw) -> dict[str, Any]:
    """The metrics of a network that scores each item [users, items], those that a user has rated below all others."""
    return of_scores(raw(dataset.test.inputs), dataset.test.targets)


def baseline(dataset: Dataset) -> dict[str, Any]:
    """What recommending the most liked items comes to."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    (users,), (tested,) = dataset.train.inputs.values(), dataset.test.inputs.values()
    own = dataset.train.targets[np.searchsorted(users, tested)]
    measured = of_scores(np.where(own != 0, -1, liked(dataset)), dataset.test.targets)
    return {name: measured[name] for name in SHARES}


def liked(dataset: Dataset) -> NDArray[Any]:
    """How many users like each item, by the training data [items]."""
    count: NDArray[Any] = (dataset.train.targets > 0).sum(axis=0)
    return count


def of_scores(scores: NDArray[Any], held_out: NDArray[Any], k: int = K) -> dict[str, Any]:
    """The metrics of scores; equal ones rank in the items' order.

    Args:
        scores: More is better [users, items].
        held_out: Above 0 where the user liked the item [users, items], at least one a user.
        k: How many are recommended.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    first = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    hits = np.take_along_axis(held_out > 0, first, axis=1)
    gains = 1 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(gains)[np.minimum((held_out > 0).sum(axis=1), k) - 1]
    return {
        "hitRate": float(hits.any(axis=1).mean()),
        "ndcg": float(((hits * gains[: hits.shape[1]]).sum(axis=1) / best).mean()),
        "k": k,
        "items": scores.shape[1],
        "examples": len(scores),
    }


def table(metrics: Mapping[str, Any]) -> str:
    """The metrics beside the baseline's as lines for a person, a metric a line."""
    lines = [f"{'':>12}  {'model':>8}  most liked"]
    for name in SHARES:
        model, other = metrics[name], metrics["baseline"][name]
        shown = f"{name}@{metrics['k']}"
        lines.append(f"{shown:>12}  {model:8.4f}  {other:10.4f}")
    return "\n".join(lines)


MEASURE = Measure(id="ranking", evaluate=evaluate, baseline=baseline, headline=SHARES, table=table)
