"""A child: an object that a controller makes of another, each field with its origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.outcome.part import Brought, Origin, grown
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.part import Tree
    from generator.reading.document import Path


@dataclass(frozen=True, slots=True)
class Child:
    """An object that a controller writes.

    Attributes:
        data: The object, as the controller sends it to the API server.
        origins: Where its parts came from; see ``generator.outcome.part.Grown``.
        maker: Who makes it, for what has no other origin: ``KServe 0.20``.
        whole: Whether all of it is known. One that isn't has its name, labels and ports, but a rule must not hold
            against it what it lacks.
    """

    data: dict[str, Any]
    origins: Mapping[Path, Origin]
    maker: str
    whole: bool = True

    @classmethod
    def of(cls, tree: Tree, maker: str, *, whole: bool = True) -> Child:
        """A child out of the tree that its maker wrote."""
        made = grown(tree)
        return cls(made.data, made.origins, maker, whole)

    @property
    def kind(self) -> Kind:
        """Group and kind."""
        group, slash, _ = str(self.data.get("apiVersion", "")).partition("/")
        return Kind(group if slash else "", str(self.data.get("kind", "")))

    @property
    def name(self) -> str:
        """``metadata.name``."""
        return str(self.data["metadata"].get("name", ""))

    @property
    def namespace(self) -> str:
        """``metadata.namespace``; empty where the set leaves open where it lands."""
        return str(self.data["metadata"].get("namespace") or "")

    def origin(self, path: Path) -> Origin:
        """Where what stands at ``path`` came from; the maker's own where no document and no fact says it."""
        for length in range(len(path), -1, -1):
            found = self.origins.get(path[:length])
            if found is not None:
                return found.below(*path[length:])
        return Origin(Brought(self.maker))


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say of what becomes of a document.

    Attributes:
        path: The place in the document that it is about.
        words: A sentence without its full stop.
    """

    path: Path
    words: str


class Gap(Remark):
    """Something of the outcome that can't be known from what is given; its words say what, and why."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one document.

    Attributes:
        children: The objects that the controller writes, in no order that means anything.
        gaps: What isn't known.
        remarks: What is known and is no object, such as the server that a model lands on.
    """

    children: tuple[Child, ...] = ()
    gaps: tuple[Gap, ...] = ()
    remarks: tuple[Remark, ...] = ()
