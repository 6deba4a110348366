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


_GROWING = (str, list, dict)
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
    free = name == "size"

    def applied(values: list[Any]) -> Any:
        try:
            return function(*values)
        except (TypeError, AttributeError) as error:
            shown = ", ".join(type_name(value) for value in values)
            raise CelError(f"no such overload: {name}({shown})") from error

    def run(scope: Scope) -> Any:
        values = [code(scope) for code in codes]
        if not free:
            scope[BUDGET].spend(_price(name, values))
        return applied(values)

    def run_one(scope: Scope) -> Any:
        value = only(scope)
        if not free and isinstance(value, _GROWING):
            scope[BUDGET].spend(size_of(value))
        return applied([value])

    if len(codes) != 1:
        return run
    (only,) = codes
    return run_one


def _price(name: str, values: list[Any]) -> float:
    """What a call costs besides the price of its node."""
    if name in _PRODUCTS and all(isinstance(value, list) for value in values):
        return float(len(values[0]) * len(values[-1]))
    return sum(size_of(value) for value in values if isinstance(value, _GROWING))
