"""Regular expressions of CRDs: Go's RE2 syntax, matched by Rust's engine in linear time, so that no pattern can hang a check."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_CLASSES = {
    "d": "0-9",
    "w": "0-9A-Za-z_",
    "s": r"\t\n\x0C\r ",
}
_ESCAPE = re.compile(r"\\(?:Q.*?(?:\\E|\Z)|.)|\[\^?\]?|\]|\(\?P?<", re.DOTALL)


def translate(pattern: str) -> str:
    """A Go pattern with the same meaning for Rust: Go's ``\\d``, ``\\w`` and ``\\s`` know ASCII only."""
    inside = False

    def one(found: re.Match[str]) -> str:
        nonlocal inside
        text = found[0]
        if text[0] == "[" and not inside:
            inside = True
            return text.replace("]", r"\]") if text.endswith("]") else text
        if text == "]":
            inside = False
            return text
        if text[0] == "[":
            return r"\[" + text[1:]
        if text.startswith("\\Q"):
            return re.escape(text[2:].removesuffix("\\E"))
        if text[0] != "\\":
            return text
        name = text[1]
        if name in _CLASSES:
            return _CLASSES[name] if inside else f"[{_CLASSES[name]}]"
        if name.lower() in _CLASSES:
            return f"[^{_CLASSES[name.lower()]}]"
        return text

    # A POSIX class such as [:alpha:] is the same for Rust; it is kept away from the walk over brackets.
    kept = re.split(r"(\[:\^?[a-z]+:\])", pattern)
    return "".join(part if part.startswith("[:") else _ESCAPE.sub(one, part) for part in kept)


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
    """Whether a pattern is found in a text; a pattern that can't be compiled matches nothing (as for the API server)."""
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
