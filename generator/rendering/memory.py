"""A bound on what the memory of this process may grow by while a stranger's template is filled."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_GROWTH = 512 << 20
"""Bytes; our largest document takes a hundredth of it."""
_NOW = Path("/proc/self/statm")


@contextlib.contextmanager
def bounded(growth: int = MOST_GROWTH) -> Iterator[None]:
    """Whoever asks for more memory inside gets a ``MemoryError``: filters, joins and nested lists all grow in the end.

    Linux alone says how much a process has and holds it to a limit; elsewhere nothing is bounded.

    Args:
        growth: Bytes of address space.
    """
    try:
        import resource  # noqa: PLC0415 (Windows has none)

        pages = int(_NOW.read_text("ascii").split(maxsplit=1)[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = before = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + growth
    lowest = min(limit for limit in (wanted, soft, hard) if limit != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
