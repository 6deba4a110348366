"""Decimal numbers of any size, and what is left of them in Go's integers.

Comparisons of Decimals are exact whatever their size; arithmetic needs a context with room for it.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_FLOOR, ROUND_UP, Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

INT64 = range(-(2**63), 2**63)
_BITS = 64
"""A number with as many factors of ten has nothing in its lowest 64 bits."""


def exact(digits: int) -> Context:
    """Arithmetic that rounds no number of up to so many digits."""
    return Context(prec=digits + 60, Emax=MAX_EMAX, Emin=MIN_EMIN)


def int32(number: int) -> int:
    """A number as Go's conversion to int32 leaves it."""
    return (number + 2**31) % 2**32 - 2**31


def length(number: Decimal) -> int:
    """How many digits it is held with."""
    return len(number.as_tuple().digits)


def int64(number: int) -> int:
    """The lowest 64 bits of a number, with a sign."""
    return (number + 2**63) % 2**64 - 2**63


def low_bits(number: Decimal, places: int) -> int:
    """The lowest 64 bits of how often a power of ten is in a number, rounded down."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent - places >= _BITS:
        return 0
    whole = number.scaleb(-places, exact(length(number)))
    return int64(int(whole.to_integral_value(ROUND_FLOOR, exact(length(number) + _BITS))))


def round_up(number: Decimal, places: int) -> Decimal:
    """Away from nought to a multiple of a power of ten."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= places:
        return number
    return number.quantize(Decimal((0, (1,), places)), ROUND_UP, exact(length(number)))


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The sum of numbers of any size; what lies 20,000 digits below the largest isn't seen."""
    context = exact(20_000)
    found = Decimal(0)
    for number in numbers:
        found = context.add(found, number)
    return found
