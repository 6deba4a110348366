"""Literal block scalars (``script: |``) taken out of a text, so that the fast lane needs to know nothing of them.

The contents are found by YAML 1.1's rules for the simple case: a literal without an indentation indicator, its first
line not blank. Anything else is None, and the exact lane reads the text.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"^(?P<margin> *(?:- +)*)(?:[A-Za-z_][A-Za-z0-9_./-]*: +)?\|(?P<chomp>[+-]?) *\n", re.MULTILINE)
_LINE = re.compile(r"( *)[^\n]*(?:\n|\Z)")
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


def take_out(text: str) -> tuple[str, list[str]] | None:
    """The text with a stand-in for each literal, and their contents; None where the exact lane has to read it."""
    if MARK in text:
        return None
    parts: list[str] = []
    contents: list[str] = []
    at = 0
    for header in _HEADER.finditer(text):
        if header.start() < at:
            continue
        margin = header["margin"]
        # Behind a dash the content must be deeper than the dash's own column, behind a key deeper than the key's.
        keyed = header[0].strip().lstrip("- ").find(":") > 0
        least = len(margin) + 1 if keyed else margin.rfind("-") + 1 if "-" in margin else 1
        found = _content(text, header.end(), least)
        if found is None:
            return None
        lines, end = found
        pipe = header.start() + header[0].rindex("|")
        parts += [text[at:pipe], f"{MARK}{len(contents)}\n"]
        contents.append(_chomped(lines, header["chomp"]))
        at = end
    parts.append(text[at:])
    return "".join(parts), contents
