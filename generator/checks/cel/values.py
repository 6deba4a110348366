"""The values of CEL that Python has no type for, and equality and order among values.

CEL's int is Python's int (kept within 64 bits), its double a float; bool is never a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

INT_MIN, INT_MAX = -(2**63), 2**63 - 1


class CelError(Exception):
    """An expression that has no value, such as a missing key; the API server takes a rule that ends in one as false."""


class UnsupportedError(Exception):
    """An expression that is CEL, perhaps, but uses something that isn't implemented here."""


class UInt(int):
    """CEL's unsigned integer."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A value that has no form in CEL; an error only for an expression that reads it."""

    reason: str


def usable(value: Any) -> Any:
    """The value itself.

    Raises:
        CelError: It is Unusable.
    """
    if isinstance(value, Unusable):
        raise CelError(value.reason)
    return value


@dataclass(frozen=True, order=True, slots=True)
class Duration:
    """A length of time in nanoseconds."""

    nanoseconds: int


@dataclass(frozen=True, order=True, slots=True)
class Timestamp:
    """A moment: nanoseconds since 1970 in UTC."""

    nanoseconds: int


@dataclass(frozen=True, slots=True)
class Optional:
    """A value that may be missing."""

    value: Any = None
    present: bool = False


class Unordered(list[Any]):
    """A list whose order means nothing: of type set, or of type map, where keys tell the items apart.

    Attributes:
        keys: The key fields of a list of type map; empty for a set.
    """

    __slots__ = ("keys",)

    def __init__(self, items: Iterable[Any], keys: tuple[str, ...]) -> None:
        super().__init__(items)
        self.keys = keys

    def like(self, other: list[Any]) -> bool:
        """Whether another list holds the same."""
        if len(self) != len(other):
            return False
        if not self.keys:
            return all(any(equal(item, one) for one in other) for item in self)
        if not isinstance(other, Unordered):
            return all(map(equal, self, other))
        there = {self._key(one): one for one in other}
        return all(self._key(item) in there and equal(item, there[self._key(item)]) for item in self)

    def _key(self, item: Any) -> tuple[str, ...]:
        return tuple(repr(item.get(key)) for key in self.keys) if isinstance(item, dict) else (repr(item),)


def checked(value: int) -> int:
    """An int within 64 bits.

    Raises:
        CelError: It is not.
    """
    if INT_MIN <= value <= INT_MAX:
        return value
    raise CelError("integer overflow")


def is_number(value: Any) -> bool:
    """Whether a value is an int, uint or double."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def type_name(value: Any) -> str:
    """The name of a value's type in CEL."""
    names: dict[type, str] = {
        bool: "bool",
        UInt: "uint",
        int: "int",
        float: "double",
        str: "string",
        bytes: "bytes",
        list: "list",
        Unordered: "list",
        dict: "map",
        type(None): "null_type",
        Duration: "google.protobuf.Duration",
        Timestamp: "google.protobuf.Timestamp",
        Optional: "optional_type",
    }
    return names.get(type(value)) or type(value).__name__


def equal(left: Any, right: Any) -> bool:
    """CEL's equality: numbers by value across types, everything else within its type only."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, Unordered) and isinstance(right, list):
        return left.like(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1.

    Raises:
        CelError: The two have no order.
    """
    numbers = is_number(left) and is_number(right)
    ordered = (str, bytes, bool, Duration, Timestamp)
    if not numbers and not (type(left) is type(right) and isinstance(left, ordered)):
        raise CelError(f"no such overload: {type_name(left)} and {type_name(right)} have no order")
    return int(left > right) - int(left < right)
