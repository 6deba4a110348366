"""JSON as Go reads it for kubectl: also in a ``.yaml`` file, with tabs, several objects in a row."""

from __future__ import annotations

import json
import re
from typing import Any

from generator.reading.errors import MAX_DEPTH, UnreadableError
from generator.reading.node import MAPPING, SCALAR, SEQUENCE, Node
from generator.reading.scalars import number

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1
_TOKEN = re.compile(r'[ \t\r\n]*([\[\]{},:]|"(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+)')
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_NESTING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
"""A quote that nothing closes runs to the end: looked for again from each mark in it, it would cost a square."""


def _integer(text: str) -> int | float:
    """An int64 where it fits, else a float64; very long digits never become a Python integer."""
    if len(text) > 20:  # noqa: PLR2004 (an int64 has at most 19 digits and a sign)
        return _float(text)
    value = int(text)
    return value if _INT_MIN <= value <= _INT_MAX else float(value)


def _float(text: str) -> int | float:
    """A float as kubectl sends it on: a whole one without a point, which the API server reads as an integer."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text} is too large")
    return number(value)


def _as_go(text: str) -> str:
    """The same JSON with U+FFFD for each half of a pair of surrogates that stands alone, as Go reads it."""
    return _ESCAPE.sub(lambda found: "\\ufffd" if found[1] else found[0], text)


def _constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def too_deep(text: str) -> bool:
    """Whether brackets nest deeper than MAX_DEPTH; asked once a text, before Python's recursive decoder runs."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for found in _NESTING.finditer(text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        if depth > MAX_DEPTH:
            return True
    return False


def looks_like_json(text: str) -> bool:
    """Whether kubectl tries JSON first: the first character that is no space is a brace."""
    return text.lstrip()[:1] == "{"


def decode(text: str, start: int, *, deep: bool) -> tuple[Any, int, bool]:
    """One JSON value.

    Args:
        text: The whole text.
        start: Where the value begins (no space there).
        deep: What ``too_deep`` says of the text.

    Returns:
        The value, the place behind it, and whether a key stands twice in some object.

    Raises:
        UnreadableError: No JSON.
    """
    doubled = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        result = dict(items)
        doubled = doubled or len(result) != len(items)
        return result

    if deep:
        raise UnreadableError(f"nested deeper than {MAX_DEPTH} levels")
    decoder = json.JSONDecoder(
        object_pairs_hook=pairs, parse_int=_integer, parse_float=_float, parse_constant=_constant
    )
    try:
        value, end = decoder.raw_decode(text, start)
        escaped = text.find("\\ud", start, end) >= 0 or text.find("\\uD", start, end) >= 0
        if escaped and (mended := _as_go(text[start:end])) != text[start:end]:
            value = decoder.raw_decode(mended)[0]
    except json.JSONDecodeError as error:
        raise UnreadableError(f"this is not JSON: {error.msg}", error.lineno - 1, error.colno - 1) from error
    except ValueError as error:
        raise UnreadableError(f"this is not JSON: {error}") from error
    return value, end, doubled


def tree(text: str, start: int) -> Node:
    """The places of one JSON value that ``decode`` could read."""
    root = Node(SEQUENCE, 0, 0)
    open_nodes = [root]
    line, line_start = text.count("\n", 0, start), text.rfind("\n", 0, start) + 1
    at = start
    while found := _TOKEN.match(text, at):
        mark, begin = found[1], found.start(1)
        gap = text.count("\n", at, begin)
        if gap:
            line, line_start = line + gap, text.rfind("\n", at, begin) + 1
        at = found.end()
        if mark in "]}":
            open_nodes.pop()
        elif mark not in ",:":
            node = Node(SCALAR, line, begin - line_start, text=mark)
            if mark in "[{":
                node.kind, node.text = (SEQUENCE if mark == "[" else MAPPING), ""
            elif mark[0] == '"':
                node.text = json.loads(_as_go(mark), strict=False)
            open_nodes[-1].children.append(node)
            if node.kind != SCALAR:
                open_nodes.append(node)
        if len(open_nodes) == 1 and root.children:
            break
    return root.children[0]


def duplicates(root: Node) -> tuple[tuple[str | int, ...], ...]:
    """The paths of doubled keys."""
    found: dict[tuple[str | int, ...], None] = {}
    waiting: list[tuple[Node, tuple[str | int, ...]]] = [(root, ())]
    while waiting:
        node, path = waiting.pop()
        if node.kind == SEQUENCE:
            waiting += [(item, (*path, index)) for index, item in enumerate(node.children)]
        elif node.kind == MAPPING:
            seen: set[str] = set()
            for key, value in zip(node.children[::2], node.children[1::2], strict=True):
                if key.text in seen:
                    found[*path, key.text] = None
                seen.add(key.text)
                waiting.append((value, (*path, key.text)))
    return tuple(sorted(found, key=str))
