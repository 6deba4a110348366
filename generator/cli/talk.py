"""Talk to the person: on standard error, so that standard output is data alone; and text that is the data."""

from __future__ import annotations

import sys
from contextvars import ContextVar

from generator.text.printable import spoken

_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
_VERBOSE: ContextVar[bool] = ContextVar("verbose", default=False)
"""What ``-q`` and ``-v`` asked for; each run has a context of its own (``main.run``)."""


def be_quiet() -> None:
    """From here on ``remark`` says nothing, in this run."""
    _QUIET.set(True)


def be_verbose() -> None:
    """From here on ``verbose`` is true, in this run."""
    _VERBOSE.set(True)


def verbose() -> bool:
    """Whether the person wants to hear more."""
    return _VERBOSE.get()


def remark(line: str) -> None:
    """Like ``say``, for what ``--quiet`` leaves out."""
    if not _QUIET.get():
        say(line)


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
