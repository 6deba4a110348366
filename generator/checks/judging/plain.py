"""The fast lane of children: of many documents alike, one tells for all.

A document's children depend on the rest of the set, which is the same for a whole run, and on the document; and of its
name no more than the length matters, as long as that is short enough for all that is named after it.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.checks.finding import Offspring
    from generator.checks.judging.judges import Judge
    from generator.reading.documents import Document

MOST_REMEMBERED = 4096
"""Shapes of documents that one run remembers, so that memory stays bounded."""
SHORT = 20
"""Characters of a name that make nothing too long which is named after it: labels and Services have up to 63."""


class Lane:
    """Remembers the shapes of documents whose children have nothing wrong."""

    def __init__(self) -> None:
        self._clean: dict[bytes, Offspring] = {}

    def known(self, judge: Judge, document: Document) -> Offspring | None:
        """What becomes of a document, where that is known to be without a fault."""
        return self._clean.get(_shape(judge, document)) if self._clean else None

    def remember(self, judge: Judge, document: Document, offspring: Offspring) -> None:
        """Keep that nothing is wrong with what becomes of a document."""
        if len(self._clean) >= MOST_REMEMBERED:
            self._clean.clear()
        self._clean[_shape(judge, document)] = offspring


def _shape(judge: Judge, document: Document) -> bytes:
    """All that decides on what becomes of a document but its name."""
    data = document.data
    metadata: Any = data.get("metadata")
    if metadata.__class__ is dict:
        metadata = {**metadata, "name": _length(document.name)}
    rest = {name: value for name, value in data.items() if name not in ("metadata", "status")}
    return marshal.dumps((str(judge.target), document.header, metadata, rest))


def _length(name: str) -> str | int:
    """A name that is as good as any other; itself where it has more than letters, digits and hyphens."""
    plain = name[:1].isalpha() and name.isascii() and name.replace("-", "").isalnum()
    return max(len(name), SHORT) if plain else name
