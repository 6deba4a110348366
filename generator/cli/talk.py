"""Talk to the person: on standard error, so that standard output is data alone; and text that is the data."""

from __future__ import annotations

import sys

from generator.text.printable import spoken


def say(line: str) -> None:
    """One line of progress, advice or error; what came from outside can't steer the terminal or a CI system's log."""
    print(spoken(line), file=sys.stderr)


def show(text: str) -> None:
    """Lines for people on standard output, each as harmless as those of ``say``."""
    put("".join(f"{spoken(line)}\n" for line in text.split("\n")))


def put(text: str) -> None:
    """Text for people to standard output; what its encoding lacks is escaped, not fatal."""
    encoding = sys.stdout.encoding
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def put_data(text: str) -> None:
    """Data for programs (manifests, JSON) to standard output: UTF-8 whatever a terminal speaks, as its readers expect.

    A file name that is no UTF-8 is escaped.
    """
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def silent(_: str) -> None:
    """Say nothing (``--quiet``)."""
