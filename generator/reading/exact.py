"""The exact lane: a syntax tree becomes the data that kubectl would send.

Source of the order of keys, merges and the limits on aliases: ``decode.go`` of go.yaml.in/yaml/v2 v2.4.3.
"""

from __future__ import annotations

import math
from typing import Any, Self

from generator.reading import scalars
from generator.reading.errors import MAX_DEPTH, UnreadableError
from generator.reading.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node

Path = tuple[str | int, ...]

_BRANCHES = ("", "a list", "a mapping")


def is_merge(key: Node) -> bool:
    """Whether a key is ``<<`` and so pulls another mapping in."""
    return key.kind == SCALAR and key.text == "<<" and (key.plain or key.tag == scalars.MERGE)


def key_of(key: Node) -> str:
    """A key as JSON has it.

    Raises:
        ImpossibleKeyError: A key that JSON can't have.
        UnreadableError: A list, a mapping, or a tag that does not fit.
    """
    target = key
    while target.kind == ALIAS:
        target = target.children[0]
    if target.kind != SCALAR:
        raise UnreadableError(f"{_BRANCHES[target.kind]} can't be a key", key.line, key.column)
    if target.plain and not target.tag and target.text[:1].isalpha() and target.text not in scalars.WORDS:
        return target.text
    try:
        return scalars.key_text(value_of(target, raw=True))
    except scalars.NoKeyError as error:
        raise ImpossibleKeyError(str(error), key.line, key.column) from error


def value_of(node: Node, *, raw: bool = False) -> Any:
    """A scalar's value; ``raw`` leaves numbers as YAML has them.

    Raises:
        UnreadableError: A tag that does not fit.
    """
    if not node.plain and not node.tag:
        return node.text
    try:
        value = scalars.resolve(node.tag, node.text)
        return value if raw or isinstance(value, (str, bool)) or value is None else scalars.number(value)
    except scalars.UnfitTagError as error:
        raise UnreadableError(str(error), node.line, node.column) from error


class ImpossibleKeyError(UnreadableError):
    """A key that YAML may have and JSON can't; go-yaml finds it only in what is left at the end."""


class _BadKey(str):
    """Stands for a key that JSON can't have: a text that no real key equals, with the error to raise."""

    __slots__ = ("error",)
    error: UnreadableError

    def __new__(cls, error: UnreadableError) -> Self:
        self = super().__new__(cls, f"\0{error.line}:{error.column}")
        self.error = error
        return self


def _allowed_alias_share(count: int) -> float:
    """How much of all decoding may come from aliases: 99 % in small documents, 10 % from 4,000,000 nodes on."""
    return 0.99 - 0.89 * min(max((count - 400_000) / 3_600_000, 0.0), 1.0)


class _Decoder:
    """One document's way from nodes to data, with go-yaml's count of decoded nodes against alias bombs."""

    def __init__(self) -> None:
        self.duplicates: list[Path] = []
        self.suspect = False
        self._count = 0
        self._alias_count = 0
        self._open_aliases: list[Node] = []
        self._open_merges = 0

    def _enter(self, node: Node) -> None:
        self._count += 1
        if not self._open_aliases:
            return
        self._alias_count += 1
        count, share = self._count, self._alias_count
        if share > 100 and count > 1000 and share / count > _allowed_alias_share(count):  # noqa: PLR2004 (go-yaml's own)
            raise UnreadableError("aliases (*name) are expanded too often", node.line, node.column)

    def value(self, node: Node, path: Path) -> Any:
        """Recurses once a level; the tree's depth is bounded, the aliases' here."""
        self._enter(node)
        if node.kind == SCALAR:
            value = value_of(node)
            if isinstance(value, float) and not math.isfinite(value):
                self.suspect = True
            return value
        self._refuse_depth(node, path)
        if node.kind == ALIAS:
            if node in self._open_aliases:
                raise UnreadableError(f"the anchor *{node.text} contains itself", node.line, node.column)
            self._open_aliases.append(node)
            found = self.value(node.children[0], path)
            self._open_aliases.pop()
            return found
        if node.kind == SEQUENCE:
            return [self.value(item, (*path, index)) for index, item in enumerate(node.children)]
        result: dict[str, Any] = {}
        self.fill(node, path, result)
        return result

    def _refuse_depth(self, node: Node, path: Path) -> None:
        if len(path) + len(self._open_aliases) + self._open_merges > MAX_DEPTH:
            raise UnreadableError(f"nested deeper than {MAX_DEPTH} levels", node.line, node.column)

    def fill(self, node: Node, path: Path, into: dict[str, Any]) -> None:
        """Keys in their order; a later one wins, also over a merge and a merge over an earlier one."""
        own: set[str] = set()
        pairs = iter(node.children)
        for key, value in zip(pairs, pairs, strict=True):
            if is_merge(key):
                self._merge(value, path, into)
                continue
            self._enter(key)
            name = self._key(key)
            if name in own:
                self.duplicates.append((*path, name))
            own.add(name)
            into[name] = self.value(value, (*path, name))

    def _key(self, key: Node) -> str:
        try:
            return key_of(key)
        except ImpossibleKeyError as error:
            self.suspect = True
            return _BadKey(error)

    def _merge(self, node: Node, path: Path, into: dict[str, Any]) -> None:
        """A merge inside a merge is a level deeper, though the path stays as it is."""
        self._open_merges += 1
        self._refuse_depth(node, path)
        sources = reversed(node.children) if node.kind == SEQUENCE else (node,)
        for source in sources:
            target = source.children[0] if source.kind == ALIAS else source
            if target.kind != MAPPING:
                raise UnreadableError("<< needs a mapping or a list of mappings", source.line, source.column)
            self._enter(source)
            if source.kind == ALIAS:
                if source in self._open_aliases:
                    raise UnreadableError(f"the anchor *{source.text} contains itself", source.line, source.column)
                self._open_aliases.append(source)
                self._enter(target)
                self.fill(target, path, into)
                self._open_aliases.pop()
            else:
                self.fill(target, path, into)
        self._open_merges -= 1


def _refuse_what_json_lacks(data: Any, root: Node) -> None:
    """Look for infinity, not-a-number and impossible keys, which a doubled key may have replaced in the meantime.

    Raises:
        UnreadableError: One is in the data.
    """
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise UnreadableError("JSON has no form for .inf and .nan; quote it if text is meant", *_endless(root))
        if isinstance(value, dict):
            bad = next((key for key in value if isinstance(key, _BadKey)), None)
            if bad is not None:
                raise bad.error
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _endless(root: Node) -> tuple[int, int]:
    """The place of the first number without a JSON form."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.kind == SCALAR:
            value = value_of(node)
            if isinstance(value, float) and not math.isfinite(value):
                return node.line, node.column
        elif node.kind != ALIAS:
            waiting.extend(reversed(node.children))
    return root.line, root.column


def decode(root: Node | None) -> tuple[Any, tuple[Path, ...]]:
    """Data and the paths of doubled keys (the last one wins, as for kubectl).

    Raises:
        UnreadableError: kubectl would not read it either.
    """
    if root is None:
        return None, ()
    decoder = _Decoder()
    data = decoder.value(root, ())
    if decoder.suspect:
        _refuse_what_json_lacks(data, root)
    return data, tuple(dict.fromkeys(decoder.duplicates))
