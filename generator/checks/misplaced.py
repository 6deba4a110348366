"""Fields that people write in the wrong place, or by another platform's name, and where the wish really belongs.

The schema knows the nearest name and where else a key stands; that ``resources`` of a Model are those of a Server, it
doesn't. A module under ``generator.checks.rules`` declares a Misplaced for a kind, and the registry finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.reading.documents import Path
    from generator.reading.kind import Kind


@dataclass(frozen=True, eq=False)
class Misplaced:
    """What is better written elsewhere in objects of one kind.

    Attributes:
        kind: The kind.
        advice: What to do, by the name of the mapping that the unknown field stands in, and its own name.
    """

    kind: Kind
    advice: Mapping[tuple[str, str], str]

    def at(self, path: Path) -> str | None:
        """The advice for the unknown field at ``path``; positions in lists don't count."""
        names = [part for part in path if isinstance(part, str)]
        return self.advice.get((names[-2], names[-1])) if len(names) > 1 else None
