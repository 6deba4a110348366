"""Names that fit: a DNS label of a bounded length, the same on every machine."""

from __future__ import annotations

import base64
import hashlib

HASH = 8
"""Characters of the hash in a shortened name, 5 bits each: among a million names that share all that is left of
them, two that meet are not to be expected."""


def fit(name: str, limit: int, *, suffix: str = "") -> str:
    """A DNS label of at most ``limit`` characters.

    A name that fits stays as it is. Of a longer one the front is kept, with a hash of the whole name after it, so that
    two names that differ only at their end stay two.

    Args:
        name: A DNS label, or what would be one if it weren't so long.
        limit: The most characters, the suffix counted in.
        suffix: Comes last and is never cut, with its own ``-``: ``-canary``.

    Raises:
        ValueError: Name, hash and suffix can't fit so few characters, whatever the name is.
    """
    room = limit - len(suffix) - HASH - 1
    if room < 1:
        raise ValueError(f"{limit} characters have no room for a name with the suffix {suffix!r}")
    if len(name) + len(suffix) <= limit:
        return name + suffix
    digest = hashlib.sha256(name.encode()).digest()
    short = base64.b32encode(digest).decode().lower()[:HASH]
    return f"{name[:room].rstrip('-')}-{short}{suffix}"
