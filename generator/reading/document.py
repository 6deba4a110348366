"""One Kubernetes object out of a text, and where in the text everything stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generator.errors import Place
from generator.reading import jsons, places, scan, tree
from generator.reading.errors import UnreadableError

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]+")


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
        text: The document's text, for JSON the whole file's.
        line: The file's line on which the text begins, counted from 0.
        json_start: Where in the text the JSON object begins; None for YAML.
        fast: Whether the fast lane read it, so that places can be found without a syntax tree.
    """

    text: str
    line: int
    json_start: int | None = None
    fast: bool = False


@lru_cache(maxsize=4)
def syntax_tree(source: Source) -> tree.Node:
    """The syntax tree; only the last few are kept, so that ten thousand documents with findings cost no memory."""
    if source.json_start is not None:
        return jsons.tree(source.text, source.json_start)
    root = tree.parse(source.text)
    if root is None:
        raise UnreadableError("no document")
    return root


@lru_cache(maxsize=4)
def _plain(source: Source) -> bool:
    return source.fast and scan.is_plain(source.text)


def find(source: Source, path: Path, *, key: bool) -> tuple[int, int]:
    """Line and column inside the source's text, counted from 0."""
    found = scan.find(source.text, path, key=key) if _plain(source) else None
    return (found or places.find(syntax_tree(source), path, key=key))[:2]


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
    """

    data: dict[str, Any]
    file: str
    index: int = 0
    duplicates: tuple[Path, ...] = ()
    header: str | None = None
    source: Source | None = field(default=None, repr=False)
    prefix: Path = ()

    def _text(self, key: str) -> str:
        value = self.data.get(key)
        return value if isinstance(value, str) else ""

    def _meta(self, key: str) -> str:
        metadata = self.data.get("metadata")
        value = metadata.get(key) if isinstance(metadata, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def api_version(self) -> str:
        """``apiVersion``; empty where it is missing or no string."""
        return self._text("apiVersion")

    @property
    def kind(self) -> str:
        """``kind``; empty where it is missing or no string."""
        return self._text("kind")

    @property
    def name(self) -> str:
        """``metadata.name``; empty where it is missing or no string."""
        return self._meta("name")

    @property
    def namespace(self) -> str:
        """``metadata.namespace``; empty where it is missing or no string."""
        return self._meta("namespace")

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
        return Place(self.file, self.source.line + line + 1, column + 1, shown)


@dataclass(frozen=True, slots=True)
class Broken:
    """A document, or a whole file, that kubectl could not read either.

    Attributes:
        file: The file as the user named it.
        line: Counted from 1.
        column: Counted from 1.
        message: What is wrong, one sentence without a final full stop.
        index: The document's position in its file, from 0.
    """

    file: str
    line: int
    column: int
    message: str
    index: int = 0
