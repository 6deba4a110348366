"""What the walk through a pickle keeps, and what can end it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 256
"""Characters and bytes of a text that are kept."""
MARK = object()
NOTHING = object()
"""A value that nobody needs to know."""

RUNNERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("os", "posix", "nt"),
            frozenset(
                {"system", "popen", "execv", "execve", "posix_spawn", "posix_spawnp", "spawnv", "spawnve", "startfile"}
            ),
        ),
        **dict.fromkeys(("builtins", "__builtin__"), frozenset({"eval", "exec", "execfile", "__import__"})),
        **dict.fromkeys(
            ("subprocess", "commands"),  # the second in protocols up to 2, whose names are Python 2's
            frozenset({"Popen", "run", "call", "check_call", "check_output", "getoutput", "getstatusoutput"}),
        ),
        "pty": frozenset({"spawn"}),
        "runpy": frozenset({"run_module", "run_path", "_run_code"}),
    }
)
"""By module, functions that run a command or any code. What libraries write for models names none of them."""


@dataclass
class Seen:
    """What a pickle says.

    Attributes:
        sklearn: The version of scikit-learn that wrote its estimators; empty where it holds none.
        packages: The packages whose classes and functions it names.
        whole: Whether every instruction was walked; else only its end was looked at.
    """

    sklearn: str = ""
    packages: set[str] = field(default_factory=set)
    whole: bool = True


class Name(NamedTuple):
    """A class or function that unpickling would import: module and name."""

    text: str


class Made(NamedTuple):
    """What unpickling would make of a name and arguments, and the state that it would be given."""

    name: str
    arguments: Any
    state: list[Any]


class UnsureError(Exception):
    """Raw bytes follow, and nobody knows how many."""


class StepsError(Exception):
    """The pickle has more instructions than are walked."""
