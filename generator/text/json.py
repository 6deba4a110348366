"""JSON that people read: keys sorted, a line a key, and a list of plain values on one line (an image has thousands)."""

from __future__ import annotations

import json
from typing import Any


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
