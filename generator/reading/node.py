"""A node of a YAML document's syntax tree, with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

SCALAR, SEQUENCE, MAPPING, ALIAS = range(4)


@dataclass(slots=True, eq=False)
class Node:
    """One node.

    Attributes:
        kind: SCALAR, SEQUENCE, MAPPING or ALIAS.
        line: Counted from 0, inside the document's text.
        column: Counted from 0, in characters.
        tag: The explicit tag in its long form, or empty.
        text: A scalar's text; an alias' name.
        plain: Whether a scalar stands without quotes (or is tagged ``!``, which go-yaml takes as one and yet as text).
        children: Items of a sequence; keys and values of a mapping in turn; the target of an alias.
    """

    kind: int
    line: int
    column: int
    tag: str = ""
    text: str = ""
    plain: bool = False
    children: list[Node] = field(default_factory=list)
