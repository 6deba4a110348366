"""The functions that operators and calls are compiled to; each has a short way for the types that rules mostly use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.cel.cost import BUDGET, size_of
from generator.checks.cel.operators import COMPARISONS, PLAIN_COMPARISONS, arithmetic, contained
from generator.checks.cel.values import CelError, checked, compare, equal, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.checks.cel.macros import Code, Scope


def equality(left: Code, right: Code) -> Code:
    """``==``."""

    def run(scope: Scope) -> bool:
        first, second = left(scope), right(scope)
        if type(first) is str and type(second) is str:
            return first == second
        if isinstance(first, (list, dict)):
            scope[BUDGET].spend(size_of(first))
        return equal(first, second)

    return run


def _contained(left: Code, right: Code) -> Code:
    """``in``."""

    def run(scope: Scope) -> bool:
        item, container = left(scope), right(scope)
        if isinstance(container, list):
            scope[BUDGET].spend(len(container))
        return contained(item, container)

    return run


def _inequality(left: Code, right: Code) -> Code:
    """``!=``."""
    same = equality(left, right)
    return lambda scope: not same(scope)


def comparison(operator: str, left: Code, right: Code) -> Code:
    """``<``, ``<=``, ``>`` or ``>=``."""
    holds, plainly = COMPARISONS[operator], PLAIN_COMPARISONS[operator]

    def run(scope: Scope) -> bool:
        first, second = left(scope), right(scope)
        if type(first) is int and type(second) is int:
            return bool(plainly(first, second))
        return holds(compare(first, second))

    return run


def added(left: Code, right: Code) -> Code:
    """``+``."""

    def run(scope: Scope) -> Any:
        first, second = left(scope), right(scope)
        if type(first) is int and type(second) is int:
            return checked(first + second)
        scope[BUDGET].spend(size_of(first) + size_of(second))
        return arithmetic("+", first, second)

    return run


_GROWING = frozenset((str, list, dict))
_SMALL = 30
"""Characters, or items, that a call's own price covers."""
_WALKING = frozenset(
    (
        *("matches", "find", "findAll", "contains", "indexOf", "lastIndexOf", "lowerAscii", "upperAscii", "replace"),
        *("split", "join", "substring", "trim", "reverse", "isSorted", "sum", "min", "max"),
        *("sets.contains", "sets.intersects", "sets.equivalent", "quantity", "isQuantity", "url", "isURL", "validate"),
    )
)
"""The functions that go over the whole of their first argument."""
_PRODUCTS = frozenset(("sets.contains", "sets.intersects", "sets.equivalent"))
"""What holds each item of one list against each of another."""

BINARY: dict[str, Callable[[Code, Code], Code]] = {
    "==": equality,
    "!=": _inequality,
    "in": _contained,
    "+": added,
}


def application(name: str, function: Callable[..., Any], codes: list[Code]) -> Code:
    """A function on the values of its arguments; types that it isn't made for are an error of the expression."""

    def run(scope: Scope) -> Any:
        values = [code(scope) for code in codes]
        try:
            return function(*values)
        except (TypeError, AttributeError) as error:
            raise _no_overload(name, values) from error

    def run_priced(scope: Scope) -> Any:
        values = [code(scope) for code in codes]
        price = _price(name, values)
        if price:
            scope[BUDGET].spend(price)
        try:
            return function(*values)
        except (TypeError, AttributeError) as error:
            raise _no_overload(name, values) from error

    def run_one(scope: Scope) -> Any:
        value = only(scope)
        try:
            return function(value)
        except (TypeError, AttributeError) as error:
            raise _no_overload(name, [value]) from error

    if name in _WALKING:
        return run_priced
    if len(codes) != 1:
        return run
    (only,) = codes
    return run_one


def _no_overload(name: str, values: list[Any]) -> CelError:
    shown = ", ".join(type_name(value) for value in values)
    return CelError(f"no such overload: {name}({shown})")


def _price(name: str, values: list[Any]) -> float:
    """What a call costs besides the price of its node."""
    first: Any = values[0] if values else None
    if name in _PRODUCTS and all(isinstance(value, list) for value in values):
        return float(len(values[0]) * len(values[-1]))
    return size_of(first) if type(first) in _GROWING and len(first) > _SMALL else 0
