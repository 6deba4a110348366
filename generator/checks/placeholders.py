"""Placeholders that people leave for others to fill, in the texts of an object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.reading.documents import Path

LONGEST = 300
"""Characters of a text that is looked at: longer ones are scripts, certificates, documents."""

MARKS = ("<", "$", "your", "xxxx", "change", "replace", ".values")
"""Of which at least one stands, in small letters, wherever there is a placeholder; each costs every document time."""

PROSE = frozenset({"description", "args", "command", "data", "binaryData", "subPathExpr", "openAPIV3Schema"})
"""Fields with texts of others: scripts, prose, files; in ``$(NAME)`` of some the kubelet fills in itself."""

_ANGLE = r"(?<![?\w<|])<[A-Za-z](?:[\w .:+-]|/(?!>))*>"
_WORD = r"(?<![A-Za-z0-9])(?:(?i:change[-_]?me|replace[-_]?me|your[-_][a-z][\w-]*|x{4,})|your[A-Z]\w+)(?![A-Za-z0-9])"
_VARIABLE = (
    r"(?<!\$)(?:\$\{[A-Za-z_][^}\s]*\}|\$\([A-Za-z_][\w.]*\))|(?<![\w$])\$[A-Z][A-Z0-9_]+(?![\w(])"
    r"|\{\{-?\s*\.Values\.[^}]*\}\}"
)
EMPTY = re.compile(f"{_ANGLE}|{_WORD}")
VARIABLE = re.compile(_VARIABLE)
_EITHER = re.compile(f"{_ANGLE}|{_WORD}|{_VARIABLE}")
_ASIDE = re.compile(f"{_EITHER.pattern}|{{{{[^}}]*}}}}")
_BLANK = re.compile(r"\s")
_IN_ENVIRONMENT = re.compile(rf"<[^>]*[- ][^>]*>|<[A-Z_]+>|{_WORD}")
"""In the value of a variable ``<think>`` may be what a model writes, and ``${HOME}`` what a program reads."""


class Placeholder(NamedTuple):
    """A placeholder.

    Attributes:
        path: Where the text stands that has it.
        text: The placeholder itself.
        variable: Whether tools know how to fill it, such as ``${BUCKET}``; the others are for people.
        in_key: Whether it stands in the key at ``path``.
    """

    path: Path
    text: str
    variable: bool
    in_key: bool = False


def within(value: str) -> Iterator[tuple[str, bool]]:
    """The placeholders of a text, and whether each is a variable.

    A text with blanks around them is prose or a script, one that begins with a bracket is JSON.
    """
    if not marks(value) or len(value) > LONGEST or (value[:1] in ("{", "[") and value[:2] != "{{"):
        return
    if "</" in value or _BLANK.search(_ASIDE.sub("", value)):
        return
    for found in _EITHER.finditer(value):
        yield found[0], VARIABLE.fullmatch(found[0]) is not None


def filled(value: str) -> bool:
    """Whether a text has no placeholder."""
    return not any(within(value))


def marks(source: str) -> list[str]:
    """The marks in a text; cheap."""
    low = source.lower()
    return [mark for mark in MARKS if mark in low]


def may_have_some(data: object, among: Sequence[str]) -> bool:
    """Whether it is worth while to look for placeholders with one of these marks in an object; cheap."""
    waiting: list[Any] = [data]
    marked = re.compile("|".join(map(re.escape, among)), re.IGNORECASE).search
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "<" in among and any("<" in key for key in value):
                return True
            value = [child for key, child in value.items() if key not in PROSE]
        texts = [child for child in value if child.__class__ is str]
        if texts and marked("\n".join(texts)):
            return True
        waiting += [child for child in value if child.__class__ is dict or child.__class__ is list]
    return False


def placeholders(data: object) -> Iterator[Placeholder]:
    """All placeholders of an object, in the order of the text."""
    waiting: list[tuple[Path, object]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            found = [key for key in value if "<" in key and EMPTY.fullmatch(key)]
            yield from (Placeholder((*path, key), key, variable=False, in_key=True) for key in found)
            waiting += [((*path, key), value[key]) for key in reversed(value) if key not in PROSE]
        elif isinstance(value, list):
            waiting += [((*path, number), value[number]) for number in reversed(range(len(value)))]
        elif isinstance(value, str):
            yield from _in_text(path, value)


def _in_text(path: Path, value: str) -> Iterator[Placeholder]:
    found = list(within(value))
    if found and path[-1:] == ("value",) and "env" in path[-3:-1]:
        found = [(one[0], False) for one in _IN_ENVIRONMENT.finditer(value)]
    for text, variable in found:
        yield Placeholder(path, text, variable)
