"""How a report is written, one module per format; found here, listed nowhere."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from generator.checks.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.checks.finding import Report


class View(NamedTuple):
    """What the one who reads a report wants.

    Attributes:
        colour: Colours, where the format has any.
        fail_on: How bad a finding must be to fail the run.
        notes: Notes in full, where the format else counts them or leaves them out.
    """

    colour: bool = False
    fail_on: Severity = Severity.ERROR
    notes: bool = False


@dataclass(frozen=True, kw_only=True)
class Output:
    """One format.

    Attributes:
        name: As ``--format`` names it.
        about: What it is for, a few words.
        write: Turns a report into the whole text of the format.
    """

    name: str
    about: str
    write: Callable[[Report, View], str]

    def render(
        self, report: Report, *, colour: bool = False, fail_on: Severity = Severity.ERROR, notes: bool = False
    ) -> str:
        """The whole text of a report."""
        return self.write(report, View(colour, fail_on, notes))


@functools.cache
def names() -> tuple[str, ...]:
    """The names of the formats, which are those of their modules."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(__path__)))


def load(name: str) -> Output:
    """One format; the modules of the others, and what they need, are not imported."""
    found: Output = importlib.import_module(f"{__name__}.{name}").OUTPUT
    return found


def outputs() -> Mapping[str, Output]:
    """All formats by name."""
    return {name: load(name) for name in names()}
