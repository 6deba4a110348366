"""A draft as the text of a service file: short parts on one line, the rest in blocks, and what was lost at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.text.printable import inert
from generator.text.secrets import hidden
from generator.text.yaml import ESCAPED, block, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WIDTH = 110
"""The longest line that is written in one piece."""
LONGEST_COMMENT = 1_000
"""Characters of a comment: our longest notes whole, and of what a stranger wrote not all."""


def text(
    data: Mapping[str, Any], *, head: Iterable[str] = (), above: Mapping[str, str], foot: Iterable[str] = ()
) -> str:
    """The file.

    Args:
        data: Its content, in order.
        head: Comments before it, a line each.
        above: Key to the comment above it.
        foot: Comments behind it, a line each.

    Raises:
        TypeError, ValueError: A value that no YAML can hold.
    """
    lines = [comment(line) for line in head]
    for key, value in data.items():
        if key in above:
            lines.append(comment(above[key]))
        lines.append(_entry(key, value))
    lines += [comment(line) for line in foot]
    return "\n".join(lines) + "\n"


def comment(line: str) -> str:
    """One line of comment, whatever stands in it."""
    told = inert(hidden(line))
    shown = ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}" if found[0] not in '"\\' else found[0], told)
    return f"# {shown if len(shown) <= LONGEST_COMMENT else shown[: LONGEST_COMMENT - 1] + '…'}"


def _entry(key: str, value: Any) -> str:
    inline = flow(value)
    if isinstance(value, (dict, list)) and value and len(key) + 2 + len(inline) > WIDTH:
        return f"{scalar(key)}:\n{_lines(value, 2)}"
    return f"{scalar(key)}: {inline}"


def _lines(value: Any, indent: int) -> str:
    """The lines of a mapping or a list, each item on one where that is short enough."""
    space = " " * indent
    if isinstance(value, list):
        return "\n".join(f"{space}- {_item(each, indent + 2)}" for each in value)
    lines = []
    for key, each in value.items():
        inline = flow(each)
        if isinstance(each, (dict, list)) and each and indent + len(key) + 2 + len(inline) > WIDTH:
            lines.append(f"{space}{scalar(key)}:\n{_lines(each, indent + 2)}")
        else:
            lines.append(f"{space}{scalar(key)}: {inline}")
    return "\n".join(lines)


def _item(value: Any, indent: int) -> str:
    inline = flow(value)
    if isinstance(value, dict) and value and indent + len(inline) > WIDTH:
        return _lines(value, indent).lstrip(" ")
    return inline if indent + len(inline) <= WIDTH else str(block(value, indent))


def flow(value: Any) -> str:
    """A value on one line.

    Raises:
        TypeError, ValueError: As ``scalar``.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return str(scalar(value))
