"""The fast lane: a Rust parser of YAML 1.2, used only where YAML 1.1 and kubectl would read the same.

Three guards: marks in the raw text that the two parsers, or the two YAMLs, treat differently; what only a walk over the
result can show (words such as ``yes``, numbers such as ``1_000``, keys that are no text); and every refusal of the Rust
parser. Where one of them speaks, the exact lane reads the text again. A differential fuzz holds both lanes together.
"""

from __future__ import annotations

import re
from typing import Any, Final

from generator.reading import blocks
from generator.reading.scalars import WORDS, number

UNSURE: Final = object()
"""The answer where the exact lane has to decide."""

# The Rust parser recurses; nothing deep may reach it.
_DEEP_INDENT = " " * 120
_INLINE_LISTS = re.compile("(?:- +){4}")
MAX_BRACKETS = 400
_MARKS = ("<<", "\n...", "\n%", "\\/", "? ", "?\n", ": |", ": >", "- |", "- >")
_NOT_FIRST = ("", "%", "{", "[", ".", "-", '"', "'", "|", ">")
_ZEROS = (" 0", "\n0", "[0", "{0", ",0", "-0", "+0")
_LEADING_ZERO = re.compile(r"(?:^|[\s\[{,])[-+]?0[0-9_]", re.MULTILINE)
_UNDERSCORE = re.compile(r"[0-9]_|[\s+\-.\[{,]_[0-9_.]|0[xXbBoO][0-9a-fA-F_]*_")
_CONTROL = re.compile("[\0-\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_PROPERTY = re.compile(r"(?:^|[\s\[{,])[*&!]", re.MULTILINE)
_FLOW = re.compile(r"(?:[:-] +|^ *)[\[{](?![\]}])", re.MULTILINE)
_ODD_FLOW = re.compile(r"[\[{,] *[|>@`%?:,\n-]|[\[{][^\]}\n]*\n")
_MEANS_MORE = frozenset(word for word, (_, value) in WORDS.items() if isinstance(value, bool)) - {
    *("true", "True", "TRUE", "false", "False", "FALSE")
}
_ODD_NUMBER = re.compile(
    r"[-+]?(?:0[bBoOxX][-+0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_.eE+-]*|[0-9]+\.[0-9_]*_.*|\._?[0-9_]+.*)"
)
_NUMBER_STARTS = frozenset("0123456789+-.")


def _guarded(text: str) -> bool:
    """Whether the raw text holds nothing that the two parsers treat differently."""
    if _DEEP_INDENT in text or _INLINE_LISTS.search(text) or text.count("[") + text.count("{") > MAX_BRACKETS:
        return False
    if _CONTROL.search(text) or text.lstrip()[:1] in _NOT_FIRST or any(mark in text for mark in _MARKS):
        return False
    if ("*" in text or "&" in text or "!" in text) and _PROPERTY.search(text):
        return False
    if ("[" in text or "{" in text) and _FLOW.search(text) and ("?" in text or _ODD_FLOW.search(text)):
        return False
    if "_" in text and _UNDERSCORE.search(text):
        return False
    return not (any(mark in text for mark in _ZEROS) and _LEADING_ZERO.search(text))


def _same_meaning(data: dict[str, Any], literals: list[str]) -> bool:
    """Whether a walk over the result shows nothing that kubectl would take otherwise; puts numbers right in place."""
    waiting: list[Any] = [data]
    words: list[str] = []
    while waiting:
        node = waiting.pop()
        if type(node) is dict:
            words.extend(node)
        for key, value in node.items() if type(node) is dict else enumerate(node):
            kind = type(value)
            if kind is str:
                if literals and value.startswith(blocks.MARK):
                    node[key] = literals[int(value.removeprefix(blocks.MARK))]
                else:
                    words.append(value)
            elif kind is dict or kind is list:
                waiting.append(value)
            elif kind is float or (kind is int and not -(2**63) <= value < 2**63):
                changed = number(value)
                if changed != changed or changed in (float("inf"), float("-inf")):  # noqa: PLR0124 (not-a-number)
                    return False
                node[key] = changed
    try:
        "".join(words)
    except TypeError:
        return False
    return _MEANS_MORE.isdisjoint(words) and not any(
        word[:1] in _NUMBER_STARTS and _ODD_NUMBER.fullmatch(word) for word in words if word
    )


def load(text: str) -> Any:
    """The data of one document without doubled keys, or UNSURE.

    Args:
        text: The text of one document.
    """
    literals: list[str] = []
    if "|" in text:
        if _CONTROL.search(text):
            return UNSURE
        taken = blocks.take_out(text)
        if taken is None:
            return UNSURE
        text, literals = taken
    if not _guarded(text):
        return UNSURE
    import yaml_rs  # noqa: PLC0415 (only those who read manifests pay for it)

    try:
        data: Any = yaml_rs.loads(text, parse_datetime=False)
    except (yaml_rs.YAMLDecodeError, ValueError, TypeError):
        return UNSURE
    return data if type(data) is dict and _same_meaning(data, literals) else UNSURE
