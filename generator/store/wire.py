"""Reading protocol buffers by their wire format alone: no schema compiler, no library, no trust in the bytes.

Source: Protocol Buffers documentation, "Encoding".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10
WORD = 2**64


class MalformedError(ValueError):
    """The bytes are no protocol buffer of the expected form."""


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of one message, in the order in which they stand.

    Args:
        message: The message's bytes; nothing is copied.

    Yields:
        The field's number, and its value: a number from 0 to 2**64 - 1 for a varint, else its bytes. What these hold
        is read only when somebody asks for it, so depth costs nothing.

    Raises:
        MalformedError: The bytes end too early, or hold a wire type that isn't in use (groups among them).
    """
    position, end = 0, len(message)
    while position < end:
        key, position = varint(message, position)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise MalformedError("a field has the number 0")
        if kind == VARINT:
            value, position = varint(message, position)
            yield number, value
            continue
        if kind == BYTES:
            size, position = varint(message, position)
        elif kind in FIXED:
            size = FIXED[kind]
        else:
            raise MalformedError(f"field {number} has the unknown wire type {kind}")
        if size > end - position:
            raise MalformedError(f"field {number} is longer than what holds it")
        yield number, message[position : position + size]
        position += size


def messages(message: memoryview, number: int) -> Iterator[memoryview]:
    """The embedded messages, texts or bytes of one field.

    Raises:
        MalformedError: The field is there with another wire type, or as in ``fields``.
    """
    for found, value in fields(message):
        if found == number:
            if isinstance(value, int):
                raise MalformedError(f"field {number} is a number")
            yield value


def text(message: memoryview, number: int) -> str:
    """The last text of one field; empty where it is absent, as in protocol buffers.

    Raises:
        MalformedError: It isn't UTF-8, or as in ``messages``.
    """
    return ["", *texts(message, number)][-1]


def texts(message: memoryview, number: int) -> list[str]:
    """All texts of one field.

    Raises:
        MalformedError: One isn't UTF-8, or as in ``messages``.
    """
    try:
        return [bytes(value).decode() for value in messages(message, number)]
    except UnicodeDecodeError as error:
        raise MalformedError(f"field {number} isn't UTF-8") from error


def integer(message: memoryview, number: int) -> int:
    """The last number of one field, as a signed 64-bit integer; 0 where it is absent.

    Raises:
        MalformedError: The field is there with another wire type, or as in ``fields``.
    """
    last = 0
    for found, value in fields(message):
        if found == number:
            if not isinstance(value, int):
                raise MalformedError(f"field {number} isn't a number")
            last = value
    return last - WORD if last >= WORD // 2 else last


def varint(message: memoryview, position: int) -> tuple[int, int]:
    """A number in groups of seven bits, the lowest first, and the position after it.

    Raises:
        MalformedError: It has no end.
    """
    value = 0
    for index, byte in enumerate(message[position : position + LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 (the bit that says that more follows)
            return value % WORD, position + index + 1
    raise MalformedError("a number doesn't end")
