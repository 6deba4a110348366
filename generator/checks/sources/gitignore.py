"""``.gitignore``: which files of a repository nobody means to commit, so that a check of a folder leaves them out.

Read by our own code, not by git (a checkout in a container may lack it, and its global file would give each machine
another verdict) nor by a library of patterns turned into regular expressions (a stranger's ``*a*a*a*a*b`` would never
end): here every wildcard is tried once from left to right.

Source: https://git-scm.com/docs/gitignore; a test holds it against ``git check-ignore``.
"""

from __future__ import annotations

import codecs
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FILE = ".gitignore"
LONGEST = 100_000
"""Bytes that are read of one: each name is held against each pattern."""
"""Bytes of one that are read: real ones have some thousand, and every line is tried on every file."""

_TOKEN = re.compile(r"\\(.)|\[([!^]?\]?(?:\[:[a-z]+:\]|\\.|[^\]])*)\]|(\*+)|(\?)|(.)", re.DOTALL)
_MEMBER = re.compile(r"\[:([a-z]+):\]|\\(.)|(.)", re.DOTALL)
_CHARACTER = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.|.", re.DOTALL)
"""What takes one character in the regular expressions that ``_pieces`` makes."""
_NAMED = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_ANY = "**"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line.

    Attributes:
        negated: Whether it takes back what lines above it name.
        folders_only: Whether it means folders alone.
        parts: What stands between its slashes; ``**`` is any number of folders.
        anywhere: Whether it has no slash, so that it fits a name in any folder.
    """

    negated: bool
    folders_only: bool
    parts: tuple[str, ...]
    anywhere: bool

    def fits(self, path: Sequence[str], *, folder: bool) -> bool:
        """Whether the line means a path.

        Args:
            path: The names from the folder of the ``.gitignore`` to the path.
            folder: Whether a folder is there.
        """
        if self.folders_only and not folder:
            return False
        if self.anywhere:
            return _name(self.parts[0])(path[-1])
        runs = _runs(self.parts)
        return _in_order(runs, path)


@dataclass(frozen=True, slots=True)
class Layer:
    """One ``.gitignore``.

    Attributes:
        depth: How many names of an absolute path lead to its folder.
        patterns: Its lines, the last one first: that decides.
        cut: Its path where it is longer than what is read of it; else empty.
    """

    depth: int
    patterns: tuple[Pattern, ...]
    cut: str = ""


def layer(folder: str) -> Layer | None:
    """What the ``.gitignore`` of a folder says; None where there is none, or it can't be read.

    Args:
        folder: An absolute path.
    """
    path = os.path.join(folder, FILE)  # noqa: PTH118 (as the walk)
    if not os.path.isfile(path):  # noqa: PTH113 (a pipe would be waited for)
        return None
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (as the walk)
            content = file.read(LONGEST + 1)
    except OSError:
        return None
    cut = len(content) > LONGEST
    if cut:
        content = content[: content.rfind(b"\n", 0, LONGEST) + 1]  # half a pattern would ignore more than the whole
    patterns = read(content.removeprefix(codecs.BOM_UTF8).decode("latin-1"))
    return Layer(len(names_of(folder)), patterns, path if cut else "") if patterns or cut else None


def names_of(path: str) -> list[str]:
    """The names in an absolute path, as git compares them."""
    names = [name for name in path.split(os.sep) if name]  # noqa: PTH206 (the walk has texts, and ten thousand of them)
    return names if path.isascii() else [as_bytes(name) for name in names]


def as_bytes(name: str) -> str:
    """A name with a character a byte, as git compares them: its ``?`` is half an ``ü``."""
    return name if name.isascii() else os.fsencode(name).decode("latin-1")


def read(text: str) -> tuple[Pattern, ...]:
    """The lines of a ``.gitignore``, a character a byte; the last one first."""
    found = (_pattern(line.removesuffix("\r")) for line in text.split("\n"))
    return tuple(pattern for pattern in found if pattern)[::-1]


def without(layers: Sequence[Layer], above: Sequence[str], names: Iterable[str], *, folder: bool) -> list[str]:
    """The names in a folder that aren't ignored.

    Args:
        layers: As for ``ignored``.
        above: The names that lead to the folder.
        names: What lies in it.
        folder: Whether they are folders.
    """
    return [name for name in names if not ignored(layers, [*above, as_bytes(name)], folder=folder)]


def ignored(layers: Sequence[Layer], names: Sequence[str], *, folder: bool) -> bool:
    """Whether a path is ignored, by itself: the caller has left out what lies in an ignored folder.

    Args:
        layers: Those of the folders above, the outermost first.
        names: Those of the absolute path.
        folder: Whether a folder is there.
    """
    for one in reversed(layers):
        inside = names[one.depth :]
        for pattern in one.patterns:
            if pattern.fits(inside, folder=folder):
                return not pattern.negated
    return False


def _pattern(line: str) -> Pattern | None:
    """One line; None for a comment or an empty one."""
    if line.startswith("#"):
        return None
    kept = line.rstrip(" ")
    if len(kept) < len(line) and (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept += " "  # the last blank is escaped
    negated = kept.startswith("!")
    body = kept[1:] if negated else kept
    folders_only = body.endswith("/")
    body = body[:-1] if folders_only else body
    if not body:
        return None
    parts = tuple(body.removeprefix("/").split("/"))
    if parts[-1] == _ANY and len(parts) > 1:
        parts = (*parts[:-1], "*", _ANY)  # all that is inside, not the folder itself
    return Pattern(negated, folders_only, parts, anywhere="/" not in body)


@cache
def _runs(parts: tuple[str, ...]) -> tuple[tuple[Callable[[str], bool], ...], ...]:
    """The parts between ``**``, each of which fits one name."""
    runs: list[list[Callable[[str], bool]]] = [[]]
    for part in parts:
        if part == _ANY:
            runs.append([])
        else:
            runs[-1].append(_name(part))
    return tuple(map(tuple, runs))


def _in_order(runs: Sequence[Sequence[Callable[[str], bool]]], path: Sequence[str]) -> bool:
    """Whether the runs stand in a path in their order, the first at its start and the last at its end."""
    first, *between = runs
    if not _stands(first, path, 0):
        return False
    if not between:
        return len(first) == len(path)
    *middle, last = between
    at = len(first)
    for run in middle:
        end = len(path) - len(run) + 1
        found = next((place for place in range(at, end) if _stands(run, path, place)), None)
        if found is None:
            return False
        at = found + len(run)
    start = len(path) - len(last)
    return start >= at and _stands(last, path, start)


def _stands(run: Sequence[Callable[[str], bool]], path: Sequence[str], at: int) -> bool:
    return at + len(run) <= len(path) and all(fits(path[at + number]) for number, fits in enumerate(run))


@cache
def _name(part: str) -> Callable[[str], bool]:
    """What tells whether a part fits one name."""
    pieces = _pieces(part)
    if pieces is None:
        return lambda _: False
    if len(pieces) == 1:
        whole = re.compile(pieces[0] + r"\Z", re.DOTALL)
        return lambda name: whole.match(name) is not None
    first, *middle = (re.compile(piece, re.DOTALL) for piece in pieces[:-1])
    end = re.compile(pieces[-1] + r"\Z", re.DOTALL)
    length = len(_CHARACTER.findall(pieces[-1]))

    def fits(name: str) -> bool:
        found = first.match(name)
        for piece in middle:
            found = found and piece.search(name, found.end())
        return bool(found and len(name) - length >= found.end() and end.match(name, len(name) - length))

    return fits


def _pieces(part: str) -> list[str] | None:
    """What stands between the stars, as regular expressions of a fixed length; None where it can fit nothing."""
    pieces = [""]
    for escaped, members, star, one, other in _TOKEN.findall(part):
        if star:
            pieces.append("")
        elif one:
            pieces[-1] += "."
        elif members:
            inside = _members(members)
            if inside is None:
                return None
            pieces[-1] += inside
        elif other in ("[", "\\"):
            return None  # a bracket that nothing closes, or a backslash at the end
        else:
            pieces[-1] += re.escape(escaped or other)
    return pieces


def _members(text: str) -> str | None:
    """A class of characters; None where it names one that git doesn't know."""
    negated = text[:1] in ("!", "^")
    waiting = [*_MEMBER.findall(text[1:] if negated else text)][::-1]
    found = before = ""
    while waiting:
        name, escaped, other = waiting.pop()
        if name and name not in _NAMED:
            return None
        if other == "-" and before and waiting:
            _, escaped, other = waiting.pop()
            end = escaped or other
            # One that runs backwards is its first character alone, which stands there already.
            found += f"{re.escape(before)}-{re.escape(end)}" if before <= end else ""
            before = ""
        else:
            before = escaped or other
            found += _NAMED[name] if name else re.escape(before)
    return f"[{'^' if negated else ''}{found}]"


def around(folder: str, parents: Iterable[str]) -> tuple[Layer, ...]:
    """The layers of the folders above one that holds for it; none of them where they ignore the folder itself.

    Who names an ignored folder (``build/``, say) wants it to be read.

    Args:
        folder: An absolute path.
        parents: The folders above it in its repository, the outermost first.
    """
    layers: list[Layer] = []
    names = names_of(folder)
    for parent in parents:
        found = layer(parent)
        layers += [found] if found else []
        depth = len(names_of(parent))
        if ignored(layers, names[: depth + 1], folder=True):
            return ()
    return tuple(layers)
