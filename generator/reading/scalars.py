"""What a YAML scalar means to kubectl: go-yaml v2's resolver, then the way through JSON.

Source of the rules: ``resolve.go`` of go.yaml.in/yaml/v2 v2.4.3, ``yaml.go`` of sigs.k8s.io/yaml v1.6.0, and the number
rules of sigs.k8s.io/json (a literal without point and exponent is an int64 if it fits, else a float64).
"""

from __future__ import annotations

import base64
import math
import re
import struct
from datetime import date
from typing import Any

PREFIX = "tag:yaml.org,2002:"
MERGE = PREFIX + "merge"
NULL = PREFIX + "null"
_STR, _BOOL, _INT, _FLOAT = PREFIX + "str", PREFIX + "bool", PREFIX + "int", PREFIX + "float"
_TIMESTAMP, _BINARY = PREFIX + "timestamp", PREFIX + "binary"
_RESOLVED_TAGS = frozenset(("", _STR, _BOOL, _INT, _FLOAT, NULL, _TIMESTAMP))

_INT_MIN, _INT_MAX, _UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1

WORDS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), (_BOOL, True)),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), (_BOOL, False)),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), (NULL, None)),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), (_FLOAT, math.nan)),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), (_FLOAT, math.inf)),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), (_FLOAT, -math.inf)),
    "<<": (MERGE, "<<"),
}
_WORD_STARTS = frozenset("yYnNtTfFoO~.+-")
_NUMBER_STARTS = frozenset("0123456789+-")

_GO_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|[1-9][0-9]*|0)")
_BASES = {"x": 16, "b": 2, "o": 8}
_GO_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_TIME = re.compile(
    r"(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?",
    re.ASCII,
)


class UnfitTagError(ValueError):
    """An explicit tag that does not fit its value, such as ``!!int abc``."""


class NoKeyError(ValueError):
    """A value that JSON can't have as a key."""


def _go_int(text: str) -> int | None:
    """``strconv.ParseInt(text, 0, 64)``, then ``ParseUint``: underscores are gone already."""
    if not _GO_INT.fullmatch(text):
        return None
    digits = text.lstrip("+-")
    base = _BASES.get(digits[1:2].lower(), 8 if digits[0] == "0" else 10)
    digits = (digits if digits[1:2].isdigit() else digits[2:] or digits).lstrip("0") or "0"
    if len(digits) > 64:  # noqa: PLR2004 (more bits than an integer has, in any base; Python itself refuses very long ones)
        return None
    value = int(digits, base)
    value = -value if text[0] == "-" else value
    # ParseUint knows no sign, so "+" before a number over int64 is no integer.
    top = _UINT_MAX if text[0] not in "+-" else _INT_MAX
    return value if _INT_MIN <= value <= top else None


def _go_binary(text: str) -> int | None:
    """A leftover of YAML 1.1 in go-yaml: the sign may stand behind ``0b``."""
    if not re.fullmatch(r"0b[-+][01]+", text):
        return None
    value = int(text.removeprefix("0b"), 2)
    return value if _INT_MIN <= value <= _INT_MAX else None


def _go_float(text: str) -> float | None:
    if not _GO_FLOAT.fullmatch(text):
        return None
    value = float(text)
    # ParseFloat calls an overflow an error; go-yaml then takes the text as a string.
    return None if math.isinf(value) else value


def _is_timestamp(text: str) -> bool:
    day = _DATE.match(text)
    time = day and _TIME.fullmatch(text, day.end())
    if not day or not time:
        return False
    hour, minute, second = (int(part) for part in time.groups() if part) if time.group() else (0, 0, 0)
    try:
        date(*(int(part) for part in day.groups()))
    except ValueError:
        return False
    return hour < 24 and minute < 60 and second < 60  # noqa: PLR2004 (a clock)


def _guess(text: str) -> tuple[str, Any]:
    """Tag and value of an untagged plain scalar."""
    first = text[:1]
    if text in WORDS and (not first or first in _WORD_STARTS or first == "<" or text in {"null", "Null", "NULL"}):
        return WORDS[text]
    if first == ".":
        number = _go_float(text)
        return (_FLOAT, number) if number is not None else (_STR, text)
    if first in _NUMBER_STARTS:
        plain = text.replace("_", "")
        integer = _go_int(plain) if plain else None
        if integer is not None:
            return _INT, integer
        number = _go_float(plain)
        if number is not None:
            return _FLOAT, number
        integer = _go_binary(plain)
        if integer is not None:
            return _INT, integer
    return _STR, text


def resolve(tag: str, text: str) -> Any:
    """The value of a scalar before it goes through JSON.

    Args:
        tag: The explicit tag in its long form; empty for an untagged plain scalar.
        text: The scalar's text.

    Returns:
        None, bool, int, float or str. An untagged ``<<`` gives the string itself (as a key it means a merge).

    Raises:
        UnfitTagError: The tag does not fit.
    """
    if tag == _BINARY:
        plain = text.replace("\n", "").replace("\r", "")
        if not _BASE64.fullmatch(plain):
            raise UnfitTagError("!!binary needs base64 text")
        return base64.b64decode(plain).decode("utf-8", "replace")
    if tag not in _RESOLVED_TAGS or tag == _STR:
        return text
    if tag in ("", _TIMESTAMP) and _is_timestamp(text):
        return text
    found, value = _guess(text)
    if tag in ("", found):
        return value
    if tag == _FLOAT and found == _INT and value <= _INT_MAX:
        return float(value)
    raise UnfitTagError(
        f"the value `{text}` is no {tag.removeprefix(PREFIX)}, as its tag !!{tag.removeprefix(PREFIX)} says"
    )


def number(value: float) -> int | float:
    """A number after its way through JSON and back: ``1.0`` and ``1e3`` become integers, integers over int64 floats.

    Infinity and not-a-number stay as they are; JSON has no form for them.
    """
    if isinstance(value, int):
        return value if _INT_MIN <= value <= _INT_MAX else float(value)
    # Go writes an integral float below 1e21 without point and exponent, and such a literal is read back as an int64.
    return int(value) if value.is_integer() and _INT_MIN <= value <= _INT_MAX else value


def _shortest_float32(value: float) -> str:
    """``strconv.FormatFloat(value, 'g', -1, 32)``: the shortest decimal that gives the same 32-bit float."""
    try:
        (single,) = struct.unpack("f", struct.pack("f", value))
    except OverflowError:
        single = math.copysign(math.inf, value)
    if math.isinf(single):
        return "+Inf" if value > 0 else "-Inf"
    digits = next(
        text
        for text in (f"{single:.{n}e}" for n in range(9))
        if struct.pack("f", float(text)) == struct.pack("f", single)
    )
    mantissa, exponent = digits.split("e")
    if -4 <= int(exponent) < 6:  # noqa: PLR2004 (%e begins there for 'g' with the shortest precision)
        return f"{float(digits):.{max(0, len(mantissa.lstrip('-').replace('.', '')) - 1 - int(exponent))}f}"
    return f"{mantissa}e{int(exponent):+03d}"


def key_text(value: Any) -> str:
    """A mapping's key as JSON has it.

    Raises:
        NoKeyError: A key that JSON can't have (null, an integer over int64).
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value <= _INT_MAX:
        return str(value)
    if isinstance(value, float):
        text = {math.inf: ".inf", -math.inf: "-.inf"}.get(value) or (
            ".nan" if math.isnan(value) else _shortest_float32(value)
        )
        return {"+Inf": ".inf", "-Inf": "-.inf"}.get(text, text)
    raise NoKeyError("null can't be a key" if value is None else f"the number {value} is too large for a key")
