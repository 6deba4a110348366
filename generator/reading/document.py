"""One Kubernetes object out of a text, and where in the text everything stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.errors import Place
from generator.reading import jsons, places, scan, tree
from generator.reading.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from generator.reading.node import Node

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]+")


@lru_cache(maxsize=4096)
def format_path(path: Path) -> str:
    """A path as findings show it: ``spec.canary[0].weight``, ``metadata.annotations["a.b/c"]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            quoted = part.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
    return text


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The text that a document was read from; its syntax tree is made when a place is asked for.

    Attributes:
        text: The document's text.
        line: The file's line on which the text begins, counted from 0.
        json_start: Where in the text the JSON object begins; None for YAML.
        fast: Whether the fast lane read it, so that places can be found without a syntax tree.
        column: The file's column in which the text begins, counted from 0.
    """

    text: str
    line: int
    json_start: int | None = None
    fast: bool = False
    column: int = 0


@lru_cache(maxsize=4)
def syntax_tree(source: Source) -> Node:
    """The syntax tree; only the last few are kept, so that ten thousand documents with findings cost no memory."""
    if source.json_start is not None:
        return jsons.tree(source.text, source.json_start)
    root = tree.parse(source.text)
    if root is None:
        raise UnreadableError("no document")
    return root


@lru_cache(maxsize=4)
def _finder(source: Source) -> places.Finder:
    return places.Finder(syntax_tree(source))


@lru_cache(maxsize=4)
def _scanner(source: Source) -> scan.Scanner | None:
    return scan.scanner(source.text) if source.fast else None


@lru_cache(maxsize=4)
def _lines(source: Source) -> list[str]:
    return source.text.split("\n")


def find(source: Source, path: Path, *, key: bool) -> tuple[int, int]:
    """Line and column inside the source's text, counted from 0."""
    scanner = _scanner(source)
    found = scanner.find(path, key=key) if scanner else None
    return (found or _finder(source).find(path, key=key))[:2]


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One Kubernetes object.

    Attributes:
        data: The object; what stands in it is as ``kubectl`` would send it.
        file: The file as the user named it, ``-`` for standard input.
        index: The document's position in its file, from 0; empty documents don't count. The items of a ``List`` are
            documents of their own and share the List's index.
        duplicates: The paths of keys that stand twice, inside ``data``.
        header: What the comment ``# serinus: platform …`` says: the document's own, else the nearest above it.
        source: Where the text is.
        prefix: The path from the text's root to ``data``; not empty for an item of a List.
        keys: All keys in ``data`` at any depth, and maybe more; None where nobody has collected them.
        api_version: ``apiVersion``; empty where it is missing or no string, as the next three.
        kind: ``kind``.
        name: ``metadata.name``.
        namespace: ``metadata.namespace``.
    """

    data: dict[str, Any]
    file: str
    index: int = 0
    duplicates: tuple[Path, ...] = ()
    header: str | None = None
    source: Source | None = field(default=None, repr=False)
    prefix: Path = ()
    keys: AbstractSet[str] | None = field(default=None, repr=False)
    api_version: str = field(init=False)
    kind: str = field(init=False)
    name: str = field(init=False)
    namespace: str = field(init=False)

    def __post_init__(self) -> None:
        """Read what everyone asks for, once."""
        metadata = self.data.get("metadata")
        if type(metadata) is not dict:
            metadata = {}
        for attribute, value in (
            ("api_version", self.data.get("apiVersion")),
            ("kind", self.data.get("kind")),
            ("name", metadata.get("name")),
            ("namespace", metadata.get("namespace")),
        ):
            object.__setattr__(self, attribute, value if type(value) is str else "")

    def place(self, path: Path = (), *, key: bool = False) -> Place:
        """Where something stands.

        Args:
            path: Inside ``data``. Where nothing stands there, the nearest existing ancestor's key is meant.
            key: Whether the key is meant, not the value.
        """
        shown = format_path(path)
        if self.source is None:
            return Place(self.file, path=shown)
        line, column = find(self.source, (*self.prefix, *path), key=key)
        column += 0 if line else self.source.column
        return Place(self.file, self.source.line + line + 1, column + 1, shown)

    def line(self, number: int) -> str:
        """The text of a line of the file, counted from 1; empty where it isn't the document's, or there is no text."""
        if self.source is None:
            return ""
        lines, position = _lines(self.source), number - self.source.line - 1
        if not position and self.source.column:
            return ""  # what stands before it in its line is another object
        return lines[position] if 0 <= position < len(lines) else ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A document, or a whole file, that kubectl could not read either.

    Attributes:
        file: The file as the user named it.
        line: Counted from 1.
        column: Counted from 1.
        message: What is wrong, one sentence without a final full stop.
        index: The document's position in its file, from 0.
        trace: The traceback, where it wasn't the text but a fault of ours.
    """

    file: str
    line: int
    column: int
    message: str
    index: int = 0
    trace: str = field(default="", repr=False, compare=False)
