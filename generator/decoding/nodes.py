"""The YAML of our own files (service file, lock file) as a tree that knows where each piece stands.

What is laid over a file, an environment or ``--set``, is such a tree too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import InputError, Place
from generator.reading import node as syntax
from generator.reading import tree
from generator.reading.errors import UnreadableError
from generator.reading.split import split
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.reading.split import Chunk

MOST_CHARACTERS = 1 << 20
BEGIN = "`serinus init` writes one to start from."
DEEPEST = 64
MOST_ALIASED = 100_000
"""Nodes that aliases may bring. Aliases of aliases make more of a small file than any memory holds."""

NULLS = ("", "~", "null", "Null", "NULL")
"""What a plain scalar says where it says nothing."""


@dataclass(slots=True)
class Node:
    """A piece of YAML and where it begins; lines and columns count from 1, line 0 stands for the command line.

    Nodes are never changed; they aren't frozen because making thousands of them is most of loading a file.
    """

    line: int
    column: int
    file: str

    def says(self) -> str:
        """What it is, in words, for a message."""
        return "a value"

    def find(self, path: Iterable[str | int]) -> Node:
        """The node at a path below this one, or the nearest one on the way that is there."""
        found: Node = self
        for part in path:
            if isinstance(found, Mapping) and part in found.items:
                found = found.items[str(part)][1]
            elif isinstance(found, Sequence) and isinstance(part, int) and part < len(found.items):
                found = found.items[part]
            else:
                break
        return found


@dataclass(slots=True)
class Scalar(Node):
    """Text; ``plain`` where it stands without quotes."""

    text: str
    plain: bool

    def is_null(self) -> bool:
        """Whether YAML reads it as null."""
        return self.plain and self.text in NULLS

    def says(self) -> str:
        """The text, shortened."""
        if self.is_null():
            return "nothing"
        text = hidden(self.text)
        shown = text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004 (a message stays readable)
        return shown if self.plain else f'"{shown}"'


@dataclass(slots=True)
class Sequence(Node):
    """A list."""

    items: tuple[Node, ...]

    def says(self) -> str:
        """A list."""
        return "a list"


@dataclass(slots=True)
class Mapping(Node):
    """Keys, each with the node of the key and that of the value."""

    items: dict[str, tuple[Node, Node]]

    def says(self) -> str:
        """A mapping."""
        return "a mapping"


def says_nothing(node: Node) -> bool:
    """Whether a node is YAML's null."""
    return isinstance(node, Scalar) and node.is_null()


def parse(text: str, file: str, *, most_characters: int = MOST_CHARACTERS, instead: str = BEGIN) -> Mapping:
    """Read one YAML document whose top is a mapping.

    Args:
        text: The file's content.
        file: The file's name for messages.
        most_characters: The longest text that is taken for such a file.
        instead: What to do where it is no such file at all.

    Raises:
        InputError: Not YAML, empty, several documents, nested too deep, a doubled key, or no mapping at the top.
    """
    if len(text) > most_characters:
        raise InputError(f"{len(text):,} characters are too many for such a file.", place=Place(file))
    found: list[Node] = []
    for chunk in split(text.replace("\r\n", "\n")):
        if chunk.separator:
            raise InputError("only a comment may follow '---' on its line.", place=Place(file, chunk.line + 1, 1))
        if node := _parse_document(chunk, file):
            found.append(node)
    if not found:
        raise InputError("the file is empty.", fix=instead, place=Place(file))
    if len(found) > 1:
        place = Place(file, found[1].line, found[1].column)
        raise InputError("a second document begins here.", fix="Such a file holds one.", place=place)
    (top,) = found
    if not isinstance(top, Mapping):
        place = Place(file, top.line, top.column)
        raise InputError(f"a mapping is wanted at the top, not {top.says()}.", fix=instead, place=place)
    return top


def _parse_document(chunk: Chunk, file: str) -> Node | None:
    """One document's node, None where it holds nothing."""
    try:
        root = tree.parse(chunk.text)
    except UnreadableError as error:
        place = Place(file, chunk.line + error.line + 1, error.column + 1)
        raise InputError(f"not YAML: {error.message}.", place=place) from None
    if root is None or (root.kind == syntax.SCALAR and root.plain and root.text in NULLS):
        return None
    return _Converter(file, chunk.line + 1).convert(root, 0)


@dataclass(slots=True)
class _Converter:
    """Makes our nodes of the syntax tree: aliases followed, merge keys merged, doubled keys refused."""

    file: str
    first_line: int
    _open_aliases: int = 0
    _aliased: int = 0

    def convert(self, node: syntax.Node, depth: int) -> Node:
        """One node with all below it."""
        if self._open_aliases:
            self._aliased += 1
            if self._aliased > MOST_ALIASED:
                raise self._fail(node, "aliases (*name) are expanded too often.", "Write out what they stand for.")
        if node.tag:
            raise self._fail(node, f"tags such as {node.tag} mean nothing here.", "Leave it out.")
        if node.kind == syntax.SCALAR:
            return Scalar(node.line + self.first_line, node.column + 1, self.file, node.text, node.plain)
        if depth == DEEPEST:
            raise self._fail(node, f"nested deeper than {DEEPEST} levels.")
        if node.kind == syntax.ALIAS:
            self._open_aliases += 1
            target = self.convert(node.children[0], depth + 1)
            self._open_aliases -= 1
            return target
        if node.kind == syntax.SEQUENCE:
            children = tuple([self.convert(child, depth + 1) for child in node.children])
            return Sequence(node.line + self.first_line, node.column + 1, self.file, children)
        return self._mapping(node, depth)

    def _mapping(self, node: syntax.Node, depth: int) -> Mapping:
        items: dict[str, tuple[Node, Node]] = {}
        merged: list[Node] = []
        pairs = iter(node.children)
        for key in pairs:
            name, value = self.convert(key, depth + 1), self.convert(next(pairs), depth + 1)
            if not isinstance(name, Scalar):
                raise self._fail(key, f"a key is text, not {name.says()}.")
            if name.plain and name.text == "<<":
                merged += value.items if isinstance(value, Sequence) else (value,)
            elif name.text in items:
                raise self._fail(key, f"the key '{name.text}' stands twice.", "Keep one of them.")
            else:
                items[name.text] = (name, value)
        for source in merged:
            if not isinstance(source, Mapping):
                place = Place(self.file, source.line, source.column)
                raise InputError(f"a merge key takes mappings, not {source.says()}.", place=place)
            items = {**source.items, **items}
        return Mapping(node.line + self.first_line, node.column + 1, self.file, items)

    def _fail(self, node: syntax.Node, message: str, fix: str = "") -> InputError:
        return InputError(message, fix=fix, place=Place(self.file, node.line + self.first_line, node.column + 1))


def overlay(base: Node | None, over: Node) -> Node:
    """``over`` laid on ``base``: mappings key by key, anything else replaces; a null takes the key away.

    What is wholly new has nothing that could be taken away: a null in it says that the key isn't there.
    """
    if not isinstance(over, Mapping):
        return over
    home = base if isinstance(base, Mapping) else Mapping(over.line, over.column, over.file, {})
    items = dict(home.items)
    for name, (key, value) in over.items.items():
        if says_nothing(value):
            items.pop(name, None)
        else:
            _, below = items.get(name, (key, None))
            items[name] = (key, overlay(below, value))
    return Mapping(home.line, home.column, home.file, items)
