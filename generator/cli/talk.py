"""Talk to the person: on standard error, so that standard output is data alone; and text that is the data."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """One line of progress or advice."""
    print(line, file=sys.stderr)


def put(text: str) -> None:
    """Write to standard output; what its encoding lacks (a file name that is no UTF-8, say) is escaped, not fatal."""
    encoding = sys.stdout.encoding
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def silent(_: str) -> None:
    """Say nothing (``--quiet``)."""
