"""The formats of strings that the API server enforces for custom resources; all others it ignores.

Source: ``pkg/apiserver/validation/formats.go`` of k8s.io/apiextensions-apiserver (which ones) and
``pkg/validation/strfmt`` of k8s.io/kube-openapi (how). ``int32``, ``int64``, ``float`` and ``double`` are none of them.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from typing import TYPE_CHECKING

from generator.text.duration import nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable

_HEX = "[0-9A-Fa-f]"
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})")
_LOOSE_DURATION = re.compile(r"(?<![0-9])[0-9]+[\t\n\f\r ]*([A-Za-zµ]+)")
_UNITS = ("ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk")
_UNIT_STARTS = ("nano", "micro", "milli", "sec", "min", "hour", "day", "week")
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"


def _date(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        # Go knows the year 0, Python doesn't; both 0 and 4 are leap years.
        date(int(text[:4]) or 4, int(text[5:7]), int(text[8:]))
    except ValueError:
        return False
    return True


def _datetime(text: str) -> bool:
    day, letter, rest = text.lower().partition("t")
    found = _TIME.fullmatch(rest.split("t")[0])
    if not letter or not found or not _date(day):
        return False
    return found[1] <= "23" and found[2] <= "59" and found[3] <= "59"


def _duration(text: str) -> bool:
    if nanoseconds(text) is not None:
        return True
    units = (found[1].lower() for found in _LOOSE_DURATION.finditer(text))
    return any(unit in _UNITS or unit.startswith(_UNIT_STARTS) for unit in units)


def _without_zeros(text: str) -> str:
    """Go's sloppy reading takes leading zeros in IPv4 parts as decimal."""
    return re.sub(r"(?<![0-9A-Fa-f:])0+(?=[0-9])", "", text) if "." in text else text


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(_without_zeros(text))
    except ValueError:
        return False
    return "%" not in text


def _cidr(text: str) -> bool:
    address, slash, length = text.rpartition("/")
    if not slash or not _address(address) or not re.fullmatch(r"0|[1-9][0-9]{0,2}", length):
        return False
    return int(length) <= (128 if ":" in address else 32)


def _expression(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> Callable[[str], bool]:
    compiled = re.compile(pattern, flags)
    return lambda text: compiled.fullmatch(text) is not None


def _hostname(text: str) -> bool:
    parts = text.split(".")
    if len(text.encode()) > 255 or any(len(part.encode()) > 63 for part in parts):  # noqa: PLR2004 (RFC 1034)
        return False
    good = all(
        part and all(c.isalnum() or c == "-" or not c.isascii() for c in part) and part[0] != "-" != part[-1]
        for part in parts
    )
    return good and (len(parts) == 1 or (len(parts[-1]) > 1 and parts[-1].isalpha()))


def _isbn(text: str, lengths: tuple[int, ...]) -> bool:
    digits = re.sub(r"[\s-]", "", text)
    if len(digits) not in lengths:
        return False
    if len(digits) == 10:  # noqa: PLR2004 (an ISBN 10)
        if not re.fullmatch(r"[0-9]{9}[0-9X]", digits):
            return False
        return sum((10 - i) * (10 if c == "X" else int(c)) for i, c in enumerate(digits)) % 11 == 0
    return digits.isdecimal() and sum(int(c) * (1, 3)[i % 2] for i, c in enumerate(digits)) % 10 == 0


def _creditcard(text: str) -> bool:
    digits = re.sub(r"[^0-9]+", "", text)
    form = (
        r"4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}"
        r"|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11}"
    )
    if not re.fullmatch(form, digits):
        return False
    doubled = (int(c) * (2 if i % 2 else 1) for i, c in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0  # noqa: PLR2004 (Luhn)


_FORMATS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _expression(f"{_HEX}{{24}}"),
    "byte": lambda text: _BASE64.fullmatch(text) is not None,
    "cidr": _cidr,
    "creditcard": _creditcard,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
    "email": _expression(r"(?:[^<>]*<)?[^\s@<>,]+@[^\s@<>,]+>?"),
    "hexcolor": _expression(f"#?(?:{_HEX}{{3}}|{_HEX}{{6}})"),
    "hostname": _hostname,
    "ipv4": lambda text: "." in text and _address(text),
    "ipv6": lambda text: ":" in text and _address(text),
    "isbn": lambda text: _isbn(text, (10, 13)),
    "isbn10": lambda text: _isbn(text, (10,)),
    "isbn13": lambda text: _isbn(text, (13,)),
    "k8slongname": lambda text: len(text) <= 253 and re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", text) is not None,  # noqa: PLR2004
    "k8sshortname": lambda text: len(text) <= 63 and re.fullmatch(_LABEL, text) is not None,  # noqa: PLR2004
    "mac": _expression(
        f"{_HEX}{{2}}([:-])(?:{_HEX}{{2}}\\1){{4}}(?:(?:{_HEX}{{2}}\\1){{2}}|(?:{_HEX}{{2}}\\1){{14}})?{_HEX}{{2}}|(?:{_HEX}{{4}}\\.){{2,9}}{_HEX}{{4}}"
    ),
    "password": lambda _: True,
    "rgbcolor": _expression(
        r"rgb\((?:\s*(?:[01]?[0-9]?[0-9]|2[0-4][0-9]|25[0-5])\s*,){2}\s*(?:[01]?[0-9]?[0-9]|2[0-4][0-9]|25[0-5])\s*\)"
    ),
    "ssn": _expression(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}"),
    "uri": _expression(r"(?:/|[A-Za-z][A-Za-z0-9+.-]*:)[^\x00-\x20\x7f]*"),
    "uuid": _expression(f"{_HEX}{{8}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{4}}-?{_HEX}{{12}}"),
    "uuid3": _expression(f"{_HEX}{{8}}-?{_HEX}{{4}}-?3{_HEX}{{3}}-?{_HEX}{{4}}-?{_HEX}{{12}}"),
    "uuid4": _expression(f"{_HEX}{{8}}-?{_HEX}{{4}}-?4{_HEX}{{3}}-?[89abAB]{_HEX}{{3}}-?{_HEX}{{12}}"),
    "uuid5": _expression(f"{_HEX}{{8}}-?{_HEX}{{4}}-?5{_HEX}{{3}}-?[89abAB]{_HEX}{{3}}-?{_HEX}{{12}}"),
}


def enforced(name: str) -> Callable[[str], bool] | None:
    """The check of a format; None for one that the API server ignores. Hyphens in the name don't count."""
    return _FORMATS.get(name.replace("-", ""))
