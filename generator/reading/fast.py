"""The fast lane: a Rust parser of YAML 1.2, used only where YAML 1.1 and kubectl would read the same.

Three guards: marks in the raw text that the two parsers, or the two YAMLs, treat differently; what only a walk over the
result can show (words such as ``yes``, numbers such as ``1_000``, keys that are no text); and every refusal of the Rust
parser. Where one of them speaks, the exact lane reads the text again. A differential fuzz holds both lanes together.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from generator.reading import blocks, lanes
from generator.reading.scalars import WORDS, number

UNSURE: Final = object()
"""The answer where the exact lane has to decide."""

# The Rust parser recurses; nothing deep may reach it.
_DEEP_INDENT = " " * 120
_INLINE_LISTS = re.compile("(?:- +){4}")
MAX_BRACKETS = 400
_MARKS = ("<<", "\n...", "\n%", "\\/", "? ", "?\n", ": |", ": >", "- |", "- >")
_NOT_FIRST = ("", "%", "{", "[", ".", "-", '"', "'", "|", ">")
_LEADING_ZERO = re.compile(r"(?:^|[\s\[{,])[-+]?0[0-9_]", re.MULTILINE)
_UNDERSCORE = re.compile(r"(?:^|[\s\[{,])[-+.]*(?:[0-9][^\s\[\]{},]*_|_[0-9_.])", re.MULTILINE)
_HUGE = 10**300
"""Numbers beyond may be no numbers for Go; what is no number at all lies on neither side."""
_CONTROL = re.compile("[\0-\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_PROPERTY = re.compile(r"(?:^ *|[:?-] +|[\[{,] *)[*&!]", re.MULTILINE)
_FLOW = re.compile(r"(?:[:-] +|^ *)[\[{](?! *[\]}])", re.MULTILINE)
_ODD_FLOW = re.compile(r"[\[{,] *[|>@`%?:,\n-]|:[,\[\]{}]|: +(?:[|>@`%:,]|- )")


_SURROGATE_ESCAPE = re.compile(r"\\(?:u[dD][89a-fA-F]|U)")
"""Half of a pair: the Rust parser puts both halves together, as JSON has it, and YAML 1.1 has no such escape."""

_CONTROLS = b"\0"
"""The class of what ASCII has of ``_CONTROL``."""


def _classes() -> bytes:
    """A table that maps each byte to one that stands for its class; what no mark below asks for becomes ``a``."""
    table = bytearray(b"a" * 256)
    for members, stand_in in (
        (b" \n[{,", b" "),
        (b"123456789", b"1"),
        (b"+-", b"-"),
        (b"*&!", b"*"),
        (b"|>", b"|"),
        (b"bBoOxX", b"x"),
        (bytes((*range(10), *range(11, 32), 127)), _CONTROLS),
        *((bytes((byte,)), bytes((byte,))) for byte in b"0_.:?%<\\/"),
    ):
        for byte in members:
            table[byte] = stand_in[0]
    return bytes(table)


_CLASSES = _classes()
_DOUBTS = (
    (b"<", (b"<<",)),
    (b".", (b" ...",)),
    (b"%", (b" %",)),
    (b"\\", (b"\\/",)),
    (b"?", (b"? ",)),
    (b"|", (b": |", b"- |")),
    (b"*", (b" *",)),
)
"""Bytes that are rare, and what they stand in wherever one of the patterns above can match a text of classes."""
_ODD_DIGITS = re.compile(rb" (?:-?0[01_]|[-.]*(?:[01][^ ]*_|_[01_.]))")
"""Both patterns of numbers for a text of classes, if the text is ASCII; blanks are quickly found."""
_BEFORE_UNDERSCORE = frozenset((b"0", b"1", b" ", b"-", b"."))
_MEANS_MORE = frozenset(word for word, (_, value) in WORDS.items() if isinstance(value, bool)) - {
    *("true", "True", "TRUE", "false", "False", "FALSE")
}
_PLAIN_WORD = re.compile(rf"""(?<![\w"'])(?:{"|".join(sorted(_MEANS_MORE))})(?![\w"'])""")
_ODD_NUMBER = re.compile(
    r"[-+]?(?:0[bBoOxX][-+0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_.eE+-]*|[0-9]+\.[0-9_]*_.*|\._?[0-9_]+.*)"
)


def _any_in(shape: bytes, rare_and_doubts: tuple[tuple[bytes, tuple[bytes, ...]], ...]) -> bool:
    for rare, doubts in rare_and_doubts:
        if rare in shape:
            for doubt in doubts:
                if doubt in shape:
                    return True
    return False


def _shape(text: str) -> bytes:
    """The text in classes of characters: a few searches for fixed bytes cost less than the patterns do."""
    return b" %b " % text.encode("utf-8", "surrogatepass").translate(_CLASSES)


def _odd_flow(text: str) -> bool:
    """Whether there may be brackets over several lines, or in them what only one of the two parsers takes."""
    lines = [line for line in text.split("\n") if "[" in line or "{" in line]
    return _FLOW.search("\n".join(lines)) is not None and (
        "?" in text
        or _ODD_FLOW.search(text) is not None
        or any(line.count("[") + line.count("{") != line.count("]") + line.count("}") for line in lines)
    )


def _guarded(text: str, shape: bytes) -> bool:
    """Whether the raw text holds nothing that the two parsers treat differently, but for numbers."""
    if _DEEP_INDENT in text or text.count("[") + text.count("{") > MAX_BRACKETS or text.lstrip()[:1] in _NOT_FIRST:
        return False
    if ("[" in text or "{" in text) and _odd_flow(text):
        return False
    if "\\" in text and _SURROGATE_ESCAPE.search(text):
        return False
    if ("- - -" in text or "-  " in text) and _INLINE_LISTS.search(text):
        return False
    return not _any_in(shape, _DOUBTS) or not (any(mark in text for mark in _MARKS) or _PROPERTY.search(text))


def _odd_digits(shape: bytes) -> bool:
    """Whether there is an underscore or a zero at such a place; cheap, since a text has few of both."""
    *ahead, _ = shape.split(b"_")
    if not _BEFORE_UNDERSCORE.isdisjoint([part[-1:] for part in ahead]):
        return True
    for before, after in pairwise(shape.split(b"0")):
        follower = after[:1]
        if (follower in (b"", b"1") and before.endswith((b" ", b" -"))) or (ahead and follower == b"x"):
            return True
    return False


def _plain_numbers(text: str, shape: bytes) -> bool:
    """Whether no number in the raw text is written as YAML 1.1 alone reads it: ``017``, ``1_000``."""
    if not _odd_digits(shape) or (text.isascii() and not _ODD_DIGITS.search(shape)):
        return True
    return not (_UNDERSCORE.search(text) or _LEADING_ZERO.search(text))


def _walked(text: str, data: dict[str, Any], literals: list[str], keys: set[str], *, as_json: bool) -> bool | None:
    """Whether there are numbers in the result; None where a walk over it shows something that kubectl takes otherwise.

    Puts numbers right (``as_json``) and literals back in place, and collects the keys.
    """
    waiting: list[Any] = [data]
    words: list[str] = []
    numbers: list[tuple[Any, Any]] = []
    contents = {f"{blocks.MARK}{number}": content for number, content in enumerate(literals)}
    while waiting:
        node = waiting.pop()
        if type(node) is dict:
            keys.update(node)
            pairs: Any = node.items()
        else:
            pairs = enumerate(node)
        for key, value in pairs:
            kind = type(value)
            if kind is str:
                if contents and value in contents:
                    node[key] = contents.pop(value)
                else:
                    words.append(value)
            elif kind is dict or kind is list:
                waiting.append(value)
            elif kind is int or kind is float:
                numbers.append((node, key))
    if contents or _odd(text, words, keys) or not _fitting(numbers, as_json=as_json):
        return None  # contents are left where a literal was none but a part of a longer text
    return bool(numbers)


def _fitting(numbers: list[tuple[Any, Any]], *, as_json: bool) -> bool:
    """Whether all numbers are numbers for Go too; puts them right in place."""
    for node, key in numbers:
        value = node[key]
        if type(value) is float or not -(2**63) <= value < 2**63:
            if not -_HUGE < value < _HUGE:
                return False
            if as_json:
                node[key] = number(value)
    return True


def _odd(text: str, words: list[str], keys: set[str]) -> bool:
    """Whether one of the texts may be no text for kubectl, or a key is none."""
    try:
        "".join(keys)
    except TypeError:
        return True
    words += keys
    # Digits, signs and the point come before the colon; so do a few others, which the pattern knows apart.
    numerals = [word for word in words if word < ":"]
    if not _MEANS_MORE.isdisjoint(words) and _PLAIN_WORD.search(text):
        return True  # unless it stands in quotes everywhere
    return any(map(_ODD_NUMBER.fullmatch, numerals))


def load(text: str, keys: set[str] | None = None, *, as_json: bool = True) -> Any:
    """The data of one document without doubled keys, or UNSURE.

    Args:
        text: The text of one document.
        keys: Takes all keys in it, at any depth.
        as_json: Whether numbers go through JSON, as kubectl sends them: ``1.0`` becomes an integer.
    """
    literals: list[str] = []
    # The shape of a text tells of control characters too, if they are ASCII and in no literal.
    literal = "|" in text
    if (literal or not text.isascii()) and not text.replace("\n", "").isprintable() and _CONTROL.search(text):
        return UNSURE
    if literal:
        taken = blocks.take_out(text)
        if taken is None:
            return UNSURE
        text, literals = taken
    shape = _shape(text)
    if _CONTROLS in shape or not _guarded(text, shape) or (parser := lanes.yaml()) is None:
        return UNSURE
    try:
        data: Any = parser.loads(text, parse_datetime=False)
    except (parser.YAMLDecodeError, ValueError, TypeError):
        return UNSURE
    if type(data) is not dict:
        return UNSURE
    numbers = _walked(text, data, literals, set() if keys is None else keys, as_json=as_json)
    return UNSURE if numbers is None or (numbers and not _plain_numbers(text, shape)) else data
