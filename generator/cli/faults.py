"""The end of a run in which a check of ours broke: all verdicts are out by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cli.talk import say
from generator.errors import DEBUG, FaultError, debugging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.finding import Report
    from generator.reading.documents import Broken


def refuse_faults(report: Report, otherwise: Iterable[str] = ()) -> None:
    """End the run where something of ours broke; the tracebacks are shown to who asks for them.

    Args:
        report: What was found, and put out.
        otherwise: Lines that say what else would have ended the run.

    Raises:
        FaultError: Something broke.
    """
    faults = report.faults
    if not faults:
        return
    for line in otherwise:
        say(line)
    if debugging():
        for each in faults:
            for line in each.trace.splitlines():
                say(line)
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    raise _error(f"{first.file}:{first.line}: {first.message}{more}; all else was checked.")


def refuse_unread_by_us(entries: Iterable[Broken]) -> None:
    """End a run without a report where a reader of ours broke on a file; what could be done is done.

    Args:
        entries: What couldn't be read.

    Raises:
        FaultError: One of them was no fault of the file.
    """
    for entry in entries:
        if entry.trace:
            if debugging():
                say(entry.trace)
            raise _error(f"{entry.file}: internal: the reader broke on this file ({entry.message}); all else is done.")


def _error(message: str) -> FaultError:
    hint = "" if debugging() else f" {DEBUG}=1 shows the traceback."
    return FaultError(message, fix=f"Please report it to the project, with the command and its input.{hint}")
