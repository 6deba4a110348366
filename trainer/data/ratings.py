"""Ratings: who thought what of which item, and when, made into data to learn recommendations from.

An example is a user. The input is the user's id; the target is a row with a column for each item: ``LIKED``,
``NOT_LIKED``, or 0 where the user has no rating of it. Liked is what has at least the median of all ratings, so any
scale will do, and where there is one value alone (bought, seen) all is liked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place
from trainer.data.dataset import Dataset, Examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

USER, ITEM, RATING, TIME = "user", "item", "rating", "time"
"""What a row has; the user is the input."""

LIKED, NOT_LIKED = 1, -1
"""What a rating comes to."""

HELD_OUT = 5
"""Of what a user liked, the last fifth is held out."""

BY_TIME = (
    "of what each user liked, the last fifth in time is held out, at least one of two; what was rated twice counts as "
    "rated last"
)
BY_CHANCE = (
    "of what each user liked, a fifth is held out, chosen by the digest of both ids, whatever the seed, since the "
    "ratings have no time; what was rated twice counts as rated last"
)

EXACT = 2**53
"""Up to here float64, which files are read as, holds every whole number."""

MOST_CELLS = 50_000_000
"""Users times items: each is a byte of the model, and 4 bytes and more of memory while it is trained."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratings:
    """Ratings, one a row.

    Attributes:
        user: Ids, whole numbers [ratings].
        item: Ids, whole numbers [ratings].
        rating: Numbers [ratings], more is better.
        time: Numbers [ratings], later is more; None where nobody noted it.
        place: Where a column of a row stands, for messages; None where nobody could mend it.
    """

    user: NDArray[Any]
    item: NDArray[Any]
    rating: NDArray[Any]
    time: NDArray[Any] | None = None
    place: Callable[[int, str], Place] | None = None


def dataset(
    name: str,
    ratings: Ratings,
    *,
    licence: str,
    packages: tuple[str, ...] = (),
    notes: Mapping[str, Any] | None = None,
    origin: str = "",
) -> Dataset:
    """Training data from ratings.

    Args:
        name: Of the data set.
        ratings: At least one.
        licence: As ``Dataset`` has it; so are ``packages`` and ``origin``.
        packages: See there.
        notes: What the record says beside the numbers of ratings, users and items.
        origin: See there.

    Raises:
        InputError: A value isn't fit, or there are too many users and items; the message names the place.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    _demand(ratings)
    last = _last(ratings)
    users, user = np.unique(ratings.user[last].astype(np.int64), return_inverse=True)
    items, item = np.unique(ratings.item[last].astype(np.int64), return_inverse=True)
    if len(users) * len(items) > MOST_CELLS:
        raise InputError(
            f"{len(users):,} users times {len(items):,} items are more than {MOST_CELLS:,}.",
            fix="Leave out the users and the items with the fewest ratings; little could be learned of them.",
            place=Place(origin) if origin else None,
        )
    rating = ratings.rating[last]
    from_ = float(np.median(rating))
    liked = rating >= from_
    order = np.arange(len(last)) if ratings.time is not None else _digests(users[user], items[item])
    test = _held_out(user, liked, order)
    target = np.zeros((len(users), len(items)), dtype=np.int8)
    target[user[~test], item[~test]] = np.where(liked[~test], LIKED, NOT_LIKED)
    held = np.zeros_like(target)
    held[user[test], item[test]] = LIKED
    tested = held.any(axis=1)
    return Dataset(
        name=name,
        train=Examples(inputs={USER: users}, targets=target),
        test=Examples(inputs={USER: users[tested]}, targets=held[tested]),
        classes=(),
        items=items,
        split=BY_CHANCE if ratings.time is None else BY_TIME,
        licence=licence,
        packages=packages,
        notes={
            **(notes or {}),
            "ratings": len(last),
            "users": len(users),
            "items": len(items),
            "likedFrom": from_,
        },
        origin=origin,
    )


def _demand(ratings: Ratings) -> None:
    """Ids are whole, numbers are finite."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    columns = {USER: ratings.user, ITEM: ratings.item, RATING: ratings.rating, TIME: ratings.time}
    for name, column in columns.items():
        if column is None:
            continue
        if column.dtype.kind not in "iuf":
            row = next(row for row, text in enumerate(column.tolist()) if not _is_number(text))
            raise _refusal(ratings, name, row, f"the {name} '{column[row]}' is no number.")
        broken = np.flatnonzero(~np.isfinite(column))
        if broken.size:
            raise _refusal(ratings, name, int(broken[0]), f"there is no {name}.", broken.size - 1)
        if name in (USER, ITEM):
            broken = np.flatnonzero((np.floor(column) != column) | (np.abs(column.astype(np.float64)) > EXACT))
            if broken.size:
                message = f"the {name} {column[broken[0]]:.17g} is no whole number up to 2^53."
                raise _refusal(ratings, name, int(broken[0]), message, broken.size - 1)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refusal(ratings: Ratings, column: str, row: int, message: str, others: int = 0) -> InputError:
    more = f" There are {others:,} more such rows." if others else ""
    where = ratings.place(row, column) if ratings.place else None
    return InputError(f"{message}{more}", fix="Mend such rows, or leave them out.", place=where)


def _last(ratings: Ratings) -> NDArray[Any]:
    """The rows in the order of time, of each user and item the last one; equal times in the order of the rows."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    rows = len(ratings.rating)
    order = np.arange(rows) if ratings.time is None else np.argsort(ratings.time, kind="stable")
    pairs = np.stack([ratings.user[order], ratings.item[order]], axis=1)[::-1]
    _, first = np.unique(pairs, axis=0, return_index=True)
    kept: NDArray[Any] = order[np.sort(rows - 1 - first)]
    return kept


def _digests(users: NDArray[Any], items: NDArray[Any]) -> NDArray[Any]:
    """A number for each pair of ids that only depends on these."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    pairs = zip(users.tolist(), items.tolist(), strict=True)
    digests = (hashlib.blake2b(f"{user} {item}".encode(), digest_size=8).digest() for user, item in pairs)
    return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64)


def _held_out(user: NDArray[Any], liked: NDArray[Any], rank: NDArray[Any]) -> NDArray[Any]:
    """Which ratings are held out: of each user's liked ones the last fifth by rank, of two or more at least one."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    chosen = np.flatnonzero(liked)
    ordered = chosen[np.lexsort((rank[chosen], user[chosen]))]
    mask = np.zeros(len(user), dtype=bool)
    bounds = np.flatnonzero(np.diff(user[ordered])) + 1
    for own in np.split(ordered, bounds):
        count = max(1, len(own) // HELD_OUT) if len(own) > 1 else 0
        mask[own[len(own) - count :]] = True
    return mask
