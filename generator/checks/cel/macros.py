"""What decides itself which of its parts to evaluate: ``&&``, ``||`` and the macros over lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from generator.checks.cel.cost import BUDGET
from generator.checks.cel.operators import items_of, truth
from generator.checks.cel.values import CelError

Scope = Mapping[str, Any]
Code = Callable[[Scope], Any]


def logical(operator: str, left: Code, right: Code) -> Code:
    """``&&`` and ``||`` in either order: one decisive side is enough, even where the other has no value."""
    decisive: bool = operator == "||"

    def run(scope: Scope) -> bool:
        try:
            first = left(scope)
            if first is decisive or truth(first) is decisive:
                return decisive
        except CelError:
            if truth(right(scope)) is decisive:
                return decisive
            raise
        return truth(right(scope))

    return run


class Rounds(NamedTuple):
    """The rounds of a loop.

    Attributes:
        name: The variable that each item is bound to.
        cost: What a round costs.
    """

    name: str
    cost: int


def _all(source: Code, rounds: Rounds, predicate: Code) -> Code:
    return _quantified(source, rounds, predicate, decisive=False)


def _exists(source: Code, rounds: Rounds, predicate: Code) -> Code:
    return _quantified(source, rounds, predicate, decisive=True)


def _quantified(source: Code, rounds: Rounds, predicate: Code, *, decisive: bool) -> Code:
    """``all`` and ``exists``: one decisive item is enough, even where others have no value."""
    name, cost = rounds

    def run(scope: Scope) -> bool:
        error = None
        inner, number = dict(scope), 0
        for number, item in enumerate(items_of(source(scope)), 1):
            inner[name] = item
            try:
                if truth(predicate(inner)) is decisive:
                    scope[BUDGET].spend(number * cost)
                    return decisive
            except CelError as found:
                error = error or found
        scope[BUDGET].spend(number * cost)
        if error:
            raise error
        return not decisive

    return run


def _over(source: Code, rounds: Rounds, scope: Scope) -> Iterator[Scope]:
    """The variables of each round, in one mapping that is changed from round to round."""
    inner, items = dict(scope), items_of(source(scope))
    scope[BUDGET].spend(len(items) * rounds.cost)
    for item in items:
        inner[rounds.name] = item
        yield inner


def _exists_one(source: Code, rounds: Rounds, predicate: Code) -> Code:
    return lambda scope: sum(truth(predicate(inner)) for inner in _over(source, rounds, scope)) == 1


def _filter(source: Code, rounds: Rounds, predicate: Code) -> Code:
    return lambda scope: [inner[rounds.name] for inner in _over(source, rounds, scope) if truth(predicate(inner))]


def _mapped(source: Code, rounds: Rounds, *codes: Code) -> Code:
    predicate, change = codes if len(codes) > 1 else (None, codes[0])

    def run(scope: Scope) -> list[Any]:
        scopes = _over(source, rounds, scope)
        return [change(inner) for inner in scopes if predicate is None or truth(predicate(inner))]

    return run


MACROS: dict[tuple[str, int], Callable[..., Code]] = {
    ("all", 2): _all,
    ("exists", 2): _exists,
    ("exists_one", 2): _exists_one,
    ("existsOne", 2): _exists_one,
    ("filter", 2): _filter,
    ("map", 2): _mapped,
    ("map", 3): _mapped,
}
