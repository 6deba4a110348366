"""The words of an exception out of the user's code, without what isn't for reading."""

from __future__ import annotations

import re

LONGEST = 600
"""Characters of an exception's own words; Keras' may hold whole arrays."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Keras prints some words of its errors bold."""

_GRAPH = "Graph execution error:"
_FRAMES = re.compile(
    r"^Graph execution error:$|^Detected at node .*$|^  File \".*\", line \d+, in .*$"
    r"|\[\[\{\{.*?\}\}.*?\]\]|\[Op:\w+\]",
    re.MULTILINE,
)
"""What TensorFlow puts around an error inside a graph: the stack that built the graph, ours and Keras', and nodes."""


def cleaned(text: str) -> str:
    """A text of an exception or a traceback: no colours, no stack that stands in TensorFlow's words."""
    text = _COLOUR.sub("", text)
    if _GRAPH not in text:
        return text
    head, _, rest = text.partition(_GRAPH)
    inside = "\n".join(line for line in _FRAMES.sub("", f"{_GRAPH}{rest}").split("\n") if line.strip())
    return head + inside.strip()


def said(error: BaseException) -> str:
    """An exception in one line."""
    try:
        words = str(error)
    except Exception as another:  # noqa: BLE001 (its __str__ is code of the user's)
        words = f"its words can't be had, {type(another).__name__}"
    text = " ".join(cleaned(words).split())
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
    return f"{type(error).__name__}: {short}" if short else type(error).__name__
