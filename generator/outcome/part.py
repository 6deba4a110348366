"""Values that know where they came from: what children are put together of.

A maker writes a child as a plain tree of dicts, lists and scalars, and puts a ``Part`` wherever a value is taken from
somewhere. ``grown`` makes the object of it, and the table of origins. So a child's author never copies a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.reading.document import Document, format_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.reading.document import Path


class Brought(NamedTuple):
    """What the platform itself brings.

    Attributes:
        words: As a person reads it behind "from": ``the runtime kserve-sklearnserver of KServe 0.20.0``.
    """

    words: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from.

    Attributes:
        source: A document of the user's set, or what the platform brings.
        path: The place in it.
    """

    source: Document | Brought
    path: Path = ()

    def below(self, *steps: str | int) -> Origin:
        """The origin of what stands further down."""
        return Origin(self.source, (*self.path, *steps)) if steps else self

    def __str__(self) -> str:
        """For people: ``service.yaml: spec.predictor.model.storageUri``."""
        place = format_path(self.path)
        words = self.source.file if isinstance(self.source, Document) else self.source.words
        return f"{words}: {place}" if place else words


@dataclass(frozen=True, slots=True)
class Part:
    """A value out of a document or of the platform's own facts, with its origin; what lies in it has its own below.

    Attributes:
        value: Plain JSON values; never changed.
        origin: Where it stands.
    """

    value: Any
    origin: Origin

    @classmethod
    def of(cls, document: Document) -> Part:
        """A whole document."""
        return cls(document.data, Origin(document))

    @classmethod
    def brought(cls, value: Any, words: str) -> Part:
        """A value that the platform brings."""
        return cls(value, Origin(Brought(words)))

    def get(self, *steps: str | int) -> Part | None:
        """What stands further down; None where nothing does, or null."""
        value = self.value
        for step in steps:
            if value.__class__ is dict:
                value = value.get(step)
            elif value.__class__ is list and step.__class__ is int and -len(value) <= step < len(value):
                value = value[step]
            else:
                return None
        return None if value is None else Part(value, self.origin.below(*steps))

    def text(self, *steps: str | int) -> str:
        """The text further down; empty where there is none."""
        found = self.get(*steps)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def each(self, *steps: str | int) -> Iterator[Part]:
        """The items of the list further down; nothing where there is none. Null items are left out."""
        found = self.get(*steps)
        for number, value in enumerate(found.value if found and isinstance(found.value, list) else ()):
            if value is not None:
                yield Part(value, self.origin.below(*steps, number))

    def fields(self, *steps: str | int) -> dict[str, Part]:
        """The fields of the object further down, without those that are null; empty where there is none."""
        found = self.get(*steps)
        if found is None or not isinstance(found.value, dict):
            return {}
        return {name: Part(value, found.origin.below(name)) for name, value in found.value.items() if value is not None}

    def without(self, *names: str) -> Part:
        """The same object without some of its fields."""
        return Part({name: value for name, value in self.value.items() if name not in names}, self.origin)


Tree = Any
"""Dicts, lists, scalars, and Parts among them."""


class Grown(NamedTuple):
    """An object made of a tree.

    Attributes:
        data: The object.
        origins: Where each Part of it landed; what lies below one has its origin below that one's. Nothing stands here
            for what the maker wrote itself.
    """

    data: Any
    origins: Mapping[Path, Origin]


def grown(tree: Tree) -> Grown:
    """The object that a tree stands for. A field whose value is None isn't there."""
    origins: dict[Path, Origin] = {}
    return Grown(_plain(tree, (), origins), origins)


def plain(tree: Tree) -> Any:
    """The object alone."""
    return _plain(tree, (), None)


def _plain(tree: Tree, path: Path, origins: dict[Path, Origin] | None) -> Any:
    if tree.__class__ is Part:
        if origins is not None:
            origins[path] = tree.origin
        return tree.value
    if tree.__class__ is dict:
        return {
            name: _plain(value, (*path, name) if origins is not None else path, origins)
            for name, value in tree.items()
            if value is not None
        }
    if tree.__class__ is list:
        return [
            _plain(value, (*path, number) if origins is not None else path, origins)
            for number, value in enumerate(tree)
        ]
    return tree


def opened(tree: Tree) -> Tree:
    """A tree one level of which can be changed: a Part that holds an object or a list becomes one of Parts."""
    if tree.__class__ is not Part:
        return tree
    if isinstance(tree.value, dict):
        return tree.fields()
    return list(tree.each()) if isinstance(tree.value, list) else tree


def value_of(tree: Tree) -> Any:
    """A scalar out of a tree, whether it is a Part or not."""
    return tree.value if tree.__class__ is Part else tree
