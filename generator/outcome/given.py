"""The set that a document is given with: what a controller would find beside it in the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.reading.document import Document
from generator.reading.kind import Kind

Given = Mapping[Kind, Sequence[Document]]
"""Documents by kinds, the one at hand among them; a kind of which there is none may be missing."""


def named(given: Given, kind: Kind, name: str, namespace: str | None = None) -> Document | None:
    """The first object of a kind and name; None where the set has none.

    Args:
        given: The set.
        kind: The kind.
        name: The object's name.
        namespace: Where it has to be; None for a kind without namespaces, or for anywhere. An object that says no
            namespace lands where kubectl is told to put it, so it may be in any; so may the one that asks.
    """
    return next((one for one in within(given, kind, namespace) if one.name == name), None)


def within(given: Given, kind: Kind, namespace: str | None = None) -> Iterator[Document]:
    """The objects of a kind that are, or may be, in a namespace; see ``named``."""
    for one in given.get(kind, ()):
        if not namespace or not one.namespace or one.namespace == namespace:
            yield one
