"""Splitting a file into documents, as ``YAMLReader`` of k8s.io/apimachinery (pkg/util/yaml) does.

A line that begins with ``---`` ends a document. Only a comment may follow on that line. What stands behind ``...``
in a document is not read by kubectl, nor by us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "---"


@dataclass(frozen=True, slots=True)
class Chunk:
    r"""The text of one document.

    Attributes:
        text: Without a byte order mark; lines end with ``\n``.
        line: The file's line on which it begins, counted from 0.
        separator: What stands behind ``---`` though only a comment may; empty where all is well.
        explicit: Whether a ``---`` belongs to it: one that ends no document, since nothing stands before it.
    """

    text: str
    line: int
    separator: str = ""
    explicit: bool = False


def split(text: str) -> Iterator[Chunk]:
    r"""The documents of a file, empty ones included.

    Args:
        text: The whole text; lines end with ``\n``.
    """
    if not text.endswith("\n"):
        # Go reads line by line and ends each one itself, which a literal at the end can tell.
        text += "\n"
    if "---" not in text:
        yield Chunk(text.removeprefix("\ufeff"), 0)
        return
    start = line = 0
    explicit = False
    for begin in _separators(text):
        end = text.find("\n", begin)
        rest = text[begin + len(_MARK) : end].strip()
        if begin > start:
            chunk = text[start:begin]
            yield Chunk(chunk.removeprefix("\ufeff"), line, explicit=explicit)
            line += chunk.count("\n")
        explicit = begin == start and not explicit  # one that stands alone is part of what it begins
        if rest and not rest.startswith("#"):
            yield Chunk(text[begin:end], line, separator=rest)
        start = end + 1
        line += 1
    if start < len(text):
        yield Chunk(text[start:].removeprefix("\ufeff"), line, explicit=explicit)


def _separators(text: str) -> Iterator[int]:
    """Where the lines begin that end a document."""
    if text.startswith(_MARK):
        yield 0
    at = 0
    while (at := text.find(f"\n{_MARK}", at)) >= 0:
        at += 1
        yield at
