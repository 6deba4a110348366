"""From a file's content to its documents: YAML or JSON, several documents, Lists."""

from __future__ import annotations

import re
import traceback
from typing import TYPE_CHECKING, Any

from generator.reading import exact, fast, jsons, tree
from generator.reading.document import Broken, Document, Path, Source, find, syntax_tree
from generator.reading.errors import MAX_CHARACTERS, UnreadableError
from generator.reading.split import Chunk, split

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER_MARK = "# serinus: platform"
_HEADER = re.compile(rf"{_HEADER_MARK}[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_OPENS_TEMPLATE = re.compile(r"\{\{|\{%")
_ENDED = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*\.\.\.[ \t\n]")
"""A document that ends before it holds anything; what stands behind is not read."""
_CONTENT = re.compile(r"\S")
_SURROGATE = re.compile("[\ud800-\udfff]")


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


def _load(chunk: Chunk) -> tuple[Any, tuple[Path, ...], set[str] | None]:
    """The data of one document, its doubled keys, and, where the fast lane read it, its keys at any depth.

    Raises:
        UnreadableError: kubectl would not read it either.
    """
    if chunk.separator:
        raise UnreadableError(f"only a comment may follow '---', not '{chunk.separator[:40]}'")
    _check_text(chunk.text)
    if (
        chunk.explicit
        and "..." in chunk.text
        and _ENDED.match(chunk.text)
        and " ".join(chunk.text.split()).isprintable()
    ):
        return None, (), None  # a character that YAML forbids is looked for all the same
    keys: set[str] = set()
    data = fast.load(chunk.text, keys)
    if data is not fast.UNSURE:
        return data, (), keys
    return *exact.decode(tree.parse(chunk.text)), None


def _objects(data: Any, duplicates: tuple[Path, ...], root: Document) -> Iterator[Document]:
    """The document, or the items of a List; a typed one (``InferenceServiceList``) lends its items kind and version."""
    items = data.get("items")
    kind = data.get("kind")
    if not (isinstance(items, list) and isinstance(kind, str) and kind.endswith("List")):
        if kind == "List" and items is not None and not isinstance(items, list):
            raise UnreadableError("items of this List is no list", *_at(root, ("items",)))
        yield root
        return
    doubled: dict[Path, list[Path]] = {}
    for path in duplicates:
        doubled.setdefault(path[:2], []).append(path[2:])
    lent = {} if kind == "List" else {"apiVersion": data.get("apiVersion"), "kind": kind.removesuffix("List")}
    for position, item in enumerate(items):
        if not isinstance(item, dict):
            raise UnreadableError(f"item {position} of this {kind} is no object", *_at(root, ("items", position)))
        prefix: Path = ("items", position)
        yield Document(
            data=item if "kind" in item else {**lent, **item},
            file=root.file,
            index=root.index,
            duplicates=tuple(doubled.get(prefix, ())),
            header=root.header,
            source=root.source,
            prefix=prefix,
            keys=root.keys,
        )


def _at(document: Document, path: Path) -> tuple[int, int]:
    return find(document.source, path, key=False) if document.source else (0, 0)


class _Reader:
    """Reads one file; remembers the document's number and the last header."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.index = 0
        self.header: str | None = None

    def _note_header(self, text: str) -> None:
        at = text.find(_HEADER_MARK)
        while at >= 0:
            found = _HEADER.match(text, at)
            if found and text[at - 1 : at] in ("", "\n"):
                self.header = found[1]
                return
            at = text.find(_HEADER_MARK, at + 1)

    def broken(self, error: UnreadableError, line: int, text: str = "") -> Broken:
        """The finding for a document that can't be read; ``text`` is its own, to tell a template from a slip."""
        message = error.message
        if _OPENS_TEMPLATE.search("\n".join(text.split("\n")[max(error.line - 1, 0) : error.line + 1])):
            message = "this is a template ({{ … }}), such as Helm's, not YAML; render it first"
        result = Broken(self.file, line + error.line + 1, error.column + 1, message, self.index)
        self.index += 1
        return result

    def _found(
        self, data: Any, duplicates: tuple[Path, ...], source: Source, keys: set[str] | None = None
    ) -> Iterator[Document]:
        if not isinstance(data, dict):
            what = "a list" if isinstance(data, list) else "a single value"
            node = syntax_tree(source)
            raise UnreadableError(f"a Kubernetes object is a mapping; this is {what}", node.line, node.column)
        document = Document(data, self.file, self.index, duplicates, self.header, source, keys=keys)
        yield from list(_objects(data, duplicates, document))
        self.index += 1

    def json(self, text: str) -> Iterator[Document | Broken]:
        """JSON objects in a row; what is not JSON is left to YAML, as kubectl does while it has found at most one."""
        at = count = line = line_start = 0
        deep = jsons.too_deep(text)
        while found := _CONTENT.search(text, at):
            start = found.start()
            line, line_start = _passed(text, at, start, line, line_start)
            try:
                data, end, doubled = jsons.decode(text, start, deep=deep)
            except UnreadableError as error:
                if count > 1:
                    yield self.broken(error, 0)
                    return
                # kubectl drops the space before, up to the first line break, and reads on from there.
                gap = text.find("\n", at, start)
                begin = start if gap < 0 else gap + 1
                yield from self.yaml(text[begin:], text.count("\n", 0, begin), error)
                return
            # A source holds its own text alone: places in the last of many objects are as near as those in the first.
            source = Source(text[start:end], line, json_start=0, column=start - line_start)
            duplicates = jsons.duplicates(syntax_tree(source)) if doubled else ()
            try:
                yield from self._found(data, duplicates, source)
            except UnreadableError as error:
                error.column += 0 if error.line else source.column
                yield self.broken(error, line)
            line, line_start = _passed(text, start, end, line, line_start)
            at, count = end, count + 1

    def yaml(self, text: str, line: int = 0, json_error: UnreadableError | None = None) -> Iterator[Document | Broken]:
        """YAML documents; where JSON was tried before, its error is the one to tell."""
        for chunk in split(text):
            base = line + chunk.line
            self._note_header(chunk.text)
            try:
                data, duplicates, keys = _load(chunk)
                if data is not None:
                    source = Source(chunk.text, base, fast=keys is not None)
                    yield from self._found(data, duplicates, source, keys)
            except UnreadableError as error:
                if json_error is not None and base == 0:
                    yield self.broken(json_error, 0, chunk.text)
                else:
                    yield self.broken(error, base, chunk.text)


def _passed(text: str, start: int, end: int, line: int, line_start: int) -> tuple[int, int]:
    """The line that ``end`` stands on and where it begins, from those of ``start``."""
    breaks = text.count("\n", start, end)
    return (line + breaks, text.rfind("\n", start, end) + 1) if breaks else (line, line_start)


def iterate(content: str | bytes, file: str) -> Iterator[Document | Broken]:
    """Like ``read``, one by one."""
    reader = _Reader(file)
    try:
        yield from _entries(content, reader)
    except Exception as error:  # noqa: BLE001 (told as a fault of ours; the other files are read all the same)
        trace = "".join(traceback.format_exception(error))
        yield Broken(file, 1, 1, type(error).__name__, reader.index, trace)


def _entries(content: str | bytes, reader: _Reader) -> Iterator[Document | Broken]:
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
