"""The end of a run in which a check of ours broke: all verdicts are out by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cli.talk import say
from generator.errors import DEBUG, FaultError, debugging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.finding import Report


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
    hint = "" if debugging() else f" {DEBUG}=1 shows the traceback."
    raise FaultError(
        f"{first.file}:{first.line}: {first.message}{more}; all else was checked.",
        fix=f"Please report it to the project, with the command and its input.{hint}",
    )
