"""What decides itself which of its parts to evaluate: ``&&``, ``||`` and the macros over lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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


def _all(source: Code, name: str, predicate: Code) -> Code:
    return _quantified(source, name, predicate, decisive=False)


def _exists(source: Code, name: str, predicate: Code) -> Code:
    return _quantified(source, name, predicate, decisive=True)


def _quantified(source: Code, name: str, predicate: Code, *, decisive: bool) -> Code:
    """``all`` and ``exists``: one decisive item is enough, even where others have no value."""

    def run(scope: Scope) -> bool:
        error = None
        inner = dict(scope)
        for item in items_of(source(scope)):
            inner[name] = item
            try:
                if truth(predicate(inner)) is decisive:
                    return decisive
            except CelError as found:
                error = error or found
        if error:
            raise error
        return not decisive

    return run


def _exists_one(source: Code, name: str, predicate: Code) -> Code:
    return lambda scope: sum(truth(predicate({**scope, name: item})) for item in items_of(source(scope))) == 1


def _filter(source: Code, name: str, predicate: Code) -> Code:
    return lambda scope: [item for item in items_of(source(scope)) if truth(predicate({**scope, name: item}))]


def _mapped(source: Code, name: str, *codes: Code) -> Code:
    predicate, change = codes if len(codes) > 1 else (None, codes[0])

    def run(scope: Scope) -> list[Any]:
        scopes = ({**scope, name: item} for item in items_of(source(scope)))
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
