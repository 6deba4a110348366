"""Traffic arithmetic: percentages into the whole numbers that platforms want, exactly.

A share that is wrong by one is a share that nobody asked for, so the numbers always sum to the total, and the same
percentages always give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HUNDRED = 100
FINEST = 10_000
"""Two decimals of a percentage; routes take weights of up to 1,000,000."""


def apportion(shares: Sequence[Fraction | int], total: int) -> tuple[int, ...]:
    """Whole numbers in the proportion of ``shares`` that sum to ``total``: the largest remainder, the first of equals.

    A share of nothing gets nothing, and one of something gets something where the total allows it (a canary of 0.4 %
    shall not become none).

    Args:
        shares: Numbers from 0 on; not all 0.
        total: What the results sum to, from 1 on.

    Raises:
        ValueError: All shares are 0, or one is below.
    """
    whole = sum(shares, Fraction())
    if whole <= 0 or min(shares) < 0:
        raise ValueError("shares are numbers from 0 on, and not all of them 0")
    exact = [Fraction(share) * total / whole for share in shares]
    given = [int(each) for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (given[index] - exact[index], index))
    for index in by_remainder[: total - sum(given)]:
        given[index] += 1
    for index, share in enumerate(shares):
        if share and not given[index]:
            richest = max(range(len(given)), key=lambda other: given[other])
            if given[richest] > 1:
                given[richest] -= 1
                given[index] = 1
    return tuple(given)


def weights(shares: Sequence[Fraction | int]) -> tuple[int, ...]:
    """Weights for a route: percentages where they are whole numbers, else as fine as the shares are written."""
    fine = all(Fraction(share).denominator == 1 for share in shares) and sum(shares) == HUNDRED
    return apportion(shares, HUNDRED if fine else FINEST)


@dataclass(frozen=True)
class Rule:
    """Requests that go to one variant, whatever the split.

    Attributes:
        variant: Where they go.
        headers: Header to its value; all have to be there.
        cookies: Cookie to its value; all have to be there.
    """

    variant: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True)
class Traffic:
    """Who gets which requests, told without any platform.

    Attributes:
        split: Variant to its share of what no rule takes, in percent; they sum to 100. Empty for a graph of models.
        rules: The first that fits holds.
        mirror: The variant that gets copies, and of how many percent of the requests.
        sticky: The cookie that keeps a client with one pod, and so with its variant while the pod lives.
        preview: A host name beside the service's own, and the variant that it leads to.
    """

    split: Mapping[str, Fraction]
    rules: tuple[Rule, ...] = ()
    mirror: tuple[str, int] | None = None
    sticky: str | None = None
    preview: tuple[str, str] | None = None
