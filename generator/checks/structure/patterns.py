"""Regular expressions of CRDs: Go's syntax, matched by Rust's engine or our own, both linear: none hangs a check."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from generator.reading import lanes
from generator.text.regex import MalformedError, UnknownError, compiled

if TYPE_CHECKING:
    from collections.abc import Callable

_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\x0C\r "}
_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\x0B\x0C\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PART = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[:[a-z]+:\]|\[\^?\]?|\]|&&|~~", re.DOTALL)


def _escape(text: str, *, inside: bool) -> str:
    """One escape; ``inside`` tells whether it stands in a class."""
    if text.startswith("\\Q"):
        return re.escape(text[2:].removesuffix("\\E"))
    name = text[1]
    if name in _CLASSES:
        return _CLASSES[name] if inside else f"[{_CLASSES[name]}]"
    return f"[^{_CLASSES[name.lower()]}]" if name.lower() in _CLASSES else text


def translate(pattern: str) -> str:
    r"""A Go pattern with the same meaning for Rust: Go's ``\d``, ``\w``, ``\s`` and ``[:alpha:]`` know ASCII only."""
    inside = False

    def one(found: re.Match[str]) -> str:
        nonlocal inside
        text = found[0]
        if text[0] == "\\":
            return _escape(text, inside=inside)
        if text == "]":
            inside = False
            return text
        if text in ("&&", "~~"):
            # In a class Rust takes them for operations on sets.
            return rf"\{text[0]}\{text[0]}" if inside else text
        if not inside:
            if text.startswith("[:"):
                return text
            inside = True
            # A bracket that opens a class may be followed by one that only stands for itself.
            return text.replace("]", r"\]")
        return _POSIX.get(text[2:-2], text) if text.startswith("[:") else rf"\{text}"

    return _PART.sub(one, pattern)


@cache
def matcher(pattern: str) -> Callable[[str], bool] | None:
    """What tells whether a pattern is found in a text; None where Go can't compile it, so that it matches nothing.

    Rust's engine is asked where it is at hand and takes the pattern, else our own: both say the same.

    Raises:
        UnknownError: None of the two knows the pattern, or it is too large; also what is given back raises it.
    """
    try:
        own = compiled(pattern).matches
    except MalformedError:
        return None
    except UnknownError:
        if fast := _rust(pattern):
            return fast
        raise

    def found(text: str) -> bool:
        if lanes.json_schema_at_hand():
            return (_rust(pattern) or own)(text)
        try:
            return own(text)
        except UnknownError:
            if fast := _rust(pattern):
                return fast(text)
            raise

    return found


@cache
def _rust(pattern: str) -> Callable[[str], bool] | None:
    compiler = lanes.json_schema()
    if compiler is None:
        return None
    try:
        made = compiler.Draft202012Validator({"pattern": translate(pattern)}, pattern_options=compiler.RegexOptions())
    except (ValueError, compiler.ValidationError):
        return None
    valid: Callable[[str], bool] = made.is_valid
    return valid


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; one that Go can't compile matches nothing, as for the API server.

    Raises:
        UnknownError: The pattern isn't known here, or is too large for the text.
    """
    found = matcher(pattern)
    return found is not None and found(text)


def find_all(pattern: str, text: str, limit: int = -1) -> list[str]:
    """All places where a pattern is found, from left to right; for CEL's ``find`` and ``findAll``.

    Raises:
        MalformedError: Go can't compile it.
        UnknownError: As ``matches``.
    """
    return compiled(pattern).find_all(text, limit)
