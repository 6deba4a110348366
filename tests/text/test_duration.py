"""Durations as Go's ``time.ParseDuration`` reads them."""

from __future__ import annotations

import pytest

from generator.text.duration import nanoseconds

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0", 0),
        ("1h30m", 5400 * SECOND),
        ("-1.5s", -1_500_000_000),
        ("+5m", 300 * SECOND),
        (".5s", SECOND // 2),
        ("5.s", 5 * SECOND),
        ("1µs1μs1us", 3000),
        ("0.000000001s", 1),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
        ("0.3333333333333333333h", 1200 * SECOND),
        ("0" * 5000 + "1s", SECOND),
        ("0." + "9" * 5000 + "s", SECOND),
    ],
)
def test_what_go_reads(text, wanted):
    assert nanoseconds(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        *("", "+", "3", ".", "s", ".s", "1x", "1 s", "1d", "--1s", "1s-1s", "1e3s", "٣s", "9223372036854775808ns"),
        *("2562048h", "9223372036s1s", "1" * 5000 + "s", "1" * 30_000),
    ],
)
def test_what_go_refuses(text):
    assert nanoseconds(text) is None
