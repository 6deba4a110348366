"""What a platform's mutating webhook does to an object before the schema is asked (DESIGN, decision 3).

One module per kind that has such a webhook; each declares a Defaulter and is found here, listed nowhere.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.checks.rule import Hit
    from generator.checks.structure.verdict import Problem
    from generator.reading.documents import Path
    from generator.reading.kind import Kind
    from generator.schemas import Schema, Version


@dataclass(frozen=True, slots=True)
class Changed:
    """An object after the webhook.

    Attributes:
        data: The object; parts that weren't changed are shared with the original, which stays as it is.
        moved: Where parts went: new place and old place.
    """

    data: dict[str, Any]
    moved: tuple[tuple[Path, Path], ...] = ()

    def origin(self, path: Path) -> Path:
        """Where the user wrote what now stands at ``path``; the path itself where nothing moved."""
        for new, old in self.moved:
            if path[: len(new)] == new:
                return old + path[len(new) :]
        return path

    def place(self, hit: Hit) -> Path:
        """Where a rule's hit stands in what the user wrote."""
        return hit.path if hit.written else self.origin(hit.path)


@dataclass(frozen=True, kw_only=True)
class Defaulter:
    """The mutating webhook of one kind.

    Attributes:
        product: Whose webhook it is.
        kind: The kind that it changes.
        change: Gives the changed object, as far as a rule or the schema can see a difference.
        adds: Every key that may stand in the changed object and not in the one as written.
        written_back: Takes the changed object and what the schema holds against it, and gives the object as it is after
            the webhook decoded it into Go types and wrote it back.
        undecodable: Whether a problem that is left then is a value that the webhook can't decode.
    """

    product: str
    kind: Kind
    change: Callable[[dict[str, Any], Version], Changed]
    adds: frozenset[str]
    written_back: Callable[[dict[str, Any], Iterable[Problem], Schema, Version], dict[str, Any]]
    undecodable: Callable[[Problem, Schema], bool]


@functools.cache
def _defaulters() -> Mapping[tuple[str, Kind], Defaulter]:
    modules = [importlib.import_module(found.name) for found in pkgutil.iter_modules(__path__, f"{__name__}.")]
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, Defaulter)]
    return {(defaulter.product, defaulter.kind): defaulter for defaulter in declared}


def defaulter(product: str, kind: Kind) -> Defaulter | None:
    """The webhook that changes objects of a kind; None where there is none."""
    return _defaulters().get((product, kind))
