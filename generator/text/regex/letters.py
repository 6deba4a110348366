"""Which characters a class of Go's expressions holds."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PERL = {"d": "0-9", "s": "\t\n\f\r ", "w": "0-9A-Za-z_"}
POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\0-\x7f",
    "blank": "\t ",
    "cntrl": "\0-\x1f\x7f-\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@[-`{-~",
    "upper": "A-Z",
    "space": "\t-\r ",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
LAST = 0x10FFFF
"""The last code point."""


class UnknownError(Exception):
    """A pattern that Go may take, with something that isn't known here, or too large."""


def unless(fits: Callable[[str], bool], *, turned: bool) -> Callable[[str], bool]:
    """A test, or its opposite where it is turned."""
    return (lambda letter: not fits(letter)) if turned else fits


def ranges(text: str) -> Callable[[str], bool]:
    """A test for ranges, written as in a class."""
    pairs = re.findall(r"(?s)(.)-(.)|(.)", text)
    return lambda letter: any(low <= letter <= high if low else letter == one for low, high, one in pairs)


def category(name: str) -> Callable[[str], bool]:
    """A general category of Unicode, such as ``L`` or ``Lu``; scripts aren't known here.

    Raises:
        UnknownError: It isn't known here.
    """
    if name == "Any":
        return lambda _: True
    if not re.fullmatch(r"[CLMNPSZ][a-z]?", name):
        raise UnknownError(f"\\p{{{name[:30]}}}")
    return lambda letter: unicodedata.category(letter).startswith(name)
