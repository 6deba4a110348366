"""The functions of CEL and of Kubernetes' libraries that rules can call.

Kubernetes: ``pkg/cel/library`` of k8s.io/apiserver (lists, regex, quantity, IP, CIDR, URL, format) and the strings and
sets extensions of cel-go. A receiver (``self.size()``) is the first argument.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from generator.checks.cel.cost import LONGEST, CostError
from generator.checks.cel.formats import FORMATS, Named
from generator.checks.cel.parsing import (
    Address,
    Network,
    parse_duration,
    parse_quantity,
    parse_timestamp,
    parse_url,
)
from generator.checks.cel.values import (
    INT_MAX,
    INT_MIN,
    CelError,
    Duration,
    Optional,
    Timestamp,
    UInt,
    UnsupportedError,
    checked,
    compare,
    equal,
    is_number,
    type_name,
)
from generator.checks.structure.patterns import find_all, matcher
from generator.text.regex import MalformedError, UnknownError

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = frozenset(("bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"))
"""Names that stand for types, as in ``type(self) == string``."""

NAMESPACES = frozenset(("format", "ip", "optional", "sets"))
"""Names before a dot that belong to a function's name."""


def _is(make: Callable[[str], Any]) -> Callable[[Any], bool]:
    """A test whether a text can be made into something."""

    def test(text: Any) -> bool:
        try:
            make(text)
        except CelError:
            return False
        return True

    return test


def _size(value: Any) -> int:
    if isinstance(value, (str, bytes, list, dict)):
        return len(value)
    raise CelError(f"no such overload: size({type_name(value)})")


def _matches(text: str, pattern: str) -> bool:
    try:
        found = matcher(pattern)
        if found is None:
            raise CelError(f"'{pattern}' is no regular expression")
        return found(text)
    except UnknownError as error:
        raise UnsupportedError(f"the pattern '{pattern[:60]}': {error}") from error


def _contains(value: Any, part: Any) -> bool:
    if isinstance(value, str) and isinstance(part, str):
        return part in value
    raise CelError(f"no such overload: {type_name(value)}.contains({type_name(part)})")


def _bool(value: Any) -> bool:
    """Of a text as Go's ``strconv.ParseBool`` reads it."""
    if isinstance(value, str):
        if value in ("1", "t", "T", "true", "TRUE", "True"):
            return True
        if value in ("0", "f", "F", "false", "FALSE", "False"):
            return False
        raise CelError(f"strconv.ParseBool: parsing '{value}': invalid syntax")
    if not isinstance(value, bool):
        raise CelError(f"no such overload: bool({type_name(value)})")
    return value


def _replaced(text: str, old: str, new: str, limit: int = -1) -> str:
    """The text with other parts; one that no request could hold is refused before it is made."""
    count = text.count(old) if limit < 0 else min(text.count(old), limit)
    if len(text) + count * (len(new) - len(old)) > LONGEST:
        raise CostError("operation cancelled: actual cost limit exceeded")
    return text.replace(old, new, limit)


def _joined(parts: list[str], separator: str = "") -> str:
    if sum(map(len, parts)) + len(parts) * len(separator) > LONGEST:
        raise CostError("operation cancelled: actual cost limit exceeded")
    return separator.join(parts)


def _int(value: Any) -> int:
    if isinstance(value, Timestamp):
        return value.nanoseconds // 10**9
    if isinstance(value, str):
        try:
            return checked(int(value, 10))
        except ValueError as error:
            raise CelError(f"'{value}' is no int") from error
    if isinstance(value, float) and not INT_MIN < value < INT_MAX:
        raise CelError("integer overflow")
    if not is_number(value):
        raise CelError(f"no such overload: int({type_name(value)})")
    return checked(int(value))


def _double(value: Any) -> float:
    if isinstance(value, str) or is_number(value):
        try:
            return float(value)
        except ValueError as error:
            raise CelError(f"'{value}' is no double") from error
    raise CelError(f"no such overload: double({type_name(value)})")


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Duration):
        return f"{float(Fraction(value.nanoseconds, 10**9)):g}s"
    if isinstance(value, float):
        return f"{value:g}" if value.is_integer() else repr(value)
    if isinstance(value, (str, int)):
        return str(value)
    raise CelError(f"no such overload: string({type_name(value)})")


def _substring(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise CelError(f"index out of range: {start}, {stop}")
    return text[start:stop]


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise CelError(f"index out of range: {index}")
    return text[index : index + 1]


def _split(text: str, separator: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    if not separator:
        parts = list(text)
        return parts if limit < 0 or len(parts) <= limit else [*parts[: limit - 1], "".join(parts[limit - 1 :])]
    return text.split(separator, limit - 1 if limit > 0 else -1)


def _index_of(value: Any, part: Any, start: int = 0) -> int:
    if isinstance(value, str):
        return value.find(part, start)
    return next((index for index, item in enumerate(value) if equal(item, part)), -1)


def _last_index_of(value: Any, part: Any) -> int:
    if isinstance(value, str):
        return value.rfind(part)
    return next((index for index in range(len(value) - 1, -1, -1) if equal(value[index], part)), -1)


def _is_sorted(values: list[Any]) -> bool:
    return all(compare(first, second) <= 0 for first, second in pairwise(values))


def _extreme(values: list[Any], sign: int) -> Any:
    if not values:
        raise CelError("min and max of an empty list")
    best = values[0]
    for value in values[1:]:
        best = value if compare(value, best) * sign > 0 else best
    return best


def _sum(values: list[Any]) -> Any:
    if all(isinstance(value, Duration) for value in values) and values:
        return Duration(sum(value.nanoseconds for value in values))
    total = sum(values)
    return checked(total) if isinstance(total, int) else total


def _validate(form: Named, text: str) -> Optional:
    return Optional() if form.check(text) else Optional([form.wanted], present=True)


def _find(text: str, pattern: str) -> str:
    return next(iter(_find_all(text, pattern, 1)), "")


def _find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    try:
        return find_all(pattern, text, limit)
    except MalformedError as error:
        raise CelError(f"'{pattern}' is no regular expression") from error
    except UnknownError as error:
        raise UnsupportedError(f"the pattern '{pattern[:60]}': {error}") from error


def _optional_equal(value: Any) -> bool:
    return isinstance(value, Optional) and value.present


def _or_value(value: Optional, default: Any) -> Any:
    return value.value if value.present else default


def _optional_value(value: Optional) -> Any:
    if not value.present:
        raise CelError("the optional has no value")
    return value.value


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "size": _size,
    "contains": _contains,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "matches": _matches,
    "find": _find,
    "findAll": _find_all,
    "int": _int,
    "uint": lambda value: UInt(_int(value)),
    "double": _double,
    "string": _string,
    "bool": _bool,
    "bytes": lambda value: value.encode() if isinstance(value, str) else value,
    "type": type_name,
    "dyn": lambda value: value,
    "duration": lambda value: value if isinstance(value, Duration) else parse_duration(value),
    "timestamp": lambda value: value if isinstance(value, Timestamp) else parse_timestamp(value),
    "getHours": lambda value: value.nanoseconds // (3600 * 10**9),
    "getMinutes": lambda value: value.nanoseconds // (60 * 10**9),
    "getSeconds": lambda value: value.nanoseconds // 10**9,
    "getMilliseconds": lambda value: value.nanoseconds // 10**6,
    "charAt": _char_at,
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "lowerAscii": lambda text: re.sub("[A-Z]+", lambda found: found[0].lower(), text),
    "upperAscii": lambda text: re.sub("[a-z]+", lambda found: found[0].upper(), text),
    "replace": _replaced,
    "split": _split,
    "join": _joined,
    "substring": _substring,
    "trim": lambda text: text.strip(),
    "reverse": lambda value: value[::-1],
    "isSorted": _is_sorted,
    "sum": _sum,
    "min": lambda values: _extreme(values, -1),
    "max": lambda values: _extreme(values, 1),
    "sets.contains": lambda one, two: all(any(equal(a, b) for a in one) for b in two),
    "sets.intersects": lambda one, two: any(any(equal(a, b) for a in one) for b in two),
    "sets.equivalent": lambda one, two: (
        all(any(equal(a, b) for a in one) for b in two) and all(any(equal(a, b) for a in two) for b in one)
    ),
    "quantity": parse_quantity,
    "isQuantity": _is(parse_quantity),
    "sign": lambda value: (value.number > 0) - (value.number < 0),
    "isGreaterThan": lambda one, two: one > two,
    "isLessThan": lambda one, two: one < two,
    "compareTo": lambda one, two: (one > two) - (one < two),
    "isInteger": lambda value: value.integer() is not None,
    "asInteger": lambda value: _int("no integer" if (found := value.integer()) is None else found),
    "asApproximateFloat": lambda value: float(value.number),
    "add": lambda one, two: one.plus(two),
    "sub": lambda one, two: one.plus(two, -1),
    "ip": lambda value: value.address if isinstance(value, Network) else Address(value),
    "isIP": _is(Address),
    "ip.isCanonical": lambda text: str(Address(text).address) == text,
    "family": lambda value: value.address.version,
    "isUnspecified": lambda value: value.address.is_unspecified,
    "isLoopback": lambda value: value.address.is_loopback,
    "isLinkLocalUnicast": lambda value: value.address.is_link_local,
    "cidr": Network,
    "isCIDR": _is(Network),
    "containsIP": lambda one, two: (Address(two) if isinstance(two, str) else two).address in one.network,
    "containsCIDR": lambda one, two: (Network(two) if isinstance(two, str) else two).network.subnet_of(one.network),
    "prefixLength": lambda value: value.network.prefixlen,
    "masked": lambda value: Network(str(value.network)),
    "url": parse_url,
    "isURL": _is(parse_url),
    "getScheme": lambda value: value.scheme,
    "getHost": lambda value: value.netloc.rpartition("@")[2],
    "getHostname": lambda value: value.hostname or "",
    "getPort": lambda value: str(value.port or ""),
    "getEscapedPath": lambda value: value.path,
    "getQuery": lambda value: parse_qs(value.query, keep_blank_values=True),
    "validate": _validate,
    **FORMATS,
    "format.named": lambda name: (
        Optional(FORMATS[f"format.{name}"](), present=True) if f"format.{name}" in FORMATS else Optional()
    ),
    "optional.of": lambda value: Optional(value, present=True),
    "optional.none": Optional,
    "hasValue": _optional_equal,
    "value": _optional_value,
    "orValue": _or_value,
}
"""By name; those of a namespace with it."""
