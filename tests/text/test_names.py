"""Names that fit: stable, distinct, and always a DNS label."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text.names import HASH, fit

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
SUFFIXES = ("", "-canary", "-r12", "-predictor-canary")
LEAST = HASH + 2 + max(map(len, SUFFIXES))

names = st.from_regex(r"[a-z]([-a-z0-9]{0,120}[a-z0-9])?", fullmatch=True)
limits = st.integers(LEAST, 63)
suffixes = st.sampled_from(SUFFIXES)


@pytest.mark.parametrize(
    ("name", "limit", "suffix", "fitted"),
    [
        ("digits", 63, "", "digits"),
        ("digits", 63, "-canary", "digits-canary"),
        ("a" * 63, 63, "", "a" * 63),
        ("a" * 56, 63, "-canary", "a" * 56 + "-canary"),
        ("a" * 64, 63, "", "a" * 54 + "-77qfj7t2"),
        ("a" * 57, 63, "-canary", "a" * 47 + "-6e5s24sg-canary"),
        ("handwritten-digits-of-the-post", 20, "", "handwritten-jjz3jhvi"),
        ("handwritten--digits-of-the-post", 22, "", "handwritten-xceyrhu3"),
    ],
)
def test_a_name_that_fits_stays_and_a_longer_one_keeps_its_front(name, limit, suffix, fitted):
    """The hashes are written down: they are names on clusters, and must never change."""
    assert fit(name, limit, suffix=suffix) == fitted


@given(names, limits, suffixes)
def test_it_is_a_label_that_fits_and_ends_with_its_suffix(name, limit, suffix):
    fitted = fit(name, limit, suffix=suffix)
    assert len(fitted) <= limit
    assert LABEL.fullmatch(fitted)
    assert fitted.endswith(suffix)


@given(names, limits, suffixes)
def test_what_fits_stays_and_what_is_cut_has_one_dash_at_the_cut(name, limit, suffix):
    fitted = fit(name, limit, suffix=suffix)
    if len(name) + len(suffix) <= limit:
        assert fitted == name + suffix
    else:
        front = fitted.removesuffix(suffix)[: -HASH - 1]
        assert name.startswith(front)
        assert not front.endswith("-")


@given(st.text("ab-", min_size=60, max_size=60), st.lists(names, min_size=2, max_size=5, unique=True), suffixes)
def test_names_that_share_a_long_front_stay_apart(front, ends, suffix):
    fitted = {fit(f"a{front}{end}", 50, suffix=suffix) for end in ends}
    assert len(fitted) == len(ends)


@pytest.mark.parametrize(("limit", "suffix"), [(9, ""), (16, "-canary"), (0, "")])
def test_no_room_for_any_name_is_our_own_mistake(limit, suffix):
    with pytest.raises(ValueError, match="no room"):
        fit("digits", limit, suffix=suffix)
