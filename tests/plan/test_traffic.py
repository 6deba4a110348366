"""Traffic arithmetic: whole numbers that sum to what the platform wants, for any list of percentages."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.plan.traffic import apportion, weights

PERCENTAGES = st.lists(
    st.integers(0, 10_000).map(lambda hundredths: Fraction(hundredths, 100)), min_size=1, max_size=12
)


@pytest.mark.parametrize(
    ("shares", "total", "given"),
    [
        ([95, 5], 100, (95, 5)),
        ([1, 1, 1], 100, (34, 33, 33)),
        ([Fraction("33.3")] * 3, 100, (34, 33, 33)),
        ([Fraction("99.6"), Fraction("0.4")], 100, (99, 1)),
        ([100, 0], 100, (100, 0)),
        ([0, 100], 1, (0, 1)),
        ([1, 1, 2], 2, (1, 0, 1)),
    ],
    ids=[
        "whole",
        "thirds",
        "thirds as written",
        "little is not nothing",
        "nothing",
        "a total of one",
        "fewer than shares",
    ],
)
def test_apportion(shares, total, given):
    assert apportion(shares, total) == given


@given(PERCENTAGES, st.integers(1, 1_000_000))
def test_the_numbers_always_sum_to_the_total(shares, total):
    if not any(shares):
        with pytest.raises(ValueError, match="not all of them 0"):
            apportion(shares, total)
        return
    given_out = apportion(shares, total)
    assert sum(given_out) == total
    assert all(number >= 0 for number in given_out)
    assert all(number == 0 for number, share in zip(given_out, shares, strict=True) if share == 0)
    if total >= 2 * len(shares):
        assert all(number > 0 for number, share in zip(given_out, shares, strict=True) if share)


@given(PERCENTAGES)
def test_no_number_is_off_by_one_or_more_unless_nothing_would_become_of_a_share(shares):
    whole = sum(shares)
    if not whole:
        return
    exact = [share * 10_000 / whole for share in shares]
    lifted = sum(0 < each < 1 for each in exact)
    for number, each in zip(apportion(shares, 10_000), exact, strict=True):
        assert abs(number - each) < 1 + lifted


@pytest.mark.parametrize(
    ("shares", "given"),
    [
        ([95, 5], (95, 5)),
        ([Fraction("99.5"), Fraction("0.5")], (9950, 50)),
        ([Fraction("33.3")] * 3, (3334, 3333, 3333)),
    ],
    ids=["percentages", "finer", "thirds"],
)
def test_weights_are_percentages_where_they_can_be(shares, given):
    assert weights(shares) == given
