"""What can't be carried over into a service file, and what will be otherwise once it is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.service.fragments import credentials

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.convert.draft import Draft
    from generator.errors import Place

MOST_SHOWN = 60


@dataclass(frozen=True)
class Lost:
    """One part of a manifest that isn't carried over as it is.

    Attributes:
        place: Where it stands in the manifest, with its path.
        what: The value, shortened.
        why: Why it isn't carried over, or how it is otherwise.
        otherwise: Whether something else is rendered, rather than nothing carried over.
    """

    place: Place
    what: str
    why: str
    otherwise: bool = False

    def __str__(self) -> str:
        """One line: place, path, value, reason."""
        return f"{self.place}: {self.place.path}: {self.what}: {self.why.rstrip('.')}."


def told(draft: Draft) -> Iterator[Lost]:
    """What the readers of the manifests left, and what they know to be otherwise, in the manifests' order."""
    for source in draft.sources:
        for path, why in source.left():
            yield Lost(source.document.place(path), shown(source.root.below(path).value), why)
    for part, why in draft.otherwise:
        yield Lost(part.source.document.place(part.path), shown(part.value), why, otherwise=True)


def shown(value: object) -> str:
    """A value in a message, but for one that holds a credential."""
    if value is None:
        return "nothing"
    if any(True for _ in credentials({"": value}, ())):
        return "(not shown)"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
