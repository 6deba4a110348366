"""Rules' examples as people are shown them."""

from __future__ import annotations

LONGEST = 160
"""Characters of a line that are shown; some examples are about things that are too long."""


def shown(example: str) -> str:
    """An example without the rest of lines that are too long to be read."""
    lines = example.strip("\n").split("\n")
    return "\n".join(line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in lines)
