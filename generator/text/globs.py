"""Globs of settings: ``*`` stays in a folder, ``**`` crosses folders, a folder stands for all that lies in it.

Each star is tried once from left to right, so that no pattern makes a check wait (``*a*a*a*a*b`` would, as the regular
expression that it looks like).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ANY = "**"


@cache
def glob(pattern: str) -> Callable[[str], bool]:
    """What tells whether a path, relative and with ``/``, lies where a pattern says; one without a slash fits anywhere.

    Args:
        pattern: As ``.gitignore`` writes it, without its ``!``, classes and escapes.
    """
    body = pattern.rstrip("/")
    parts = body.removeprefix("/").split("/")
    steps = [None if part == _ANY else _name(part) for part in (parts if "/" in body else [_ANY, *parts])]

    def fits(path: str) -> bool:
        names = path.split("/")
        reached = {0}
        for step in steps:
            if step is None:
                reached = set(range(min(reached), len(names)))  # something lies behind it
            else:
                reached = {at + 1 for at in reached if at < len(names) and step(names[at])}
            if not reached:
                return False
        return True

    return fits


def _name(part: str) -> Callable[[str], bool]:
    """What tells whether one name is as a part says: each text between stars at its first place, the last behind."""
    first, *others = ("".join("." if letter == "?" else re.escape(letter) for letter in text) for text in _stars(part))
    tail = f".*{others.pop()}" if others else ""
    compiled = re.compile(f"{first}{''.join(f'(?>.*?{text})' for text in others)}{tail}", re.DOTALL)
    return lambda name: compiled.fullmatch(name) is not None


def _stars(part: str) -> list[str]:
    """The texts around the stars; several stars in a row are one."""
    return re.split(r"\*+", part)
