"""Which modules of rules concern which kinds, so that a run imports those alone whose kinds it meets.

The list is printed from the rules (``make golden``), and a test holds it to them: a rule stands in its module and
nowhere else. A module that isn't listed yet is imported in every run.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from generator.checks.misplaced import Misplaced
from generator.checks.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

FILE = Path(__file__).parent / "rules" / "modules.txt"
EVERY = "*"
"""Stands for every kind."""


class Listed(NamedTuple):
    """One module.

    Attributes:
        kinds: The names of the kinds that its rules look at; EVERY among them where a rule looks at all, none where it
            holds no rule and others import what they need of it.
        ids: Of its rules, those from other modules among them.
    """

    kinds: frozenset[str]
    ids: tuple[str, ...]

    def concerns(self, kind: str) -> bool:
        """Whether a rule of the module looks at a kind of that name."""
        return kind in self.kinds or EVERY in self.kinds


@cache
def listed() -> Mapping[str, Listed]:
    """The modules by their names below ``generator.checks.rules``."""
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        name, kinds, ids = (part.strip() for part in line.split("|"))
        found[name] = Listed(frozenset(kinds.split()), tuple(ids.split()))
    return found


def ids() -> frozenset[str]:
    """The ids of all rules; nothing is imported for them."""
    return frozenset(one for module in listed().values() for one in module.ids)


def short(module: str) -> str:
    """The name of a module of rules below their package."""
    return module.removeprefix("generator.checks.rules.")


def printed(modules: Iterable[ModuleType]) -> str:
    """The list of these modules, a line each."""
    return "".join(f"{_line(module)}\n" for module in sorted(modules, key=lambda module: module.__name__))


def _line(module: ModuleType) -> str:
    values = list(vars(module).values())
    rules = [value for value in values if isinstance(value, Rule)]
    named = {kind.kind for rule in rules for kind in rule.kinds}
    named |= {value.kind.kind for value in values if isinstance(value, Misplaced)}
    every = {EVERY} if any(not rule.kinds for rule in rules) else set()
    own = sorted({rule.id for rule in rules})
    return f"{short(module.__name__)} | {' '.join(sorted(every or named))} | {' '.join(own)}".rstrip()
