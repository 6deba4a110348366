"""From a path to the line and column where it stands, in a syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.reading.errors import UnreadableError
from generator.reading.exact import is_merge, key_of
from generator.reading.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.reading.exact import Path

    _Keys = dict[str, tuple[Node, Node]]


def _real(node: Node) -> Node:
    while node.kind == ALIAS:
        node = node.children[0]
    return node


def _sources(node: Node) -> Iterator[Node]:
    """The mappings that a merge pulls in, in the order in which they are applied."""
    target = _real(node)
    if target.kind == MAPPING:
        yield target
    elif target.kind == SEQUENCE:
        for item in reversed(target.children):
            yield from _sources(item)


_MERGES_DEEP = 50
"""A merge that contains itself never gets through decoding; this only ends the search."""


class Finder:
    """Finds places in one syntax tree; the keys of a mapping are looked at once for all of them.

    Args:
        root: The document's tree.
    """

    def __init__(self, root: Node) -> None:
        self._root = root
        self._layers: dict[Node, list[_Keys | Node]] = {}

    def find(self, path: Path, *, key: bool) -> tuple[int, int, int]:
        """The place of a value, or of its key.

        Args:
            path: Keys and indices; where it leads nowhere, its nearest existing ancestor is meant.
            key: Whether the key is wanted; for an item of a list the item itself is.

        Returns:
            Line and column, counted from 0, and how many parts of the path exist.
        """
        node, label = self._root, self._root
        for depth, part in enumerate(path):
            target = _real(node)
            if target.kind == MAPPING and isinstance(part, str):
                pair = self._pair(target, part)
                if pair is None:
                    return label.line, label.column, depth
                label, node = pair
            elif target.kind == SEQUENCE and isinstance(part, int) and 0 <= part < len(target.children):
                label = node = target.children[part]
            else:
                return label.line, label.column, depth
        # A value without text (`replicas:`) has no place of its own that a person could see.
        shown = label if key or (node.kind == SCALAR and node.plain and not node.text) else node
        return shown.line, shown.column, len(path)

    def _pair(self, mapping: Node, name: str, depth: int = 0) -> tuple[Node, Node] | None:
        """The last key of that name with its value, merges included, as decoding has it."""
        if mapping not in self._layers:
            self._layers[mapping] = _layers(mapping)
        for layer in reversed(self._layers[mapping]):
            if isinstance(layer, dict):
                found = layer.get(name)
            else:
                found = self._pair(layer, name, depth + 1) if depth < _MERGES_DEEP else None
            if found:
                return found
        return None


def _layers(mapping: Node) -> list[_Keys | Node]:
    """What a mapping has, the later over the earlier: keys of its own, and the mappings that merges pull in between."""
    found: list[_Keys | Node] = []
    own: _Keys = {}
    pairs = iter(mapping.children)
    for key, value in zip(pairs, pairs, strict=True):
        if is_merge(key):
            found += [own, *_sources(value)]
            own = {}
            continue
        try:
            own[key_of(key)] = key, value
        except UnreadableError:
            continue
    return [*found, own]
