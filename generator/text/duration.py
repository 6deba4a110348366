"""Durations as Go reads them: ``1h30m``, ``300ms``, ``-1.5s``.

Source: ``ParseDuration`` of Go's package ``time`` (format.go), its bounds and its arithmetic included.
"""

from __future__ import annotations

import re

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^.0-9]+)")
_MOST = 2**63
_LONGEST = 19
"""Digits of an int64; more, without leading zeros, are too many."""


def nanoseconds(text: str) -> int | None:
    """The length in nanoseconds; None where Go can't read the text, or its int64 can't hold it."""
    negative = text.startswith("-")
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0
    total, at = 0, 0
    while found := _PART.match(body, at):
        part = _part(found[1], found[2], found[3])
        if part is None or total + part > _MOST:
            return None
        total, at = total + part, found.end()
    if not body or at != len(body) or (total == _MOST and not negative):
        return None
    return -total if negative else total


def _part(whole: str, fraction: str | None, unit: str) -> int | None:
    """One number with its unit."""
    digits = whole.lstrip("0") or "0"
    if unit not in _UNITS or not (whole or fraction) or len(digits) > _LONGEST:
        return None
    size = _UNITS[unit]
    value = int(digits) * size
    numerator, scale = _fraction(fraction or "")
    if numerator:
        value += int(float(numerator) * (float(size) / scale))
    return value if value <= _MOST else None


def _fraction(digits: str) -> tuple[int, float]:
    """A fraction's digits as a number, and what to divide it by; digits that no int64 holds are read over."""
    numerator, scale = 0, 1.0
    for digit in digits[: _LONGEST + 1]:
        longer = numerator * 10 + int(digit)
        if numerator > (_MOST - 1) // 10 or longer > _MOST:
            break
        numerator, scale = longer, scale * 10
    return numerator, scale
