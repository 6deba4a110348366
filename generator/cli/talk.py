"""Talk to the person: on standard error, so that standard output is data alone."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """One line of progress or advice."""
    print(line, file=sys.stderr)


def silent(_: str) -> None:
    """Say nothing (``--quiet``)."""
