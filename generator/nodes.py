"""The YAML of our own files (service file, lock file) as a tree that knows where each piece stands.

What is laid over a file, an environment or ``--set``, is such a tree too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from generator.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CHARACTERS = 1 << 20
DEEPEST = 64

Events: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The source of YAML events: libyaml where PyYAML was built with it, else its slower twin in Python."""


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
        raise NotImplementedError

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
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")

    def says(self) -> str:
        """The text, shortened."""
        if self.is_null():
            return "nothing"
        shown = self.text if len(self.text) <= 40 else self.text[:37] + "..."  # noqa: PLR2004 (a message stays readable)
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


def parse(text: str, file: str, *, most_characters: int = MOST_CHARACTERS) -> Mapping:
    """Read one YAML document whose top is a mapping.

    The tree is built from the parser's events in a loop, not by PyYAML's recursive composer: that one crashes the
    process on deep nesting, and keeps the last of two equal keys without a word.

    Args:
        text: The file's content.
        file: The file's name for messages.
        most_characters: The longest text that is taken for such a file.

    Raises:
        InputError: Not YAML, empty, several documents, nested too deep, a doubled key, or no mapping at the top.
    """
    if len(text) > most_characters:
        raise InputError(f"{len(text):,} characters are too many for such a file.", place=Place(file))
    try:
        events = Events(text)
        try:
            top = _Builder(file).build(events)
        finally:
            events.dispose()
    except yaml.YAMLError as error:
        raise _not_yaml(error, file) from None
    hint = "`serinus init` writes one to start from."
    if top is None:
        raise InputError("the file is empty.", fix=hint, place=Place(file))
    if not isinstance(top, Mapping):
        place = Place(file, top.line, top.column)
        raise InputError(f"a mapping is wanted at the top, not {top.says()}.", fix=hint, place=place)
    return top


def _not_yaml(error: yaml.YAMLError, file: str) -> InputError:
    """PyYAML's error with its place, in one sentence."""
    mark = getattr(error, "problem_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it can't be read"
    return InputError(f"not YAML: {problem}.", place=place)


class _Open:
    """A collection whose end hasn't come yet."""

    def __init__(self, start: Any) -> None:
        self.start = start
        self.is_mapping = isinstance(start, yaml.MappingStartEvent)
        self.children: list[Node] = []


class _Builder:
    """Builds the tree of one document from events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.anchors: dict[str, Node] = {}
        self.open: list[_Open] = []
        self.top: Node | None = None
        self.ended = False

    def build(self, events: Any) -> Node | None:
        """The document's node, None for an empty stream."""
        take = events.get_event
        while (event := take()) is not None:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                if event.tag is not None:
                    self._refuse_tag(event)
                mark = event.start_mark
                scalar = Scalar(mark.line + 1, mark.column + 1, self.file, event.value, not event.style)
                self._add(scalar, event.anchor)
            elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                self._begin(event)
            elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                started = self.open.pop()
                self._add(self._close(started), started.start.anchor)
            elif kind is yaml.AliasEvent:
                self._add(self._alias(event), None)
            elif kind is yaml.DocumentStartEvent and self.top is not None:
                raise self._fail(event, "a second document begins here.", "A service file holds one.")
        return None if isinstance(self.top, Scalar) and self.top.is_null() else self.top

    def _begin(self, event: Any) -> None:
        self._refuse_tag(event)
        if len(self.open) == DEEPEST:
            raise self._fail(event, f"nested deeper than {DEEPEST} levels.")
        self.open.append(_Open(event))

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self.anchors:
            raise self._fail(event, f"the alias *{event.anchor} has no anchor before it.")
        return self.anchors[event.anchor]

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.top = node

    def _close(self, started: _Open) -> Node:
        mark = started.start.start_mark
        line, column, children = mark.line + 1, mark.column + 1, started.children
        if not started.is_mapping:
            return Sequence(line, column, self.file, tuple(children))
        items: dict[str, tuple[Node, Node]] = {}
        merged: list[Mapping] = []
        for key, value in zip(children[::2], children[1::2], strict=True):
            place = Place(self.file, key.line, key.column)
            if not isinstance(key, Scalar):
                raise InputError(f"a key is text, not {key.says()}.", place=place)
            if key.text == "<<" and key.plain:
                merged += self._merged(value)
            elif key.text in items:
                raise InputError(f"the key '{key.text}' stands twice.", fix="Keep one of them.", place=place)
            else:
                items[key.text] = (key, value)
        for mapping in merged:
            items = {**mapping.items, **items}
        return Mapping(line, column, self.file, items)

    def _merged(self, value: Node) -> list[Mapping]:
        sources = value.items if isinstance(value, Sequence) else (value,)
        for source in sources:
            if not isinstance(source, Mapping):
                place = Place(self.file, source.line, source.column)
                raise InputError(f"a merge key takes mappings, not {source.says()}.", place=place)
        return [source for source in sources if isinstance(source, Mapping)]

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            raise self._fail(event, f"tags such as {event.tag} mean nothing here.", "Leave it out.")

    def _fail(self, event: Any, message: str, fix: str = "") -> InputError:
        mark = event.start_mark
        return InputError(message, fix=fix, place=Place(self.file, mark.line + 1, mark.column + 1))


def overlay(base: Node, over: Node) -> Node:
    """``over`` laid on ``base``: mappings key by key, anything else replaces; a null takes the key away."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    items = dict(base.items)
    for name, (key, value) in over.items.items():
        if isinstance(value, Scalar) and value.is_null():
            items.pop(name, None)
        else:
            items[name] = (key, overlay(items[name][1], value)) if name in items else (key, value)
    return Mapping(base.line, base.column, base.file, items)
