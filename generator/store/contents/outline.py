"""The outline of JSON and UBJSON: which keys there are near the top, and how many objects a list holds.

A model of XGBoost is one object of any size. Of it only the outline is kept, in one pass over the file. Sources: RFC
8259; Universal Binary JSON, Draft 12, as XGBoost writes it (dmlc/xgboost, src/common/json.cc).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.store.contents.damage import CutError, DamagedError

if TYPE_CHECKING:
    import mmap

    Content = mmap.mmap | bytes
    Path = tuple[str, ...]

DEEPEST = 6
"""Levels whose keys are kept."""
MOST_LEVELS = 500
MOST_KEYS = 10_000
LONGEST_KEY = 100
SHORT = 80
"""Bytes that are kept of a value."""
TOKEN = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"(\s*+:\s*+)?|\\?(\Z))|[{}\[\]]', re.DOTALL)
"""A text with the colon that makes it a key, or a bracket. A text without an end is one that reaches to the file's."""


@dataclass
class Outline:
    """What is kept.

    Attributes:
        values: The path of each key near the top to the first bytes of its value: in JSON its text, in UBJSON empty but
            for texts and lists of numbers.
        objects: The path of each list near the top to the number of objects in it.
        numbers: In UBJSON the numbers of a list, as far as they are few.
    """

    values: dict[Path, bytes] = field(default_factory=dict)
    objects: dict[Path, int] = field(default_factory=dict)
    numbers: dict[Path, list[int]] = field(default_factory=dict)


@dataclass
class Level:
    """An object or a list that is open.

    Attributes:
        mark: ``{`` or ``[``.
        key: The key whose value is being read; of a list ``[]``.
        left: How many values are still to come; None where a bracket ends it.
        type: The type of all its values, where they have one.
    """

    mark: bytes
    key: str = "[]"
    left: int | None = None
    type: bytes = b""


@dataclass
class Levels:
    """What is open, and what is kept of it."""

    found: Outline = field(default_factory=Outline)
    open: list[Level] = field(default_factory=list)

    def begin(self, level: Level) -> None:
        """An object or a list begins.

        Raises:
            DamagedError: There are too many around it.
        """
        if len(self.open) >= MOST_LEVELS:
            raise DamagedError(f"it is nested more than {MOST_LEVELS} levels deep")
        if level.mark == b"{" and self.open and self.open[-1].mark == b"[" and len(self.open) <= DEEPEST:
            place = tuple(each.key for each in self.open[:-1])
            self.found.objects[place] = self.found.objects.get(place, 0) + 1
        self.open.append(level)

    def key(self, name: bytes) -> None:
        """A key of the object that is open; its value follows."""
        self.open[-1].key = name[:LONGEST_KEY].decode("utf-8", "replace")
        self.value(b"")

    def value(self, content: bytes) -> None:
        """The first bytes of the value of the last key."""
        if len(self.open) <= DEEPEST and len(self.found.values) < MOST_KEYS:
            self.found.values[tuple(each.key for each in self.open)] = content


def of_json(content: Content) -> Outline:
    """The outline of a JSON object.

    Raises:
        DamagedError: The text isn't one object, or was cut off.
    """
    levels = Levels()
    for token in TOKEN.finditer(content):
        mark = token[0][:1]
        if mark == b'"':
            if token[3] is not None:
                raise CutError
            if token[2] is not None and levels.open and levels.open[-1].mark == b"{":
                levels.key(token[1])
                levels.value(content[token.end() : token.end() + SHORT])
        elif mark in b"{[":
            levels.begin(Level(mark))
        elif not levels.open or levels.open.pop().mark + mark not in {b"{}", b"[]"}:
            raise DamagedError("its brackets don't match")
        elif not levels.open:
            return levels.found
    raise CutError


WIDTHS = {b"Z": 0, b"T": 0, b"F": 0, b"N": 0, b"i": 1, b"U": 1, b"C": 1, b"I": 2, b"l": 4, b"d": 4, b"L": 8, b"D": 8}
SIGNED = {b"i": True, b"U": False, b"I": True, b"l": True, b"L": True}
MOST_NUMBERS = 16


def of_ubjson(content: Content) -> Outline:
    """The outline of a UBJSON object.

    Raises:
        DamagedError: The bytes aren't one object, or were cut off.
    """
    return _Walk(content).run()


class _Walk:
    """One pass over UBJSON."""

    def __init__(self, content: Content) -> None:
        self.content, self.at, self.end = content, 0, len(content)
        self.levels = Levels()

    def run(self) -> Outline:
        """To the end of the object.

        Raises:
            DamagedError: It has none.
        """
        if self._take(1) != b"{":
            raise DamagedError("it is no UBJSON object")
        self._begin(b"{")
        while self.levels.open:
            level = self.levels.open[-1]
            if level.left == 0 or (level.left is None and self._closes(level)):
                self.levels.open.pop()
                continue
            if level.left is not None:
                level.left -= 1
            if level.mark == b"{":
                self.levels.key(self._take(self._size()))
            self._value(level.type or self._take(1), level)
        return self.levels.found

    def _closes(self, level: Level) -> bool:
        while self.content[self.at : self.at + 1] == b"N":
            self.at += 1
        if self.content[self.at : self.at + 1] != (b"}" if level.mark == b"{" else b"]"):
            return False
        self.at += 1
        return True

    def _value(self, mark: bytes, level: Level) -> None:
        if mark in {b"{", b"["}:
            self._begin(mark)
        elif mark in {b"S", b"H"}:
            text = self._take(self._size())
            if level.mark == b"{":
                self.levels.value(text[:SHORT])
        elif mark in WIDTHS:
            raw = self._take(WIDTHS[mark])
            if level.mark == b"[" and mark in SIGNED:
                self._number(int.from_bytes(raw, "big", signed=SIGNED[mark]))
        else:
            raise DamagedError("it is no UBJSON")

    def _number(self, number: int) -> None:
        """One of a list near the top."""
        if len(self.levels.open) <= DEEPEST:
            known = self.levels.found.numbers.setdefault(tuple(each.key for each in self.levels.open[:-1]), [])
            if len(known) < MOST_NUMBERS:
                known.append(number)

    def _begin(self, mark: bytes) -> None:
        """A bracket was read; a type and a count may follow it. A list of numbers is passed over at once."""
        level = Level(mark)
        if self.content[self.at : self.at + 1] == b"$":
            self.at += 1
            level.type = self._take(1)
            if self.content[self.at : self.at + 1] != b"#":
                raise DamagedError("it is no UBJSON")
        if self.content[self.at : self.at + 1] == b"#":
            self.at += 1
            level.left = self._size()
        width = WIDTHS.get(level.type)
        if mark == b"[" and width is not None and level.left is not None:
            if level.left <= MOST_NUMBERS:
                self.levels.begin(level)
                return
            self._skip(width * level.left)
            return
        if level.left is not None and level.left > self.end:
            raise CutError  # each value takes a byte at the least
        self.levels.begin(level)

    def _size(self) -> int:
        mark = self._take(1)
        if mark not in SIGNED:
            raise DamagedError("it is no UBJSON")
        size = int.from_bytes(self._take(WIDTHS[mark]), "big", signed=SIGNED[mark])
        if size < 0:
            raise DamagedError("it is no UBJSON")
        return size

    def _take(self, size: int) -> bytes:
        start = self.at
        self._skip(size)
        return self.content[start : self.at]

    def _skip(self, size: int) -> None:
        self.at += size
        if self.at > self.end:
            raise CutError
