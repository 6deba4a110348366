"""JSON that people read: keys sorted, a line a key, and a list of plain values on one line (an image has thousands)."""

from __future__ import annotations

import json
import re
from typing import Any

_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff\U000e0000-\U000e0fff]"
)
_ORDER = re.compile(r"##(?=\w{0,20}\[)")


def escaped(text: str) -> str:
    """JSON that a terminal or a CI system's log may show: the same values, escaped where ``printable`` would.

    Args:
        text: JSON, whose own control characters ``json`` has escaped already.
    """
    if text.isascii() and "\x7f" not in text and "##" not in text:
        return text  # as nearly all is, which a pattern would take long to see
    return _ORDER.sub(r"#\\u0023", _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text))


def dumps(value: Any, indent: int = 0) -> str:
    """The text of a value, the same for equal values, without a final line break.

    Args:
        value: What ``json`` can write; numbers have to be finite.
        indent: Spaces before each line but the first.

    Raises:
        ValueError: A number isn't finite.
        TypeError: Something in it isn't JSON.
    """
    inner = " " * (indent + 2)
    if isinstance(value, dict) and value:
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {dumps(value[key], indent + 2)}" for key in sorted(value)]
        opening, closing = "{", "}"
    elif isinstance(value, list | tuple) and any(isinstance(each, dict | list | tuple) for each in value):
        lines = [dumps(each, indent + 2) for each in value]
        opening, closing = "[", "]"
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    body = ",\n".join(f"{inner}{line}" for line in lines)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"
