"""The set that a document is given with: what a controller would find beside it in the cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from generator.reading.document import Document
from generator.reading.kind import Kind

T = TypeVar("T")

Given = Mapping[Kind, Sequence[Document]]
"""Documents by kinds, the one at hand among them; a kind of which there is none may be missing."""


class Remembering(Mapping[Kind, Sequence[Document]]):
    """A set that remembers what was made of it, so that a thousand documents of one set read it once."""

    def __init__(self, documents: Given) -> None:
        """Of documents by kinds, which are not to change any more; a kind is only read when it is asked for."""
        self._documents = documents
        self._made: dict[tuple[Any, ...], Any] = {}

    def __getitem__(self, kind: Kind) -> Sequence[Document]:
        """The documents of a kind."""
        return self._documents[kind]

    def __iter__(self) -> Iterator[Kind]:
        """The kinds there are."""
        return iter(self._documents)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._documents)

    def derive(self, make: Callable[..., T], *more: Any) -> T:
        """What a function makes of the set and of more, which can be hashed; made once."""
        key = (make, *more)
        try:
            found: T = self._made[key]
        except KeyError:
            found = self._made[key] = make(self, *more)
        return found


def derived(given: Given, make: Callable[..., T], *more: Any) -> T:
    """What a function makes of a set; see ``Remembering``."""
    return given.derive(make, *more) if isinstance(given, Remembering) else make(given, *more)


def named(given: Given, kind: Kind, name: str, namespace: str | None = None) -> Document | None:
    """The first object of a kind and name; None where the set has none.

    Args:
        given: The set.
        kind: The kind.
        name: The object's name.
        namespace: Where it has to be; None for a kind without namespaces, or for anywhere. An object that says no
            namespace lands where kubectl is told to put it, so it may be in any; so may the one that asks.
    """
    if kind not in given:
        return None
    return next((one for one in derived(given, _by_name, kind).get(name, ()) if _may_be_in(one, namespace)), None)


def within(given: Given, kind: Kind, namespace: str | None = None) -> Iterator[Document]:
    """The objects of a kind that are, or may be, in a namespace; see ``named``."""
    for one in given.get(kind, ()):
        if _may_be_in(one, namespace):
            yield one


def _may_be_in(document: Document, namespace: str | None) -> bool:
    return not namespace or not document.namespace or document.namespace == namespace


def _by_name(given: Given, kind: Kind) -> Mapping[str, Sequence[Document]]:
    found: dict[str, list[Document]] = {}
    for one in given.get(kind, ()):
        found.setdefault(one.name, []).append(one)
    return found
