"""Kubernetes objects out of text, as kubectl reads them, and where in the text everything stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.errors import Place
from generator.reading import exact, fast, jsons, places, scan, tree
from generator.reading.errors import MAX_CHARACTERS, UnreadableError
from generator.reading.split import Chunk, split

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str | int, ...]

_HEADER = re.compile(r"^# serinus: platform[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


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
def _tree(source: Source) -> tree.Node:
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


def _find(source: Source, path: Path, *, key: bool) -> tuple[int, int]:
    """Line and column inside the source's text, counted from 0."""
    found = scan.find(source.text, path, key=key) if _plain(source) else None
    return (found or places.find(_tree(source), path, key=key))[:2]


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
        line, column = _find(self.source, (*self.prefix, *path), key=key)
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


def _decoded(content: bytes) -> str:
    """The text; bytes that are no UTF-8 come through as lone surrogates and are refused with their document.

    Raises:
        UnreadableError: No text at all.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("the file is saved as UTF-16; save it as UTF-8")
    if b"\0" in content[:8192]:
        raise UnreadableError("this is a binary file, not YAML or JSON")
    return content.decode("utf-8", "surrogateescape")


def _check_text(text: str) -> None:
    """Refuse what no parser should be bothered with.

    Raises:
        UnreadableError: Too large, not UTF-8, or files put together with their byte order marks.
    """
    if len(text) > MAX_CHARACTERS:
        megabytes = len(text) // 1_000_000
        raise UnreadableError(f"this document has {megabytes} MB; the API server takes no request over 3 MB")
    mark = text.find("\n\ufeff")
    if mark >= 0:
        raise UnreadableError("a byte order mark in the middle of the text", text.count("\n", 0, mark) + 1)
    bad = None if text.isascii() else _SURROGATE.search(text)
    if bad:
        line = text.count("\n", 0, bad.start())
        raise UnreadableError("a byte that is not UTF-8", line, bad.start() - text.rfind("\n", 0, bad.start()) - 1)


def _load(chunk: Chunk) -> tuple[Any, tuple[Path, ...], bool]:
    """The data of one document, its doubled keys, and which lane read it: the fast one (True) or the exact one.

    Raises:
        UnreadableError: kubectl would not read it either.
    """
    if chunk.separator:
        raise UnreadableError(f"only a comment may follow '---', not '{chunk.separator[:40]}'")
    _check_text(chunk.text)
    data = fast.load(chunk.text)
    if data is not fast.UNSURE:
        return data, (), True
    return *exact.decode(tree.parse(chunk.text)), False


def _objects(data: Any, duplicates: tuple[Path, ...], root: Document) -> Iterator[Document]:
    """The document, or the items of a List; a typed one (``InferenceServiceList``) lends its items kind and version."""
    items = data.get("items")
    kind = data.get("kind")
    if not (isinstance(items, list) and isinstance(kind, str) and kind.endswith("List")):
        yield root
        return
    lent = {} if kind == "List" else {"apiVersion": data.get("apiVersion"), "kind": kind.removesuffix("List")}
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            raise UnreadableError(f"item {position} of this {kind} is no object", *_at(root, ("items", position)))
        prefix = ("items", position)
        yield Document(
            data=item if "kind" in item else {**lent, **item},
            file=root.file,
            index=root.index,
            duplicates=tuple(path[2:] for path in duplicates if path[:2] == prefix),
            header=root.header,
            source=root.source,
            prefix=prefix,
        )


def _at(document: Document, path: Path) -> tuple[int, int]:
    if document.source is None:
        return 0, 0
    return places.find(_tree(document.source), path, key=False)[:2]


class _Reader:
    """Reads one file; remembers the document's number and the last header."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.index = 0
        self.header: str | None = None

    def _note_header(self, text: str) -> None:
        if "# serinus: platform" in text:
            self.header = next((found[1] for found in _HEADER.finditer(text)), self.header)

    def broken(self, error: UnreadableError, line: int, text: str = "") -> Broken:
        """The finding for a document that can't be read; ``text`` is its own, to tell a template from a slip."""
        message = error.message
        if "{{" in text and any("{{" in near for near in text.split("\n")[max(error.line - 1, 0) : error.line + 1]):
            message = "this is a template ({{ … }}), not YAML; render it first"
        result = Broken(self.file, line + error.line + 1, error.column + 1, message, self.index)
        self.index += 1
        return result

    def _found(self, data: Any, duplicates: tuple[Path, ...], source: Source) -> Iterator[Document]:
        if not isinstance(data, dict):
            what = "a list" if isinstance(data, list) else "a single value"
            node = _tree(source)
            raise UnreadableError(f"a Kubernetes object is a mapping; this is {what}", node.line, node.column)
        document = Document(data, self.file, self.index, duplicates, self.header, source)
        yield from list(_objects(data, duplicates, document))
        self.index += 1

    def json(self, text: str) -> Iterator[Document | Broken]:
        """JSON objects in a row; what is not JSON is left to YAML, as kubectl does while it has found at most one."""
        at = count = 0
        while (start := len(text) - len(text[at:].lstrip())) < len(text):
            try:
                data, end, doubled = jsons.decode(text, start)
            except UnreadableError as error:
                if count > 1:
                    yield self.broken(error, 0)
                    return
                # kubectl drops the space before, up to the first line break, and reads on from there.
                gap = text.find("\n", at, start)
                begin = start if gap < 0 else gap + 1
                yield from self.yaml(text[begin:], text.count("\n", 0, begin), error)
                return
            source = Source(text, 0, json_start=start)
            duplicates = jsons.duplicates(_tree(source)) if doubled else ()
            try:
                yield from self._found(data, duplicates, source)
            except UnreadableError as error:
                yield self.broken(error, 0)
            at, count = end, count + 1

    def yaml(self, text: str, line: int = 0, json_error: UnreadableError | None = None) -> Iterator[Document | Broken]:
        """YAML documents; where JSON was tried before, its error is the one to tell."""
        for chunk in split(text):
            base = line + chunk.line
            self._note_header(chunk.text)
            try:
                data, duplicates, quick = _load(chunk)
                if data is not None:
                    yield from self._found(data, duplicates, Source(chunk.text, base, fast=quick))
            except UnreadableError as error:
                if json_error is not None and base == 0:
                    yield self.broken(json_error, 0)
                else:
                    yield self.broken(error, base, chunk.text)


def iterate(content: str | bytes, file: str) -> Iterator[Document | Broken]:
    """Like ``read``, one by one."""
    reader = _Reader(file)
    try:
        text = _decoded(content) if isinstance(content, bytes) else content
    except UnreadableError as error:
        yield reader.broken(error, 0)
        return
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if jsons.looks_like_json(text[:4096]):
        try:
            _check_text(text)
        except UnreadableError as error:
            yield reader.broken(error, 0)
            return
        yield from reader.json(text)
    else:
        yield from reader.yaml(text)


def read(content: str | bytes, file: str) -> list[Document | Broken]:
    """The objects of a file, as kubectl reads it: YAML or JSON, several documents, Lists.

    Args:
        content: The file's content; bytes are taken as UTF-8.
        file: The name for places.

    Returns:
        One entry for each object and for each document that can't be read, in their order. Empty documents give none.
    """
    return list(iterate(content, file))
