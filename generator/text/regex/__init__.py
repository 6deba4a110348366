"""Regular expressions as Go reads them, matched in a time that is bounded before it begins.

Schemas bring patterns of strangers, and Python's engine can take for ever on them, or reads them in another way. Here
they are parsed by Go's own rules, so that what the API server refuses is refused, and run as a set of states that moves
over the text once. Source: ``regexp/syntax`` of Go (syntax.Perl, parse.go and doc.go).
"""

from __future__ import annotations

from functools import lru_cache

from generator.text.regex.letters import UnknownError
from generator.text.regex.machine import Machine
from generator.text.regex.parser import MalformedError, parse

__all__ = ["MalformedError", "Regex", "UnknownError", "compiled"]

_FILLED = 256
"""Patterns that are kept; a schema has a few dozen."""


class Regex:
    """A compiled pattern.

    Args:
        pattern: In Go's syntax.

    Raises:
        MalformedError: Go refuses the pattern.
        UnknownError: It is Go's, and uses what isn't known here, or is too large.
    """

    def __init__(self, pattern: str) -> None:
        self._machine = Machine(parse(pattern))

    def matches(self, text: str) -> bool:
        """Whether it is found anywhere in a text.

        Raises:
            UnknownError: Text and pattern together are too large.
        """
        return self._machine.matches(text)

    def find_all(self, text: str, limit: int = -1) -> list[str]:
        """All places where it is found, from left to right, at most ``limit`` where that isn't negative.

        An empty one right behind another is none (``FindAllString`` of Go's ``regexp``).

        Raises:
            UnknownError: Text and pattern together are too large.
        """
        found: list[str] = []
        at, before = 0, -1
        while at <= len(text) and (limit < 0 or len(found) < limit):
            place = self._machine.find(text, at)
            if place is None:
                break
            start, end = place
            if end > start or start != before:
                found.append(text[start:end])
            at = end if end > at else at + 1
            before = end
        return found


@lru_cache(maxsize=_FILLED)
def compiled(pattern: str) -> Regex:
    """A pattern, compiled once.

    Raises:
        MalformedError, UnknownError: As ``Regex``.
    """
    return Regex(pattern)
