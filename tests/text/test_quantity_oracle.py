"""Quantities beside Go's own package: read, compared, added, counted and written as the API server does."""

from __future__ import annotations

import json
import random
import subprocess
from typing import Any

import pytest

import oracles
from generator.text.quantity import Quantity, canonical, parse

pytestmark = pytest.mark.oracle

COUNT = 40_000
SUFFIXES = [
    *("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-3", "e+5", "e-10"),
    *("e003", "e4294967296", "e4294967299", "e9223372036854775808", "e-9223372036854775809", "e", "E+", "e1.5"),
    *("Kii", "mi", "K", "x", "\n", " ", "i", "e1e1", "٣"),
]


def text(dice: random.Random) -> str:
    """Signs, zeros, up to sixty digits before and behind the point, suffixes that there are and that there aren't."""

    def digits(count: int) -> str:
        return "".join(dice.choice("0123456789") for _ in range(count))

    length = dice.choice([0, 1, 1, 2, 3, 5, 14, 17, 18, 19, 20, 25, 40, 60])
    whole = digits(length) if dice.random() < 0.7 else "0" * dice.randint(0, 3) + "1" + "0" * length
    fraction = dice.choice(["", "", "", ".", ".000", "." + digits(dice.choice([1, 2, 3, 9, 10, 17, 18, 25]))])
    suffix = dice.choice([*SUFFIXES, f"e{dice.randint(-40, 320)}"])
    return dice.choice(["", "", "", "+", "-"]) + whole + fraction + suffix


def ours(one: Quantity | None, two: Quantity | None) -> list[Any] | None:
    if one is None or two is None:
        return None
    rounded = one.rounded()
    order = (one.number > two.number) - (one.number < two.number)
    sums = one.plus(two).scaled(0)
    return [one.scaled(0), one.scaled(-3), rounded.scaled(0), rounded.scaled(-3), order, sums, one.integer()]


def test_quantities_are_what_go_makes_of_them() -> None:
    dice = random.Random(5)
    pairs = [(text(dice), text(dice)) for _ in range(COUNT)]
    asked = "".join(json.dumps({"quantities": pair}) + "\n" for pair in pairs)
    answers = subprocess.run(
        [oracles.build("kubernetes")], input=asked, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    read = 0
    for pair, line in zip(pairs, answers, strict=True):
        theirs = json.loads(line)
        assert ours(parse(pair[0]), parse(pair[1])) == (theirs and theirs[2:]), pair
        if theirs:
            read += 1
            _same_text(pair[0], theirs[0], theirs[1])
    assert read > COUNT / 4


def _same_text(written: str, form: str, stored: str) -> None:
    mine = str(parse(written))
    if mine != stored:
        # Go has no letter for so large an exponent and drops it, and the number with it; we don't.
        assert "e" in mine
        assert not any(letter in form for letter in "eEi")
        return
    try:
        assert canonical(written) == form
    except ValueError:
        assert not any(letter.isdigit() for letter in written.lower().partition("e")[0]) or "e" in written.lower()
