"""Kubernetes quantities: read as the API server reads them, and written in the one form that it writes back.

A rendered ``1000m`` would come back as ``1``, and every GitOps tool would show a change that nobody made; so quantities
are written canonically from the start.

Source: k8s.io/apimachinery, pkg/api/resource (``ParseQuantity``, ``UnmarshalJSON``, ``ScaledValue``,
``CanonicalizeBytes``); a differential test holds all of them against it. Numbers are Decimals, which compare exactly at
any size: 5,000 digits or an exponent of two billion cost nothing.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from typing import NamedTuple

from generator.text.decimals import INT64, exact, int32, int64, length, low_bits, round_up, total

_FORM = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?")
"""What anyone should write; Go takes more."""
_GO_FORM = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+|)")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_NAMES = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_LARGEST = Decimal(2**63 - 1)
_NANO, _MILLI = -9, -3
_INT64_DIGITS = 19
_AT_ONCE = (0, 1, 2, 3, 6, 9)
"""Powers of ten that Go multiplies by in one go, so that the lowest 64 bits are left; of all others nought is."""
_BLANKS = " \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What Go drops around a quantity in JSON. A line break isn't among it: JSON writes that as two other characters."""


class Quantity(NamedTuple):
    """A quantity as the API server holds it.

    Attributes:
        number: Its value, rounded away from nought to billionths.
        form: ``binary``, ``decimal`` or ``exponent``: how it is written back.
        small: Whether Go holds it as an int64 and a power of ten, and not as a number of any size.
        places: The power of ten down to which it is held: its own for a small one, else that of billionths, or what
            it was rounded to.
        kept: The text itself, where Go takes it for canonical at a glance and never writes it anew; ``+1`` is such.
    """

    number: Decimal
    form: str
    small: bool
    places: int
    kept: str = ""

    def rounded(self, places: int = _MILLI) -> Quantity:
        """Rounded away from nought to a power of ten, as lists of resources are to thousandths (``RoundUp``)."""
        if self.small and self.places >= places:
            return self
        return self._replace(number=round_up(self.number, places), places=places, kept="")

    def integer(self) -> int | None:
        """The int64 that Go has without arithmetic of any size (``AsInt64``); None where it has none."""
        if not self.small or self.places < 0 or (self.number and self.number.adjusted() > _INT64_DIGITS):
            return None
        return number if (number := int(self.number)) in INT64 else None

    def plus(self, other: Quantity) -> Quantity:
        """The sum (``Add``): still a small one where an int64 has room for it at the finer of the two powers of ten."""
        places = min(self.places, other.places)
        if self.small and other.small:
            if not other.number:
                return self
            if not self.number:
                return other
            spread = max(self.number.adjusted(), other.number.adjusted()) - places
            if spread <= _INT64_DIGITS:
                found = exact(40).add(self.number, other.number)
                if int(found.scaleb(-places, exact(40))) in INT64:
                    return Quantity(found, self.form, small=True, places=places)
        return Quantity(total((self.number, other.number)), self.form, small=False, places=places)

    def __str__(self) -> str:
        """The text that the API server writes."""
        return self.kept or _canonical(self)

    def scaled(self, places: int) -> int:
        """The number of a power of ten in it, as ``MilliValue`` (-3) and ``Value`` (0) give it to Go's own code.

        What is too large for an int64 comes out as nought or as its lowest 64 bits, as Go's arithmetic has it.
        """
        if self.small:
            if self.places < places:
                return int(round_up(self.number, places).scaleb(-places, exact(40)))
            steps = self.places - places
            if steps in _AT_ONCE:
                return int64(int(self.number.scaleb(-places, exact(40))))
            far = self.number and self.number.adjusted() - places > _INT64_DIGITS
            found = 0 if far else int(self.number.scaleb(-places, exact(40)))
            return found if found in INT64 else 0
        held = low_bits(self.number, self.places)
        if self.places >= places:
            steps = self.places - places
            # A float of Go that no int64 holds becomes the least of them (on amd64, as the servers of nearly everyone).
            return int64(held * (int(10.0**steps) if steps < _INT64_DIGITS else INT64.start))
        if self.number.scaleb(-self.places, exact(length(self.number))) < _LARGEST:
            step = int(10.0 ** (places - self.places))
            whole = abs(held) // step * (-1 if held < 0 else 1)
            return whole + (1 if held % step else 0)
        found = low_bits(self.number, places)
        return found if round_up(self.number, places) == self.number else int64(found + 1)


@lru_cache(maxsize=1024)
def parse(text: str) -> Quantity | None:
    """A text as ``ParseQuantity`` reads it; None for what is no quantity.

    It takes more than anyone should write: ``.``, ``+`` and ``Mi`` are nought.
    """
    found = _GO_FORM.fullmatch(text) if text else None
    if found is None:
        return None
    sign, whole, fraction, suffix = found[1], found[2], found[3] or "", found[4]
    written = bool(whole or fraction)
    whole = whole.lstrip("0") or "0"
    if suffix in _DECIMAL:
        found_number = _decimal_number(whole, fraction, "decimal", _DECIMAL[suffix], written=written)
    elif suffix in _BINARY:
        found_number = _binary_number(whole, fraction, 10 * _BINARY.index(suffix), written=written)
    else:
        exponent = _exponent_of(suffix[1:])
        if exponent is None:
            return None
        found_number = _decimal_number(whole, fraction, "exponent", exponent, written=written)
    if found_number is None:
        return None
    number = found_number.number.copy_negate() if sign == "-" else found_number.number
    return found_number._replace(number=number, kept=text if found_number.kept else "")


def _exponent_of(text: str) -> int | None:
    """What Go makes of the digits behind an ``e``: an int64, of which 32 bits are kept."""
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > _INT64_DIGITS:
        return None
    number = -int(digits) if text.startswith("-") else int(digits)
    return int32(number) if number in INT64 else None


def _decimal_number(whole: str, fraction: str, form: str, exponent: int, *, written: bool) -> Quantity | None:
    """A number with a decimal suffix; ``written`` says whether it has any digit."""
    scale = int32(exponent - len(fraction))
    if len(whole) + len(fraction) <= 18 and scale >= _NANO:  # noqa: PLR2004 (digits that Go takes for an int64 unseen)
        digits = whole + fraction
        kept = digits if scale % 3 == 0 and not digits.endswith("000") and not digits.startswith("0") else ""
        return Quantity(Decimal(digits).scaleb(scale, exact(40)), form, small=True, places=scale, kept=kept)
    if not written:
        return None
    # Go turns the scale about, in 32 bits.
    power = -int32(len(fraction) + int32(-exponent))
    return _large(Decimal(whole + fraction).scaleb(power, exact(len(whole) + len(fraction))), form, power)


def _binary_number(whole: str, fraction: str, bits: int, *, written: bool) -> Quantity | None:
    """A number with a binary suffix; whole ones below some size are small."""
    if not fraction and 14 - len(whole) - bits * 3 // 10 >= 0:
        number = int(whole) << bits
        if number in INT64:
            return Quantity(Decimal(number), "binary", small=True, places=0, kept=whole if int(whole) % 8 else "")
    if not written:
        return None
    context = exact(len(whole) + len(fraction))
    number_read = context.multiply(Decimal(f"{whole}.{fraction}"), Decimal(1 << bits))
    if number_read > _LARGEST:
        return Quantity(_LARGEST, "binary", small=False, places=0)
    found = _large(number_read, "binary", -len(fraction))
    return found._replace(form="decimal") if 0 < found.number < 1 else found


def _large(number: Decimal, form: str, places: int) -> Quantity:
    """A number of any size; nought alone keeps its own power of ten."""
    return Quantity(round_up(number, _NANO), form, small=False, places=_NANO if number else places)


def read(value: object) -> Quantity | None:
    """A value of YAML or JSON as the API server decodes it into a quantity; null is nought, None what is none."""
    if value is None:
        return parse("0")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return parse(value.strip(_BLANKS) if isinstance(value, str) else _number_text(value))


def _number_text(value: float) -> str:
    """A number as Go's JSON writes it: a whole float below 1e21 without an exponent."""
    return str(int(value)) if value == value // 1 and abs(value) < 1e21 else str(value)  # noqa: PLR2004 (Go's limit)


def is_quantity(text: str) -> bool:
    """Whether the API server reads a text as a quantity."""
    return parse(text) is not None


def _written(text: str) -> Quantity:
    """A quantity that someone should write.

    Raises:
        ValueError: It isn't one.
    """
    found = parse(text) if _FORM.fullmatch(text) else None
    if found is None:
        raise ValueError(f"'{text[:40]}' is no quantity.|Write for example 500m, 2, 512Mi or 1.5Gi.")
    return found


@lru_cache(maxsize=1024)
def canonical(text: str) -> str:
    """A quantity as the API server writes it: ``0.5`` becomes ``500m``, ``1024Mi`` becomes ``1Gi``.

    Args:
        text: Such as ``500m``, ``1.5Gi``, ``2``, ``1e3``.

    Raises:
        ValueError: It isn't a quantity.
    """
    return _canonical(_written(text))


def stored(value: object) -> object:
    """A value as the API server hands it on: a quantity in its canonical form, ``1e+308`` too; what is none stays."""
    found = read(value)
    return value if found is None else _canonical(found)


def _canonical(quantity: Quantity) -> str:
    number, form = quantity.number, quantity.form
    whole = number.to_integral_value(ROUND_CEILING, exact(length(number)))
    if form == "binary" and whole == number and not -1024 < number < 1024:  # noqa: PLR2004 (a kibi)
        return _binary(int(whole))
    return _decimal(number, form)


def shown(number: Decimal) -> str:
    """A number as people write it in a quantity: ``0.5`` as ``500m``."""
    return _decimal(number, "decimal")


def value(text: str) -> Decimal:
    """A quantity as a number, in cores, bytes or whatever its resource counts.

    Raises:
        ValueError: It isn't a quantity.
    """
    return _written(text).number


def _binary(whole: int) -> str:
    power = 0
    while whole % 1024 == 0 and power < len(_BINARY) - 1:
        whole, power = whole // 1024, power + 1
    # Without a suffix the API server would read it back as a decimal one, and write it differently the next time.
    return f"{whole}{_BINARY[power]}" if power else _decimal(Decimal(whole), "decimal")


def _decimal(number: Decimal, form: str) -> str:
    """With an exponent that is a multiple of three, the highest without a fraction."""
    if not number:
        return "0"
    exponent = number.normalize(exact(length(number))).as_tuple().exponent
    power = int(exponent) // 3 * 3
    if form == "decimal" and power > max(_DECIMAL_NAMES):
        # Go drops a suffix that it has no letter for, and the number with it; so it is written out.
        form = "exponent"
    digits = f"{number.scaleb(-power, exact(length(number))):f}".partition(".")[0]
    if form == "exponent":
        return f"{digits}e{power}" if power else digits
    return f"{digits}{_DECIMAL_NAMES[power]}"
