"""Values as YAML text that every reader takes for the same value: YAML 1.1 and 1.2, kubectl's, Go's, Python's.

A string stands plain only where no reader could take it for anything else; otherwise it stands in double quotes with
every character escaped that YAML doesn't let stand for itself. All of it fits one line, so that it can be indented.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from generator.text.printable import inert

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@-]*(?::/{2}[A-Za-z0-9_./@-]*)?")
"""A letter first (so no number, no timestamp, no indicator), and ``:`` only inside ``://``."""

WORDS = frozenset(
    "y n yes no on off true false null nan inf".split()  # noqa: SIM905 (a list of words reads best as words)
)
"""What some YAML reader takes for a boolean, null or a number, in any case of letters."""

ESCAPED = re.compile(
    '[\\x00-\\x1f"\\\\\\x7f-\\xa0\\xad\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ud800-\\udfff\\ufffe\\uffff]'
)
"""What a YAML file can't hold as it is; and what turns the direction of writing, so that a reader sees another text."""
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LISTS = (list, tuple)
_NESTED = (dict, *_LISTS)


class Yaml(str):
    """Text that is YAML already."""

    __slots__ = ()


def scalar(value: Any) -> Yaml:
    """One value as YAML on one line.

    Args:
        value: A str, int, bool, finite float, or ``Yaml``.

    Raises:
        TypeError: It is something else; None is refused too, since a null in a manifest is never meant.
        ValueError: A str with a lone surrogate, which no UTF-8 file can hold, or a float that isn't finite.
    """
    if type(value) is str:
        return _string(value)
    if isinstance(value, Yaml):
        return value
    if isinstance(value, str):
        return _string(str.__str__(value))
    if isinstance(value, bool):
        return Yaml("true" if value else "false")
    if isinstance(value, int):
        return Yaml(str(value))
    if isinstance(value, float):
        if value - value != 0:  # infinite, or no number
            raise ValueError(f"{value} can't stand in a manifest")
        return Yaml(repr(value))
    raise TypeError(f"{type(value).__name__} {str(value)[:60]!r} is no single value")


@functools.lru_cache(maxsize=4096)
def _string(text: str) -> Yaml:
    if PLAIN.fullmatch(text) and text.lower() not in WORDS:
        return Yaml(text)
    return Yaml('"' + inert(ESCAPED.sub(_escape, text)) + '"')  # what makes it inert are YAML's own escapes


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 (the surrogates of UTF-16)
        raise ValueError(f"a lone surrogate (U+{code:04X}) can't stand in a file")
    return _SHORT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004 (one byte)


def block(value: Any, indent: int) -> Yaml:
    """A mapping or list in block form, each line indented; what is empty stands as ``{}`` or ``[]``.

    Args:
        value: A dict with str keys, a list, or a single value; nested as you like.
        indent: Spaces before each line but the first, which follows what stands before it.

    Raises:
        TypeError, ValueError: As ``scalar``.
    """
    if isinstance(value, dict) and value:
        lines = [f"{scalar(key)}:{_below(each, indent + 2)}" for key, each in value.items()]
    elif isinstance(value, _LISTS) and value:
        lines = [f"-{_item(each, indent + 2)}" for each in value]
    else:
        return Yaml("{}" if isinstance(value, dict) else "[]" if isinstance(value, _LISTS) else scalar(value))
    return Yaml(f"\n{' ' * indent}".join(lines))


def literal(text: str, indent: int) -> Yaml:
    """A file's text as it is (``|``), where every reader takes it for the same text; else as ``scalar``.

    That is: printable ASCII, the last line ended and not empty, no blanks at a line's end nor at the start. A text
    with a line that a CI system would take for an order, were it in its log, isn't written as it is either.

    Args:
        text: The text.
        indent: Spaces before each line.

    Raises:
        TypeError, ValueError: As ``scalar``.
    """
    *lines, end = text.split("\n")
    whole = bool(lines) and not end and lines[-1] and lines[0][:1].strip()
    if not whole or not all(line.isascii() and line.isprintable() and line == line.rstrip() for line in lines):
        return scalar(text)
    if text != "\n".join(map(inert, text.split("\n"))):
        return scalar(text)
    return Yaml("|\n" + "\n".join(f"{' ' * indent}{line}" if line else "" for line in lines))


def _below(value: Any, indent: int) -> str:
    if type(value) is str:
        return f" {_string(value)}"
    if isinstance(value, _NESTED) and value:
        return f"\n{' ' * indent}{block(value, indent)}"
    return f" {block(value, indent)}"


def _item(value: Any, indent: int) -> str:
    return f" {block(value, indent)}"
