"""A service file in the making: what it says, and which part of which manifest says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from generator.convert.parts import Part  # noqa: TC001 (dataclass field)
from generator.decoding.shapes import Described, Form, keys_of
from generator.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.convert.parts import Source
    from generator.reading.documents import Path


@dataclass
class Draft:
    """What a service file will say.

    Attributes:
        sources: The manifests that it is made of, the main one first.
        data: The service file's content.
        origins: Path in the service file to the parts of manifests that it was taken from.
        comments: Key at the top of the service file to a sentence that stands above it.
        notes: What the person should know besides, a sentence each.
        otherwise: What will be otherwise than in the manifest, though nothing of it is lost: the place, and how.
        refused: What was taken out again, since a service file or its platform refuses it.
    """

    sources: tuple[Source, ...]
    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, tuple[Part, ...]] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    otherwise: list[tuple[Part, str]] = field(default_factory=list)
    refused: list[Part] = field(default_factory=list)
    _gone: dict[Path, list[int]] = field(default_factory=dict)

    def put(self, path: Path, value: Any, *origins: Part) -> None:
        """Say something; None says nothing.

        Args:
            path: Where in the service file; lists on the way are made as long as they have to be.
            value: What; it is cleaned of what says nothing.
            origins: Where it stands in manifests.
        """
        if value is None:
            return
        here: Any = self.data
        for step, following in pairwise(path):
            if isinstance(here, list):
                while len(here) <= int(step):
                    here.append({})
                here = here[int(step)]
            else:
                here = here.setdefault(step, [] if isinstance(following, int) else {})
        if isinstance(here, list):
            here.append(cleaned(value))
        else:
            here[path[-1]] = cleaned(value)
        if origins:
            self.origins[path] = (*self.origins.get(path, ()), *origins)

    def get(self, *path: str | int) -> Any:
        """What stands at a path; None where nothing does."""
        found: Any = self.data
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def ordered(self) -> dict[str, Any]:
        """The content in the service file's order."""
        found: dict[str, Any] = _ordered(self.data, Described(Service))
        return found

    def drop(self, path: Path) -> tuple[Part, ...]:
        """Take something out again; the parts that it was taken from."""
        written = self._as_written(path)
        below = [place for place in self.origins if place[: len(written)] == written]
        gone = tuple(part for place in below for part in self.origins.pop(place))
        parent = self.get(*path[:-1])
        if isinstance(parent, dict):
            parent.pop(str(path[-1]), None)
        elif isinstance(parent, list):
            del parent[int(path[-1])]
            self._gone.setdefault(written[:-1], []).append(int(written[-1]))
        return gone or self._around(written)

    def lose(self, path: Path, why: str) -> None:
        """Take something out for good; what the manifest says there is lost, for a reason."""
        for part in self.drop(path):
            part.source.lost[part.path] = why

    def _as_written(self, path: Path) -> Path:
        """A path as it was before items were taken out of lists."""
        result: Path = ()
        for step in path:
            index = step
            if isinstance(index, int):
                for gone in sorted(self._gone.get(result, ())):
                    index += gone <= index
            result = (*result, index)
        return result

    def _around(self, path: Path) -> tuple[Part, ...]:
        """The origin of the nearest place around a path; inside a fragment, with the manifest's own keys, exactly."""
        for length in range(len(path) - 1, 0, -1):
            for part in self.origins.get(path[:length], ()):
                here = part
                for step in path[length:]:
                    if (here / step).value is None:
                        break
                    here /= step
                return (here,)
        return ()

    def paths(self) -> Iterator[Path]:
        """Every path of the content."""
        yield from _paths(self.data, ())


def _ordered(value: Any, shape: Described) -> Any:
    """A part of the content, its keys in the order in which the service file declares them."""
    if shape.form is Form.OBJECT and isinstance(value, dict):
        keys = keys_of(shape.type)
        known = {name: _ordered(value[name], keys[name].shape) for name in keys if name in value}
        return {**known, **{name: each for name, each in value.items() if name not in keys}}
    if shape.form is Form.LIST and isinstance(value, list):
        return [_ordered(each, shape.inner) for each in value]
    return value


def _paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in below:
        yield from _paths(each, (*path, key))


def cleaned(value: Any) -> Any:
    """A value without the nulls in it, which say nothing to Kubernetes and are refused in a service file."""
    if isinstance(value, dict):
        return {str(key): cleaned(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [cleaned(each) for each in value if each is not None]
    return value
