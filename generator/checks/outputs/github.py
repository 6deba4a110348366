"""The report as GitHub's workflow commands, which put findings beside the lines of a pull request.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.identity import relative
from generator.checks.outputs import Output, View
from generator.text.printable import printable
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from generator.checks.finding import Finding, Report

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write(report: Report, view: View) -> str:
    """One command a finding, then the line of counts, which GitHub shows in the log.

    A note beside a line of a pull request asks its author for an answer, so notes are written on request alone.
    """
    here = Path.cwd()
    told = [finding for finding in report.findings if view.notes or finding.severity > Severity.NOTE]
    commands = [_command(finding, relative(finding.file, here)) for finding in told]
    return "".join(f"{line}\n" for line in [*commands, str(report.summary)])


def _command(finding: Finding, file: str) -> str:
    """One command; the file as GitHub's own lists name it, relative and without a leading ``./``."""
    title = f"{finding.rule} {finding.kind} {finding.name}".rstrip()
    properties = {"file": file, "line": finding.line, "col": finding.column, "title": title}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {shown}::{_data(f'{finding.sentence}. {finding.fix}')}"


def _data(text: str) -> str:
    """Text that can't end the command, nor steer the terminal that shows the log."""
    return printable(hidden(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    """Text that can't end a property either."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


OUTPUT = Output(name="github", about="for pull requests on GitHub", write=write)
