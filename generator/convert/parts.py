"""A manifest that is taken apart: readers take what they carry over, and what nobody took is what gets lost.

So nothing is ever lost without being told: a reader that forgets a field, and a field that no reader has heard of, both
end in the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.reading.documents import Document, Path

NO_PLACE = "the service file has no place for it"
SAYS_NOTHING: tuple[Any, ...] = (None, [], "")
"""What may stand in a manifest without saying anything."""


@dataclass
class Source:
    """A manifest, and what was taken of it.

    Attributes:
        document: The manifest.
        taken: Paths whose whole subtree is carried over, or says nothing.
        lost: Path to the reason why it can't be carried over, for what a reader knows; it wins over ``taken``.
    """

    document: Document
    taken: set[Path] = field(default_factory=set)
    lost: dict[Path, str] = field(default_factory=dict)

    @property
    def root(self) -> Part:
        """The whole object."""
        return Part(self, ())

    def left(self) -> Iterator[tuple[Path, str]]:
        """What isn't carried over, each with the reason, in order; a subtree that is lost whole is one."""
        around = {path[:length] for path in (*self.taken, *self.lost) for length in range(len(path))}
        yield from self._left((), self.document.data, around, taken=False)

    def _left(self, path: Path, value: Any, around: set[Path], *, taken: bool) -> Iterator[tuple[Path, str]]:
        """What is left below a path.

        Args:
            path: The path.
            value: What stands there.
            around: Every path that something below was taken from, or is lost.
            taken: Whether a path above was taken whole.
        """
        if path in self.lost:
            yield path, self.lost[path]
            return
        taken = taken or path in self.taken
        if any(value is nothing or value == nothing for nothing in SAYS_NOTHING) or (taken and path not in around):
            return
        below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        if not taken and (not below or path not in around):
            yield path, NO_PLACE
            return
        for key, each in below:
            yield from self._left((*path, key), each, around, taken=taken)


@dataclass(frozen=True)
class Part:
    """A place in a manifest, whether something stands there or not."""

    source: Source
    path: Path

    def __truediv__(self, step: str | int) -> Part:
        """The place one step below."""
        return Part(self.source, (*self.path, step))

    def below(self, path: Path) -> Part:
        """The place some steps below."""
        return Part(self.source, (*self.path, *path))

    @property
    def value(self) -> Any:
        """What stands there; None where nothing does."""
        found: Any = self.source.document.data
        for step in self.path:
            if isinstance(found, dict) and isinstance(step, str):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    @property
    def there(self) -> bool:
        """Whether something stands there that says anything."""
        return self.value not in SAYS_NOTHING

    @property
    def mapping(self) -> dict[str, Any]:
        """The mapping that stands there; empty where none does."""
        value = self.value
        return value if isinstance(value, dict) else {}

    def items(self) -> tuple[Part, ...]:
        """The places of a list's items; none where no list stands there."""
        value = self.value
        return tuple(self / index for index in range(len(value))) if isinstance(value, list) else ()

    def children(self) -> tuple[Part, ...]:
        """The places of a mapping's values."""
        return tuple(self / key for key in self.mapping)

    @property
    def key(self) -> str:
        """The last step."""
        return str(self.path[-1]) if self.path else ""

    def take(self) -> Any:
        """What stands there, as carried over."""
        self.source.taken.add(self.path)
        return self.value

    def text(self) -> str | None:
        """A text, as carried over; what is no text, or an empty one, stays and gets lost."""
        value = self.value
        return self.take() if isinstance(value, str) and value else None

    def number(self) -> int | None:
        """A whole number, as carried over; anything else stays."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            self.take()
            return int(value)
        return self.take() if type(value) is int else None

    def flag(self) -> bool | None:
        """True or false, as carried over; anything else stays."""
        return self.take() if isinstance(self.value, bool) else None

    def lose(self, why: str) -> None:
        """It can't be carried over; nothing where nothing stands there."""
        if self.there:
            self.source.lost[self.path] = why
