"""The fast way from a path to its place: steps over the raw text of plain block YAML, without parsing it.

Only texts that the fast lane of reading took come here (no anchors, no brackets over several lines, no doubled keys),
and of those only such without quotes over several lines; literals are blanked out. Wherever a step is not obvious the
answer is None, and the syntax tree decides. A property test holds both together.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from generator.reading import blocks

Place = tuple[int, int, int]
"""Line, column and how many parts of the path exist, as ``places.Finder`` gives them."""

_LONG_QUOTE = re.compile(r"""(?:[:-] +|^ *)(?:"(?:[^"\\\n]|\\.)*\n|'(?:[^'\n]|'')*\n)""", re.MULTILINE)
_CONTENT = re.compile(r"^( *)([^ \n#])", re.MULTILINE)
_VALUE = re.compile(r": *(?:#[^\n]*)?")
_BREAK = re.compile("\n")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")


class _Block(NamedTuple):
    """A part of the text that holds one value.

    Attributes:
        start: Where its content begins.
        end: Where it ends.
        column: The column of its content.
    """

    start: int
    end: int
    column: int


@lru_cache(maxsize=128)
def _end(column: int) -> re.Pattern[str]:
    """The end of a line behind which an outer block goes on; a list may stand in the column of its key.

    A pattern that begins with a line break is looked for at line breaks alone, one that begins with ``^`` everywhere.
    """
    outer = rf" {{0,{column - 1}}}[^ \n#]|" if column else ""
    return re.compile(rf"\n(?:{outer} {{{column}}}(?:[^ \n#-]|-[^ \n]))")


@lru_cache(maxsize=128)
def _dash(column: int) -> re.Pattern[str]:
    """A dash behind its margin, and what stands between it and the item."""
    return re.compile(rf" {{{column}}}-(?: +|(?=\n)|\Z)")


@lru_cache(maxsize=128)
def _next_dash(column: int) -> re.Pattern[str]:
    """The same with the line break before."""
    return re.compile(rf"\n{_dash(column).pattern}")


def _block(text: str, start: int, end: int) -> _Block | None:
    """The first content between two places, which begin lines; None where there is none."""
    found = _CONTENT.search(text, start, end)
    return _Block(found.start(2), end, len(found[1])) if found else None


def _key(text: str, block: _Block, name: str) -> int | None:
    """Where a key stands in a mapping; -1 where it surely doesn't, None where that isn't sure."""
    if not _PLAIN_KEY.fullmatch(name) or text[block.start] in "\"'-[{":
        return None
    word = f"{name}:"
    if text.startswith(word, block.start) and text[block.start + len(word) : block.start + len(word) + 1] in (
        "",
        " ",
        "\n",
    ):
        return block.start
    margin = "\n" + " " * block.column
    at = block.start
    while (at := text.find(margin + word, at, block.end)) >= 0:
        at += len(margin)
        if text[at + len(word) : at + len(word) + 1] in ("", " ", "\n"):
            return at
    odd = any(text.find(margin + quote, block.start, block.end) >= 0 for quote in "\"'")
    return None if odd else -1


def _value(text: str, block: _Block, key: int, name: str) -> _Block | None:
    """The value of a key; an empty block where it has no text."""
    found = _VALUE.match(text, key + len(name))
    if not found:
        return None
    line_end = text.find("\n", key)
    line_end = len(text) if line_end < 0 else line_end
    if found.end() < line_end and text[found.end() - 1] in ": " and "#" not in found[0]:
        return _Block(found.end(), line_end, -1)
    start = min(line_end + 1, block.end)
    after = _end(block.column).search(text, start - 1, block.end)
    end = after.start() + 1 if after else block.end
    inner = _block(text, start, end)
    if inner and inner.column <= block.column and text[inner.start] != "-":
        inner = None
    return inner or _Block(key, key, -1)


def _dashes(text: str, block: _Block) -> list[tuple[int, int]]:
    """Each dash of a list in block style: where its line begins, and where what it marks does; empty where unsure."""
    if block.column < 0 or text[block.start] != "-":
        return []
    line_start = _line_start(text, block.start)
    first = _dash(block.column).match(text, line_start, block.end)
    if text[line_start : block.start].strip(" ") or not first:
        # The list itself stands behind a dash; too rare to step through.
        return []
    others = _next_dash(block.column).finditer(text, first.end(), block.end)
    return [(line_start, first.end()), *((dash.start(), dash.end()) for dash in others)]


def _item(text: str, block: _Block, dashes: list[tuple[int, int]], index: int) -> _Block | None:
    """An item of a list in block style."""
    if index >= len(dashes):
        return None
    content = dashes[index][1]
    end = dashes[index + 1][0] + 1 if index + 1 < len(dashes) else block.end
    if content >= end or text[content] in "\n#" or text[content : content + 2] in ("- ", "-\n"):
        return None
    return _Block(content, end, content - _line_start(text, content))


def _line_start(text: str, at: int) -> int:
    """Where the line of a place begins."""
    return text.rfind("\n", 0, at) + 1


class _Step(NamedTuple):
    """Where a path has led to.

    Attributes:
        label: Where the last key, or the item of a list, stands.
        block: Its value; None where there is none, since the path leads nowhere from here.
    """

    label: int
    block: _Block | None


class Scanner:
    """Finds places in one text; steps that paths share are taken once.

    Args:
        text: A text that the fast lane of reading took and for which ``scanner`` holds.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks: list[int] = []
        self._dashes: dict[int, list[tuple[int, int]]] = {}
        block = _block(text, 0, len(text))
        self._steps: dict[tuple[str | int, ...], _Step | None] = {(): _Step(block.start if block else 0, block)}

    def find(self, path: tuple[str | int, ...], *, key: bool) -> Place | None:
        """The place of a value or of its key, or None where the syntax tree has to be asked.

        Args:
            path: Keys and indices; where it leads nowhere, its nearest existing ancestor is meant.
            key: Whether the key is wanted; for an item of a list the item itself is.
        """
        steps = self._steps
        known = len(path)
        while path[:known] not in steps:
            known -= 1
        step = steps[path[:known]]
        while step and step.block and known < len(path):
            known += 1
            step = steps[path[:known]] = self._step(step.label, step.block, path[known - 1])
        if step is None or (not known and step.block is None):
            return None
        label, block = step
        at = label if key or block is None or block.start == block.end else block.start
        depth = known if block else known - 1
        return self._line(at), at - _line_start(self._text, at), depth

    def _line(self, at: int) -> int:
        """The line of a place: the breaks before it, which are looked for once for all places."""
        if not self._breaks:
            self._breaks = [found.start() for found in _BREAK.finditer(self._text)]
        return bisect_left(self._breaks, at)

    def _step(self, label: int, block: _Block, part: str | int) -> _Step | None:
        """One part of a path further; the same label without a block where nothing stands there, None where unsure."""
        if isinstance(part, int):
            if block.start not in self._dashes:
                self._dashes[block.start] = _dashes(self._text, block)
            inner = _item(self._text, block, self._dashes[block.start], part)
            return _Step(inner.start, inner) if inner else None
        at = _key(self._text, block, part) if block.column >= 0 else None
        if at is None:
            return None
        if at < 0:
            return _Step(label, None)
        found = _value(self._text, block, at, part)
        return _Step(at, found) if found else None


def scanner(text: str) -> Scanner | None:
    """A Scanner for a text that the fast lane took; None where its steps can't be trusted."""
    if "|" in text:
        text = blocks.blanked(text)
    return None if _holds_long_quotes(text) else Scanner(text)


def _holds_long_quotes(text: str) -> bool:
    """Whether a quote goes on behind the end of its line; then on some line a quotation mark has no partner.

    An apostrophe has none either; those in comments are most, and no quote begins in a line that is all comment.
    """
    if "'" not in text and '"' not in text:
        return False
    quoting = [line for line in text.split("\n") if ('"' in line or "'" in line) and line.lstrip(" ")[:1] != "#"]
    if not any(line.count('"') % 2 or line.count("'") % 2 or "\\" in line for line in quoting):
        return False
    return _LONG_QUOTE.search("\n".join((*quoting, ""))) is not None
