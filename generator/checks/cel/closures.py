"""The functions that operators and calls are compiled to; each has a short way for the types that rules mostly use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.cel.operators import COMPARISONS, PLAIN_COMPARISONS, arithmetic, contained
from generator.checks.cel.values import CelError, checked, compare, equal, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.checks.cel.macros import Code, Scope


def equality(left: Code, right: Code) -> Code:
    """``==``."""

    def run(scope: Scope) -> bool:
        first, second = left(scope), right(scope)
        return bool(first == second) if type(first) is str and type(second) is str else equal(first, second)

    return run


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
        return arithmetic("+", first, second)

    return run


BINARY: dict[str, Callable[[Code, Code], Code]] = {
    "==": equality,
    "!=": lambda left, right: lambda scope: not equal(left(scope), right(scope)),
    "in": lambda left, right: lambda scope: contained(left(scope), right(scope)),
    "+": added,
}


def application(name: str, function: Callable[..., Any], codes: list[Code]) -> Code:
    """A function on the values of its arguments; types that it isn't made for are an error of the expression."""

    def no_overload(values: list[Any]) -> CelError:
        shown = ", ".join(type_name(value) for value in values)
        return CelError(f"no such overload: {name}({shown})")

    def run(scope: Scope) -> Any:
        values = [code(scope) for code in codes]
        try:
            return function(*values)
        except (TypeError, AttributeError) as error:
            raise no_overload(values) from error

    def run_one(scope: Scope) -> Any:
        value = only(scope)
        try:
            return function(value)
        except (TypeError, AttributeError) as error:
            raise no_overload([value]) from error

    if len(codes) != 1:
        return run
    (only,) = codes
    return run_one
