"""Regular expressions of CRDs: Go's RE2 syntax, matched by Rust's engine in linear time, so none can hang a check."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

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
_PART = re.compile(r"\\Q.*?(?:\\E|\Z)|\\.|\[:[a-z]+:\]|\[\^?\]?|\]", re.DOTALL)


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
        if not inside:
            if text.startswith("[:"):
                return text
            inside = True
            # A bracket that opens a class may be followed by one that only stands for itself.
            return text.replace("]", r"\]")
        return _POSIX.get(text[2:-2], text) if text.startswith("[:") else rf"\{text}"

    return _PART.sub(one, pattern)


@cache
def matcher(pattern: str) -> Any:
    """A compiled validator for one pattern, or None where Go could not compile it either."""
    import jsonschema_rs  # noqa: PLC0415 (heavy)

    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": translate(pattern)}, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; one that can't be compiled matches nothing, as for the API server."""
    compiled = matcher(pattern)
    return compiled is not None and bool(compiled.is_valid(text))


def find_all(pattern: str, text: str) -> list[str]:
    """All places where a pattern is found, from left to right; for CEL's ``find`` and ``findAll``.

    Python's engine has to do here, since Rust's is only asked yes or no; rules that use it are rare, their texts short.
    """
    flags = re.match(r"\^?\(\?([ims]+)\)", pattern)
    plain = pattern.replace(f"(?{flags[1]})", "", 1) if flags else pattern
    options = re.ASCII
    for letter in flags[1] if flags else "":
        options |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
    return [found[0] for found in re.finditer(plain, text, options)]
