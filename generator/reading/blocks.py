"""Literal block scalars (``script: |``) taken out of a text, so that the fast lane needs to know nothing of them.

The contents are found by YAML 1.1's rules for the simple case: a literal without an indentation indicator, its first
line not blank. Anything else is None, and the exact lane reads the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_HEADER = re.compile(r"(?P<margin> *(?:- +)*)(?:[A-Za-z_][A-Za-z0-9_./-]*: +)?\|(?P<chomp>[+-]?) *\n")
_INDENT = re.compile(r" *(?=[^ \n])")
MARK = "serinus-block-scalar-"
"""Begins the stand-in of each; a text that has it already is left to the exact lane."""


@lru_cache(maxsize=64)
def _outside(indent: int) -> re.Pattern[str]:
    """The end of a line behind which stands one with text that is indented by less."""
    return re.compile(rf"\n( {{0,{indent - 1}}})[^ \n]")


def _content(text: str, start: int, margin: int) -> tuple[str, int] | None:
    """The lines of a literal without their indentation, and the place behind them.

    Args:
        text: The whole text.
        start: Where the line behind the header begins.
        margin: The least columns that a line of the literal is indented by.
    """
    first = _INDENT.match(text, start)
    if not first or len(first[0]) < margin:
        return None
    indent = len(first[0])
    after = _outside(indent).search(text, start - 1)
    if after and len(after[1]) >= margin:
        # Less than the literal and yet more than what holds it is an error, or a comment: not for this lane.
        return None
    end = after.start() + 1 if after else len(text)
    pad = " " * indent
    lines = text[start:end].split("\n")
    return "\n".join([line[indent:] if line.startswith(pad) else line.lstrip(" ") for line in lines]), end


def _chomped(text: str, chomp: str) -> str:
    if chomp == "+":
        return text
    text = text.rstrip("\n")
    return text if chomp == "-" else f"{text}\n"


@dataclass(frozen=True, slots=True)
class _Literal:
    """A literal in a text.

    Attributes:
        pipe: Where its ``|`` stands.
        start: Where its content begins.
        end: Where its content ends.
        content: What it means.
    """

    pipe: int
    start: int
    end: int
    content: str


def _literals(text: str) -> list[_Literal] | None:
    """All literals of a text, in their order; None where one isn't the simple case."""
    found: list[_Literal] = []
    at = 0
    while (pipe := text.find("|", at)) >= 0:
        header = _HEADER.match(text, text.rfind("\n", 0, pipe) + 1)
        at = pipe + 1
        if not header or header.end() < pipe:
            continue
        margin = header["margin"]
        # Behind a dash the content must be deeper than the dash's own column, behind a key deeper than the key's.
        keyed = header[0].strip().lstrip("- ").find(":") > 0
        least = len(margin) + 1 if keyed else margin.rfind("-") + 1 if "-" in margin else 1
        inside = _content(text, header.end(), least)
        if inside is None:
            return None
        lines, at = inside
        found.append(_Literal(pipe, header.end(), at, _chomped(lines, header["chomp"])))
    return found


def take_out(text: str) -> tuple[str, list[str]] | None:
    """The text with a stand-in for each literal, and their contents; None where the exact lane has to read it."""
    literals = None if MARK in text else _literals(text)
    if literals is None:
        return None
    parts: list[str] = []
    at = 0
    for number, literal in enumerate(literals):
        parts += [text[at : literal.pipe], f"{MARK}{number}\n"]
        at = literal.end
    parts.append(text[at:])
    return "".join(parts), [literal.content for literal in literals]


def blanked(text: str) -> str:
    """The text with spaces for the contents of literals, each line where it was; of a text that ``take_out`` took."""
    for literal in _literals(text) or ():
        inside = "\n".join([" " * len(line) for line in text[literal.start : literal.end].split("\n")])
        text = f"{text[: literal.start]}{inside}{text[literal.end :]}"
    return text
