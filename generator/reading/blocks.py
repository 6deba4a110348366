"""Literal block scalars (``script: |``) taken out of a text, so that the fast lane needs to know nothing of them.

The contents are found by YAML 1.1's rules for the simple case: a literal without an indentation indicator, its first
line not blank. Anything else is None, and the exact lane reads the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(r"^(?P<margin> *(?:- +)*)(?:[A-Za-z_][A-Za-z0-9_./-]*: +)?\|(?P<chomp>[+-]?) *\n", re.MULTILINE)
_LINE = re.compile(r"( *)[^\n]*(?:\n|\Z)")
_VISIBLE = re.compile(r"[^\n]")
MARK = "serinus-block-scalar-"
"""Begins the stand-in of each; a text that has it already is left to the exact lane."""


def _content(text: str, start: int, margin: int) -> tuple[list[str], int] | None:
    """The lines of a literal and the place behind it.

    Args:
        text: The whole text.
        start: Where the line behind the header begins.
        margin: The least columns that a line of the literal is indented by.
    """
    first = _LINE.match(text, start)
    if not first or not first[0].strip() or len(first[1]) < margin:
        return None
    indent = len(first[1])
    lines: list[str] = []
    at = start
    while at < len(text):
        found = _LINE.match(text, at)
        if not found:
            return None
        line = found[0]
        blank = not line.strip(" \n")
        if not blank and len(found[1]) < indent:
            # Less than the literal and yet more than what holds it is an error, or a comment: not for this lane.
            return None if len(found[1]) >= margin else (lines, at)
        lines.append(line[indent:] if not blank or len(line) > indent + 1 else "\n")
        at = found.end()
    return lines, at


def _chomped(lines: list[str], chomp: str) -> str:
    text = "".join(lines)
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
    for header in _HEADER.finditer(text):
        if header.start() < at:
            continue
        margin = header["margin"]
        # Behind a dash the content must be deeper than the dash's own column, behind a key deeper than the key's.
        keyed = header[0].strip().lstrip("- ").find(":") > 0
        least = len(margin) + 1 if keyed else margin.rfind("-") + 1 if "-" in margin else 1
        inside = _content(text, header.end(), least)
        if inside is None:
            return None
        lines, at = inside
        pipe = header.start() + header[0].rindex("|")
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
        inside = _VISIBLE.sub(" ", text[literal.start : literal.end])
        text = f"{text[: literal.start]}{inside}{text[literal.end :]}"
    return text
