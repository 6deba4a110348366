"""Kubernetes quantities in the one form that the API server writes back.

A rendered ``1000m`` would come back as ``1``, and every GitOps tool would show a change that nobody made; so quantities
are written canonically from the start (k8s.io/apimachinery, pkg/api/resource/quantity.go: ``CanonicalizeBytes``).
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Decimal, localcontext
from functools import lru_cache

_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_NAMES = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_LARGEST = Decimal(2**63 - 1)
_FARTHEST = 99
"""Exponents beyond mean nothing that a cluster has, and would cost memory."""


_GO_FORM = re.compile(r"[+-]?([0-9]*\.?[0-9]*)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")


@lru_cache(maxsize=1024)
def is_quantity(text: str) -> bool:
    """Whether the API server reads a text as a quantity.

    It takes more than anyone should write: ``.``, ``+`` and ``Mi`` are nought.
    """
    found = _GO_FORM.fullmatch(text) if text else None
    return found is not None and not (found[1] in ("", ".") and found[2] in ("Pi", "Ei"))


@lru_cache(maxsize=1024)
def amount(text: str) -> Decimal | None:
    """A quantity as the API server holds it: rounded away from nought to billionths; None for what is none.

    Args:
        text: Also what ``is_quantity`` takes and nobody writes.
    """
    if not is_quantity(text):
        return None
    found = _GO_FORM.fullmatch(text)
    digits, suffix = (found[1], found[2] or "") if found else ("", "")
    with localcontext() as context:
        context.prec = 200
        number = Decimal(digits if digits.strip(".") else "0")
        if suffix in _BINARY[1:]:
            number *= 1024 ** _BINARY.index(suffix)
        else:
            exponent = int(suffix[1:]) if suffix[:1] in ("e", "E") and len(suffix) > 1 else _DECIMAL[suffix]
            number = number.scaleb(max(min(exponent, _FARTHEST), -_FARTHEST))
        rounded = number.quantize(Decimal("1e-9"), rounding=ROUND_UP)
        return -rounded if text.startswith("-") else rounded


@lru_cache(maxsize=1024)
def canonical(text: str) -> str:
    """A quantity as the API server writes it: ``0.5`` becomes ``500m``, ``1024Mi`` becomes ``1Gi``.

    Args:
        text: Such as ``500m``, ``1.5Gi``, ``2``, ``1e3``.

    Raises:
        ValueError: It isn't a quantity.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"'{text[:40]}' is no quantity.|Write for example 500m, 2, 512Mi or 1.5Gi.")
    sign, digits, suffix = found[1], found[2], found[3] or ""
    with localcontext() as context:
        context.prec = 60
        number = Decimal(sign + digits)
        if suffix in _BINARY[1:]:
            return _binary(number * 1024 ** _BINARY.index(suffix))
        if suffix[:1] in ("e", "E") and len(suffix) > 1:
            return _exponent(number.scaleb(int(suffix[1:])))
        return _decimal(number.scaleb(_DECIMAL[suffix]))


@lru_cache(maxsize=1024)
def value(text: str) -> Decimal:
    """A quantity as a number, in cores, bytes or whatever its resource counts.

    Raises:
        ValueError: It isn't a quantity.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"'{text[:40]}' is no quantity.|Write for example 500m, 2, 512Mi or 1.5Gi.")
    suffix = found[3] or ""
    number = Decimal(found[1] + found[2])
    if suffix in _BINARY[1:]:
        return number * Decimal(1024) ** _BINARY.index(suffix)
    return number.scaleb(int(suffix[1:]) if suffix[:1] in ("e", "E") and len(suffix) > 1 else _DECIMAL[suffix])


def _bounded(number: Decimal, step: Decimal) -> Decimal:
    """Rounded away from zero to a multiple of ``step``, as the API server does, and capped at what it can hold."""
    rounded = (number / step).to_integral_value(rounding=ROUND_UP) * step
    return max(min(rounded, _LARGEST), -_LARGEST)


def _binary(number: Decimal) -> str:
    if -1024 < number < 1024:  # noqa: PLR2004 (a kibi: below it the API server changes to the decimal form)
        return _decimal(number)
    whole, power = int(_bounded(number, Decimal(1))), 0
    while whole and whole % 1024 == 0 and power < len(_BINARY) - 1:
        whole, power = whole // 1024, power + 1
    # Without a suffix the API server would read it back as a decimal one, and write it differently the next time.
    return f"{whole}{_BINARY[power]}" if power else _decimal(Decimal(whole))


def _decimal(number: Decimal) -> str:
    nano = int(_bounded(number, Decimal("1e-9")).scaleb(9))
    exponent = -9
    while nano and nano % 1000 == 0 and exponent < max(_DECIMAL.values()):
        nano, exponent = nano // 1000, exponent + 3
    return f"{nano}{_DECIMAL_NAMES[exponent]}" if nano else "0"


def _exponent(number: Decimal) -> str:
    nano = int(_bounded(number, Decimal("1e-9")).scaleb(9))
    exponent = -9
    while nano and nano % 1000 == 0:
        nano, exponent = nano // 1000, exponent + 3
    if not nano:
        return "0"
    return f"{nano}e{exponent}" if exponent else str(nano)
