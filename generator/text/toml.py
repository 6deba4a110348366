"""Where the keys and values of a TOML text stand, which ``tomllib`` doesn't tell.

A scan of a text that ``tomllib`` has read: what it has found to be TOML needs no checking, so that the few forms of a
value are all there is to know. Values themselves are none of its business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_SCALAR = re.compile(
    r"""
    "{3}(?:\\.|[^\\])*?"{3}(?!")    # text over several lines, in double quotes
    | '{3}.*?'{3}(?!')              # the same in single quotes
    | "(?:[^"\\\n]|\\.)*"
    | '[^'\n]*'
    | [^,\]}\n\#]+                  # a number, a date, true: all up to what ends it
    | .                             # no TOML; but the scan goes on
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass
class Places:
    """Where each path stands, as line and column from 1.

    Attributes:
        keys: The key, where it stands first.
        values: Its value; that of a table or list in parts is where its first part is named.
    """

    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def key(self, path: Path) -> tuple[int, int]:
        """The key of a path, else of the nearest path around it."""
        return _nearest(self.keys, path)

    def value(self, path: Path) -> tuple[int, int]:
        """The value of a path, else of the nearest path around it."""
        return _nearest(self.values, path)


def places(text: str) -> Places:
    """The places of all that a text says.

    Args:
        text: Valid TOML.
    """
    scan = _Scan(text.replace("\r\n", "\n"))
    scan.document()
    return scan.found


def _nearest(known: dict[Path, tuple[int, int]], path: Path) -> tuple[int, int]:
    while path and path not in known:
        path = path[:-1]
    return known.get(path, (1, 1))


@dataclass
class _Scan:
    """One pass over a text.

    Attributes:
        at: How far it has come.
        tables: How many tables of each ``[[path]]`` have begun.
    """

    text: str
    at: int = 0
    tables: dict[Path, int] = field(default_factory=dict)
    found: Places = field(default_factory=Places)

    def document(self) -> None:
        table: Path = ()
        while self._skip(_GAP) < len(self.text):
            if self._take("[["):
                table = self._header(several=True)
            elif self._take("["):
                table = self._header(several=False)
            else:
                self._pair(table)

    def _header(self, *, several: bool) -> Path:
        """The path of a table's header; the last of several tables of one path is meant by it."""
        path: Path = ()
        parts = list(self._parts())
        for number, (part, start) in enumerate(parts, 1):
            path = self._named((*path, part), start)
            if several and number == len(parts):
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = self._named((*path, self.tables[path] - 1), start)
        self._take("]]" if several else "]")
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for part, start in self._parts():
            path = self._named((*path, part), start)
        self._skip(_EQUALS)
        self._value(path)

    def _parts(self) -> Iterator[tuple[str, int]]:
        """The parts of a key with dots, and where each begins; what stands around it is passed over."""
        self._skip(_GAP)
        while True:
            start = self.at
            self._skip(_KEY)
            yield _unquoted(self.text[start : self.at]), start
            before = self.at
            if self._skip(_DOT) == before:
                self._skip(_GAP)
                return

    def _value(self, path: Path) -> None:
        self.found.values[path] = self._place(self.at)
        if self._take("["):
            self._items(path)
        elif self._take("{"):
            while self._skip(_GAP) < len(self.text) and not self._take("}"):
                self._pair(path)
                self._skip(_GAP)
                self._take(",")
        else:
            self._skip(_SCALAR)

    def _items(self, path: Path) -> None:
        number = 0
        while self._skip(_GAP) < len(self.text) and not self._take("]"):
            self._value((*path, number))
            self._skip(_GAP)
            self._take(",")
            number += 1

    def _named(self, path: Path, start: int) -> Path:
        """The path, its first place noted."""
        place = self._place(start)
        self.found.keys.setdefault(path, place)
        self.found.values.setdefault(path, place)
        return path

    def _place(self, at: int) -> tuple[int, int]:
        return self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        """Go past what matches here, if anything does, and say where that is."""
        if found := pattern.match(self.text, self.at):
            self.at = found.end()
        return self.at

    def _take(self, mark: str) -> bool:
        """Go past a mark, if it is the next."""
        taken = self.text.startswith(mark, self.at)
        self.at += len(mark) * taken
        return taken


def _unquoted(key: str) -> str:
    """A key's text."""
    import tomllib  # noqa: PLC0415 (most runs have no such file)

    if key[:1] in ("'", '"'):
        (text,) = tomllib.loads(f"{key} = 0")
        return text
    return key
