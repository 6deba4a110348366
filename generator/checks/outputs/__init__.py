"""How a report is written, one module per format; found here, listed nowhere."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.finding import Report


class Renderer(Protocol):
    """Writes a report in one format."""

    def __call__(self, report: Report, *, colour: bool = False) -> str:
        """The whole text; ``colour`` asks for colours, where the format has any."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """One format.

    Attributes:
        name: As ``--format`` names it.
        about: What it is for, a few words.
        render: Turns a report into the whole text of the format.
    """

    name: str
    about: str
    render: Renderer


@functools.cache
def outputs() -> Mapping[str, Output]:
    """The formats by name, in the order of their names."""
    modules = [importlib.import_module(found.name) for found in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [module.OUTPUT for module in modules]
    return {output.name: output for output in sorted(found, key=lambda output: output.name)}
