"""From libyaml's events to the syntax tree, without recursion.

go-yaml v2 is a port of libyaml, so both accept the same texts; PyYAML's own composer is not used because it refuses an
anchor that is defined twice, recurses in C, and resolves scalars by rules of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml import cyaml

from generator.reading.errors import MAX_DEPTH, UnreadableError
from generator.reading.messages import explain
from generator.reading.node import ALIAS, MAPPING, SCALAR, SEQUENCE, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESCAPE = re.compile(r"\\.", re.DOTALL)


def _events(text: str) -> Iterator[Any]:
    """The events of the first document; go-yaml's ``Unmarshal`` looks no further."""
    parser: Any = vars(cyaml)["CParser"](text)
    try:
        while not isinstance(event := parser.get_event(), (yaml.DocumentEndEvent, yaml.StreamEndEvent)):
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(explain(error, text), mark.line if mark else 0, mark.column if mark else 0) from error
    except yaml.reader.ReaderError as error:
        # libyaml counts bytes here, unlike in its marks.
        before = text.encode()[: error.position].decode("utf-8", "ignore")
        raise UnreadableError(
            f"the character U+{ord(text[len(before)]):04X} is not allowed in YAML",
            before.count("\n"),
            len(before) - before.rfind("\n") - 1,
        ) from error
    finally:
        parser.dispose()


def _check_escapes(quoted: str, mark: Any) -> None:
    r"""Refuse ``\/``, which is JSON and YAML 1.2: libyaml takes it, go-yaml v2 doesn't."""
    if any(found[0] == "\\/" for found in _ESCAPE.finditer(quoted)):
        raise UnreadableError("a backslash in double quotes that YAML 1.1 does not know: \\/", mark.line, mark.column)


class _Builder:
    """Builds the tree of one document, event by event."""

    def __init__(self, text: str) -> None:
        self.root = Node(SEQUENCE, 0, 0)
        self._text = text
        self._open = [self.root]
        self._anchors: dict[str, Node] = {}
        self._slashes = "\\/" in text
        self._flows = 0

    def add(self, event: Any) -> None:
        """Take one event.

        Raises:
            UnreadableError: Something that go-yaml v2 refuses though libyaml takes it, or nested too deeply.
        """
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._put(self._scalar(event), event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._start(event)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            # Inside a flow collection only flow collections can be opened, so the innermost are closed first.
            self._flows -= self._flows > 0
            self._open.pop()
        elif kind is yaml.AliasEvent:
            mark = event.start_mark
            if event.anchor not in self._anchors:
                raise UnreadableError(f"the anchor *{event.anchor} is not defined above", mark.line, mark.column)
            target = self._anchors[event.anchor]
            self._open[-1].children.append(Node(ALIAS, mark.line, mark.column, text=event.anchor, children=[target]))

    def _put(self, node: Node, event: Any) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._open[-1].children.append(node)

    def _start(self, event: Any) -> None:
        mark = event.start_mark
        if len(self._open) > MAX_DEPTH:
            raise UnreadableError(f"nested deeper than {MAX_DEPTH} levels", mark.line, mark.column)
        node = Node(MAPPING if type(event) is yaml.MappingStartEvent else SEQUENCE, mark.line, mark.column)
        self._flows += event.flow_style
        self._put(node, event)
        self._open.append(node)

    def _scalar(self, event: Any) -> Node:
        mark = event.start_mark
        if self._slashes and event.style == '"':
            _check_escapes(self._text[mark.index : event.end_mark.index], mark)
        if self._flows and not event.style and "?" in event.value:
            message = "a '?' in a value without quotes, inside brackets; YAML 1.1 does not take it: quote the value"
            raise UnreadableError(message, mark.line, mark.column)
        return Node(SCALAR, mark.line, mark.column, event.tag or "", event.value, event.implicit[0])


def compose(text: str) -> Node | None:
    """As ``generator.reading.tree.parse``."""
    builder = _Builder(text)
    for event in _events(text):
        builder.add(event)
    return builder.root.children[0] if builder.root.children else None
