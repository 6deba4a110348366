"""From a pattern to a tree, by the rules of Go's ``regexp/syntax``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from generator.text.regex.letters import LAST, PERL, POSIX, UnknownError, category, ranges, unless

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_REPEATS = 1000
"""Go's own (maxRepeat), also for repetitions inside one another."""
_MOST_DEPTH = 100
"""Go's is 1,000; no real pattern comes near."""
_LONGEST = 20_000
_REPEAT = re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{1,9})?)?\}")
_NAME = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
_FLAGS = re.compile(r"\(\?([imsU]*)(-[imsU]+)?([:)])")
_SHORT = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}


class MalformedError(ValueError):
    """A pattern that Go refuses; the text says why, as Go says it."""


class Node(NamedTuple):
    """One node of the tree.

    Attributes:
        kind: ``one`` (a character), ``empty``, ``at`` (a place between characters), ``all``, ``any``, ``repeat``.
        parts: The nodes below.
        fits: For ``one``: whether a character is meant.
        place: For ``at``: which place.
        least: For ``repeat``: at least so often.
        most: For ``repeat``: at most so often; None for without end.
        greedy: For ``repeat``: whether more is better.
    """

    kind: str
    parts: tuple[Node, ...] = ()
    fits: Callable[[str], bool] | None = None
    place: str = ""
    least: int = 0
    most: int | None = None
    greedy: bool = True


@dataclass(frozen=True)
class _Flags:
    i: bool = False
    m: bool = False
    s: bool = False
    U: bool = False

    def switched(self, on: str, off: str) -> _Flags:
        return replace(self, **dict.fromkeys(on, True), **dict.fromkeys(off, False))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._flags = _Flags()

    def whole(self) -> Node:
        """The whole pattern."""
        node = self._alternatives()
        if self._at < len(self._text):
            self._fail("unexpected )", self._text)
        return node

    def _fail(self, what: str, shown: str) -> NoReturn:
        raise MalformedError(f"{what}: `{shown[:60]}`")

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _alternatives(self) -> Node:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise UnknownError(f"it is nested deeper than {_MOST_DEPTH} levels")
        parts = [self._sequence()]
        while self._peek("|"):
            self._at += 1
            parts.append(self._sequence())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Node("any", tuple(parts))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        quoted = False
        while self._at < len(self._text) and (quoted or self._text[self._at] not in "|)"):
            if self._peek("\\Q" if not quoted else "\\E"):
                self._at, quoted = self._at + 2, not quoted
                if parts and not quoted:
                    parts[-1] = self._repeated(parts[-1])
            elif quoted:
                parts.append(self._literal(self._text[self._at], 1))
            elif self._text[self._at] in "*+?":
                self._fail("missing argument to repetition operator", self._text[self._at])
            elif self._peek("{") and _REPEAT.match(self._text, self._at):
                self._fail("missing argument to repetition operator", self._text[self._at :])
            else:
                atom = self._atom()
                if atom is not None:
                    parts.append(self._repeated(atom))
        return Node("all", tuple(parts)) if parts else Node("empty")

    def _repeated(self, node: Node) -> Node:
        """A node with the repetition behind it; a second one is refused, as in Perl."""
        bounds = self._bounds()
        if bounds is None:
            return node
        least, most, shown = bounds
        lazy = self._peek("?")
        self._at += lazy
        if self._at < len(self._text) and (self._text[self._at] in "*+?" or _REPEAT.match(self._text, self._at)):
            self._fail("invalid nested repetition operator", shown + self._text[self._at])
        made = Node("repeat", (node,), least=least, most=most, greedy=lazy == self._flags.U)
        if _repeats(made) > MOST_REPEATS:
            self._fail("invalid repeat count", shown)
        return made

    def _bounds(self) -> tuple[int, int | None, str] | None:
        mark = self._text[self._at : self._at + 1]
        if mark and mark in "*+?":
            self._at += 1
            return {"*": (0, None, "*"), "+": (1, None, "+"), "?": (0, 1, "?")}[mark]
        found = _REPEAT.match(self._text, self._at)
        if not found:
            return None
        self._at = found.end()
        least = int(found[1])
        most = None if found[2] and not found[3] else int(found[3] or found[1])
        if least > MOST_REPEATS or (most is not None and (most > MOST_REPEATS or most < least)):
            self._fail("invalid repeat count", found[0])
        return least, most, found[0]

    def _atom(self) -> Node | None:
        mark = self._text[self._at]
        if mark == "(":
            return self._group()
        if mark == "[":
            return Node("one", fits=self._class())
        if mark == "\\":
            return self._escape()
        self._at += 1
        if mark == ".":
            return Node("one", fits=(lambda _: True) if self._flags.s else (lambda letter: letter != "\n"))
        if mark in "^$":
            line = "line" if self._flags.m else "text"
            return Node("at", place=f"{line} {'start' if mark == '^' else 'end'}")
        return self._literal(mark, 0)

    def _literal(self, letter: str, width: int) -> Node:
        self._at += width
        return Node("one", fits=self._folded(lambda other: other == letter))

    def _folded(self, fits: Callable[[str], bool]) -> Callable[[str], bool]:
        if not self._flags.i:
            return fits
        return lambda letter: any(map(fits, {letter, letter.lower(), letter.upper(), letter.lower().upper()}))

    def _group(self) -> Node | None:
        before = self._flags
        if not self._peek("(?"):
            self._at += 1
        elif named := _NAME.match(self._text, self._at):
            self._at = named.end()
        elif found := _FLAGS.match(self._text, self._at):
            if found[3] != ":" and found[1] == "" and not found[2]:
                self._fail("missing argument to repetition operator", "?")
            self._at = found.end()
            self._flags = self._flags.switched(found[1], (found[2] or "")[1:])
            if found[3] == ")":
                return None  # flags for the rest of the group
        else:
            self._fail("invalid or unsupported Perl syntax", self._text[self._at : self._at + 4])
        node = self._alternatives()
        if not self._peek(")"):
            self._fail("missing closing )", self._text)
        self._at += 1
        self._flags = before
        return node

    def _escape(self) -> Node:
        name = self._text[self._at + 1 : self._at + 2]
        places = {"A": "text start", "z": "text end", "b": "word edge", "B": "no word edge"}
        if name in places and name:
            self._at += 2
            return Node("at", place=places[name])
        several = self._several()
        if several is not None:
            return Node("one", fits=several)
        return self._literal(self._character(), 0)

    def _several(self) -> Callable[[str], bool] | None:
        r"""What ``\d``, ``\pL`` and the like mean, if such a thing stands here."""
        name = self._text[self._at + 1 : self._at + 2]
        if name and name.lower() in PERL:
            self._at += 2
            return unless(self._folded(ranges(PERL[name.lower()])), turned=name.isupper())
        if name not in ("p", "P"):
            return None
        found = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|(\w))", re.ASCII).match(self._text, self._at)
        if not found:
            self._fail("invalid character class range", self._text[self._at :])
        self._at = found.end()
        return unless(self._folded(category(found[2] or found[3] or "")), turned=(name == "P") != bool(found[1]))

    def _character(self) -> str:
        """The character that an escape stands for."""
        rest = self._text[self._at :]
        octal = re.match(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})", rest)
        hexadecimal = re.match(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})", rest)
        found = octal or hexadecimal
        if found:
            self._at += found.end()
            digits = found[1] or found[2]
            code = int(digits, 8) if octal else int(digits[:20], 16)
            if code > LAST:
                self._fail("invalid escape sequence", found[0])
            return chr(code)
        if len(rest) == 1:
            self._fail("trailing backslash at end of expression", "")
        letter = rest[1]
        if letter in _SHORT:
            self._at += 2
            return _SHORT[letter]
        if letter.isascii() and not letter.isalnum() and letter != "_" and letter.isprintable():
            self._at += 2
            return letter
        raise MalformedError(f"invalid escape sequence: `{rest[:2]}`")

    def _class(self) -> Callable[[str], bool]:
        start = self._at
        self._at += 1
        turned = self._peek("^")
        self._at += turned
        tests: list[Callable[[str], bool]] = []
        singles: set[str] = set()
        first = True
        while first or not self._peek("]"):
            if self._at >= len(self._text):
                self._fail("missing closing ]", self._text[start:])
            first = False
            posix = re.compile(r"\[:(\^?)(\w+):\]", re.ASCII).match(self._text, self._at)
            if posix:
                if posix[2] not in POSIX:
                    self._fail("invalid character class range", posix[0])
                self._at = posix.end()
                tests.append(unless(ranges(POSIX[posix[2]]), turned=bool(posix[1])))
                continue
            several = self._several() if self._peek("\\") else None
            if several is not None:
                tests.append(several)
                continue
            low = self._member(start)
            if self._peek("-") and self._text[self._at + 1 : self._at + 2] not in ("", "]"):
                self._at += 1
                high = self._member(start)
                if high < low:
                    self._fail("invalid character class range", f"{low}-{high}")
                tests.append(lambda letter, low=low, high=high: low <= letter <= high)  # type: ignore[misc]
            else:
                singles.add(low)
        self._at += 1
        tests.append(singles.__contains__)
        return unless(self._folded(lambda letter: any(test(letter) for test in tests)), turned=turned)

    def _member(self, start: int) -> str:
        if self._at >= len(self._text):
            self._fail("missing closing ]", self._text[start:])
        if self._peek("\\"):
            return self._character()
        self._at += 1
        return self._text[self._at - 1]


def _repeats(node: Node) -> int:
    """How often the innermost of repetitions inside one another may be repeated."""
    inside = max((_repeats(part) for part in node.parts), default=1)
    if node.kind != "repeat":
        return inside
    return inside * max(node.most or node.least, 1)


def parse(pattern: str) -> Node:
    """The tree of a pattern.

    Raises:
        MalformedError: Go refuses it.
        UnknownError: It uses what isn't known here.
    """
    if len(pattern) > _LONGEST:
        raise UnknownError("it is too long")
    return _Parser(pattern).whole()
