"""Protocol buffers as text, as Triton's ``config.pbtxt``: writing what we need, and reading one text from the top.

Source: Protocol Buffers documentation, "Text Format Language Specification".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(
    r"""
    (?P<space>[\s,;]+|\#[^\n]*)
    | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<open>[{<\[])
    | (?P<close>[}>\]])
    | (?P<colon>:)
    | (?P<word>[\w.+\-/]+)
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(rb"\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
SIMPLE = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
LAST_CODE_POINT = 0x10FFFF


class TextError(ValueError):
    """The text is no protocol buffer as text."""


def quoted(text: str) -> str:
    """A text as a literal; what can't be printed as octal escapes of its UTF-8."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def text_at_top(content: str, field: str) -> str | None:
    """The last text of a field of the outermost message; None where it is absent.

    Raises:
        TextError: Brackets or quotes don't match, or the field is no text.
    """
    depth, found, before = 0, None, ("", "")
    tokens = list(_tokens(content))
    for index, (kind, value) in enumerate(tokens):
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif depth == 0 and kind == "word" and value == field and before[0] != "colon":
            found = _text_after(tokens, index + 1, field)
        if depth < 0:
            raise TextError("a bracket is closed that wasn't opened")
        before = (kind, value)
    if depth:
        raise TextError("a bracket isn't closed")
    return found


def _text_after(tokens: list[tuple[str, str]], start: int, field: str) -> str:
    """The literal after a field's name; literals that follow one another are one text."""
    if start >= len(tokens) or tokens[start][0] != "colon":
        raise TextError(f"{field} has no value")
    parts = []
    for at in range(start + 1, len(tokens)):
        kind, value = tokens[at]
        if kind != "text":
            break
        parts.append(ESCAPE.sub(_unescaped, value[1:-1].encode()))
    if not parts:
        raise TextError(f"{field} is no text")
    try:
        return b"".join(parts).decode()
    except UnicodeDecodeError as error:
        raise TextError(f"{field} isn't UTF-8") from error


def _unescaped(found: re.Match[bytes]) -> bytes:
    """The bytes that an escape stands for."""
    body = found[0][1:]
    if body.isdigit() and body < b"8":
        return bytes([int(body, 8) & 0xFF])
    if body[:1] in b"xuU" and len(body) > 1:
        number = int(body[1:], 16)
        if body[:1] == b"x":
            return bytes([number])
        if number > LAST_CODE_POINT:
            raise TextError(f"there is no character {number:x}")
        return chr(number).encode("utf-8", "surrogatepass")
    return SIMPLE.get(body, body)


def _tokens(content: str) -> Iterator[tuple[str, str]]:
    """The tokens but space and comments.

    Raises:
        TextError: Something stands there that is none.
    """
    position = 0
    while position < len(content):
        found = TOKEN.match(content, position)
        if found is None:
            line = content.count("\n", 0, position) + 1
            raise TextError(f"line {line} can't be read")
        position = found.end()
        if found.lastgroup and found.lastgroup != "space":
            yield found.lastgroup, found[0]
