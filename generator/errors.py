"""The errors that are for the user: each says where, what is wrong and what to do, and ends in one exit code.

Anything else that is raised is a fault of ours: it ends in an exit code of its own, once all else is said.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar

FAULT_OF_OURS = 70
"""The exit code of a fault of Serinus itself (CONTRACT; ``EX_SOFTWARE`` of sysexits.h)."""

DEBUG = "SERINUS_DEBUG"
"""The environment variable that shows a fault's traceback."""


def debugging() -> bool:
    """Whether someone wants to see the traceback of a fault of ours."""
    return bool(os.environ.get(DEBUG))


@dataclass(frozen=True)
class Place:
    """Where in the user's files something stands.

    Attributes:
        file: The file as the user named it, ``-`` for standard input.
        line: The line, counted from 1; None where only the file is known.
        column: The column, counted from 1.
        path: The path inside the document, such as ``strategy.canary.steps[2]``.
    """

    file: str
    line: int | None = None
    column: int | None = None
    path: str = ""

    def __str__(self) -> str:
        """``file:line:column``, as compilers write it and editors jump to it."""
        if self.line is None:
            return self.file
        return f"{self.file}:{self.line}:{self.column or 1}"


class SerinusError(Exception):
    """An error that the user can mend.

    Args:
        message: What is wrong, one sentence without a final line break.
        fix: What to do about it; may be empty where the message says it.
        place: Where it stands, if it stands anywhere.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, fix: str = "", place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.place = place

    def __str__(self) -> str:
        """One paragraph: place, message, fix."""
        where = f"{self.place}: " if self.place else ""
        inside = f" (at {self.place.path})" if self.place and self.place.path else ""
        mend = f" {self.fix}" if self.fix else ""
        return f"{where}{self.message}{inside}{mend}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said of it, line by line."""
        return (str(self),)


class InputError(SerinusError):
    """The command or an input file is wrong (exit code 2)."""

    exit_code = 2


class AnswerIsNoError(SerinusError):
    """The work was done and the answer is no: gate not met, version taken, drift (exit code 1)."""

    exit_code = 1


class OutsideError(SerinusError):
    """Something outside failed: network, credentials, cluster, disk, a file that can't be read (exit code 3)."""

    exit_code = 3


class FaultError(SerinusError):
    """Serinus itself broke, and all else is said (exit code 70)."""

    exit_code = FAULT_OF_OURS

    @property
    def lines(self) -> tuple[str, ...]:
        """What broke, and how to report it."""
        return self.message, self.fix


class InterruptedByUserError(SerinusError):
    """Ctrl-C (exit code 130, as shells have it for SIGINT)."""

    exit_code = 130


def missing_extra(extra: str, needed_for: str) -> InputError:
    """The one line for a command whose optional packages are not installed.

    Args:
        extra: The extra's name, such as ``train``.
        needed_for: What the user wanted, such as ``training``.
    """
    from pathlib import Path  # noqa: PLC0415 (every command imports this module)

    home = Path(__file__).resolve().parent.parent
    # No registry has it: it is installed from a checkout, or from the wheel that was built there.
    source = ["-e", f"'{home}[{extra}]'"] if (home / "pyproject.toml").is_file() else [f"'serinus-….whl[{extra}]'"]
    return InputError(f"{needed_for} needs the extra '{extra}'.", fix=f"Install it: pip install {' '.join(source)}")


def not_utf8(error: UnicodeDecodeError, file: str) -> InputError:
    """The error of a file that is no UTF-8, at its first byte that isn't.

    Args:
        error: What decoding said.
        file: The file's name.
    """
    content, start = error.object, error.start
    place = Place(file, content.count(b"\n", 0, start) + 1, start - content.rfind(b"\n", 0, start))
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    fix = "It is saved as UTF-16: save it as UTF-8." if utf16 else "Save it as UTF-8."
    return InputError(f"not UTF-8 at byte {start}.", fix=fix, place=place)
