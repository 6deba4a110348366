"""CEL's operators and access, on values."""

from __future__ import annotations

import math
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from generator.checks.cel.values import (
    CelError,
    Duration,
    Optional,
    Timestamp,
    UInt,
    checked,
    equal,
    is_number,
    type_name,
    usable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

COMPARISONS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}

PLAIN_COMPARISONS: dict[str, Callable[[int, int], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
"""The same, of two integers."""


def overload(operator: str, left: Any, right: Any) -> CelError:
    """The error of an operator between types that it does not know."""
    return CelError(f"no such overload: {type_name(left)} {operator} {type_name(right)}")


def truth(value: Any) -> bool:
    """A bool.

    Raises:
        CelError: It is none.
    """
    if value is True or value is False:
        return value
    raise CelError(f"no such overload: {type_name(value)} is no bool")


def _divided(operator: str, left: int, right: int) -> int:
    """Integer division and rest, both towards zero."""
    if right == 0:
        raise CelError("division by zero" if operator == "/" else "modulus by zero")
    quotient = abs(left) // abs(right)
    quotient = quotient if (left < 0) == (right < 0) else -quotient
    return checked(quotient) if operator == "/" else left - quotient * right


def _double(operator: str, left: float, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def _moments(operator: str, left: Any, right: Any) -> Any:
    """Sums and differences of durations and timestamps."""
    kinds = (type(left), type(right))
    if operator == "+" and kinds == (Duration, Duration):
        return Duration(left.nanoseconds + right.nanoseconds)
    if operator == "+" and Timestamp in kinds and Duration in kinds:
        return Timestamp(left.nanoseconds + right.nanoseconds)
    if operator == "-" and kinds == (Timestamp, Timestamp):
        return Duration(left.nanoseconds - right.nanoseconds)
    if operator == "-" and kinds[1] is Duration and kinds[0] in (Duration, Timestamp):
        return kinds[0](left.nanoseconds - right.nanoseconds)
    raise overload(operator, left, right)


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Sum, difference, product, quotient or rest of two values of one type.

    Raises:
        CelError: The types differ, or the result is out of range.
    """
    if not (is_number(left) and is_number(right)):
        if operator == "+" and type(left) is type(right) and isinstance(left, (str, bytes, list)):
            return left + right
        return _moments(operator, left, right)
    if type(left) is not type(right) or (operator == "%" and isinstance(left, float)):
        raise overload(operator, left, right)
    if isinstance(left, float):
        return _double(operator, left, right)
    if operator in ("/", "%"):
        value = _divided(operator, left, right)
    else:
        value = left + right if operator == "+" else left - right if operator == "-" else left * right
    if isinstance(left, UInt):
        if not 0 <= value < 2**64:
            raise CelError("unsigned integer overflow")
        return UInt(value)
    return checked(value)


def contained(item: Any, container: Any) -> bool:
    """Whether an item is in a list, or a key in a map."""
    if isinstance(container, list):
        if type(item) is str:
            return item in [one for one in container if type(one) is str]
        return any(equal(item, one) for one in container)
    if isinstance(container, dict):
        return isinstance(item, (str, int)) and item in container
    raise overload("in", item, container)


def field_of(value: Any, name: str) -> Any:
    """The value of a field.

    Raises:
        CelError: There is none.
    """
    if isinstance(value, Optional):
        inner = value.value
        return Optional(inner[name], present=True) if has_field(inner, name) else Optional()
    if not isinstance(value, dict):
        raise CelError(f"no such overload: a {type_name(value)} has no fields")
    if name not in value:
        raise CelError(f"no such key: {name}")
    return usable(value[name])


def has_field(value: Any, name: str) -> bool:
    """Whether a value is a map with that key."""
    return isinstance(value, dict) and name in value


def item_of(value: Any, index: Any) -> Any:
    """An item of a list, or the value of a key.

    Raises:
        CelError: There is none.
    """
    if isinstance(value, list):
        if not is_number(index) or index != int(index):
            raise overload("[]", value, index)
        if not 0 <= index < len(value):
            raise CelError(f"index out of bounds: {index}")
        return usable(value[int(index)])
    if isinstance(value, dict):
        if not isinstance(index, (str, int, float)) or index not in value:
            raise CelError(f"no such key: {index}")
        return usable(value[index])
    raise overload("[]", value, index)


def items_of(value: Any) -> list[Any]:
    """The items of a list, or the keys of a map.

    Raises:
        CelError: It is neither.
    """
    if isinstance(value, (list, dict)):
        return [usable(item) for item in value]
    raise CelError(f"no such overload: a {type_name(value)} has no items")
