"""Text from outside, made fit for a terminal and a log: it can neither steer the one nor give orders to the other.

A file's name, a model's own words or a server's answer may hold escape sequences, line breaks and characters that
turn the direction of writing. CI systems read commands out of their logs, too.
"""

from __future__ import annotations

import re

from generator.text.secrets import hidden

# GitHub takes `::command::` at a line's start, and like Azure DevOps and TeamCity `##name[…]` anywhere in it.
# actions/runner, src/Runner.Common/ActionCommand.cs; microsoft/azure-pipelines-agent, src/Agent.Sdk/CommandPlugin.
_FIRST = re.compile(r"^(\s*):(?=:)")
_ANYWHERE = re.compile(r"##(?=\w{0,20}\[)")


def printable(text: str) -> str:
    """The text with all escaped that isn't to be seen: control characters, line breaks, changes of direction."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def inert(line: str) -> str:
    """The line, with which no CI system does anything but show it."""
    if ":" in line:
        line = _FIRST.sub(r"\1\\x3a", line)
    return _ANYWHERE.sub(r"#\\x23", line) if "##" in line else line


def spoken(text: str) -> str:
    """One line of talk: printable, inert, and without the credentials of the URLs in it."""
    return inert(printable(hidden(text)))
