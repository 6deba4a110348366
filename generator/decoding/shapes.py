"""What may stand in a file of ours: the fields of dataclasses, with their types and the notes in ``Annotated``."""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from generator.decoding.nodes import Node

if TYPE_CHECKING:
    from collections.abc import Callable

Fragment = dict[str, Any]
"""A part of the file that is handed on as it is, in Kubernetes' own words: keys to any data."""


@dataclass(frozen=True)
class Pattern:
    """Text has to match the whole of ``regex``; ``meaning`` says in words what that is."""

    regex: str
    meaning: str

    @functools.cached_property
    def fits(self) -> Callable[[str], re.Match[str] | None]:
        """Whether a text matches."""
        return re.compile(self.regex).fullmatch


class KeyPattern(Pattern):
    """Each key of a ``dict[str, X]`` has to match."""


@dataclass(frozen=True)
class Bounds:
    """A number lies between ``minimum`` and ``maximum``, both included; None where there is no bound."""

    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Choices:
    """Text is one of ``values``."""

    values: tuple[str, ...]


class Form(Enum):
    """What a type is to a decoder."""

    NODE = "kept as a tree"
    DATA = "any data, handed on as it is"
    OBJECT = "a mapping with known keys"
    LIST = "a list"
    MAP = "a mapping with any keys"
    SCALAR = "a single value"


@dataclass(frozen=True)
class Described:
    """One type with the notes that stand in its ``Annotated``.

    Attributes:
        type: The bare type: str, int, float, bool, a dataclass, ``tuple[X, ...]`` or ``dict[str, X]``.
        notes: Pattern, Bounds and Choices objects, converters, and one str, the description.
        optional: Whether None is a value (``X | None``), which stands for an absent key.
    """

    type: Any
    notes: tuple[Any, ...] = ()
    optional: bool = False

    @property
    def about(self) -> str:
        """The description."""
        return next((note for note in self.notes if isinstance(note, str)), "")

    @functools.cached_property
    def form(self) -> Form:
        """What the type is to a decoder."""
        if self.type is Node:
            return Form.NODE
        if self.type is Any:
            return Form.DATA
        if dataclasses.is_dataclass(self.type):
            return Form.OBJECT
        return {tuple: Form.LIST, dict: Form.MAP}.get(typing.get_origin(self.type) or self.type, Form.SCALAR)

    @functools.cached_property
    def inner(self) -> Described:
        """The type of a list's items or of a mapping's values."""
        return describe(typing.get_args(self.type)[0 if self.form is Form.LIST else 1])

    @functools.cached_property
    def key_pattern(self) -> KeyPattern | None:
        """What a mapping's keys have to match."""
        return next((note for note in self.notes if isinstance(note, KeyPattern)), None)

    @functools.cached_property
    def converter(self) -> Converter | None:
        """What makes a scalar's value of its text, where its type alone doesn't."""
        return next((note for note in self.notes if hasattr(note, "convert")), None)


@dataclass(frozen=True)
class Key:
    """One key of a mapping in the file, and the dataclass field that it fills.

    Attributes:
        name: As the file says it.
        field: The dataclass's.
        shape: Its type.
        required: Whether it has to be there.
        apart: Whether it is checked and used apart from the object, so that the field isn't filled.
    """

    name: str
    field: str
    shape: Described
    required: bool
    apart: bool


class Converter(typing.Protocol):
    """A note that turns text into a value of its own kind, such as a quantity in canonical form.

    Attributes:
        schema: The types of JSON that an editor's schema allows there.
    """

    schema: tuple[str, ...]

    def convert(self, text: str) -> Any:
        """The value.

        Raises:
            ValueError: The text is none; the message says what is wanted.
        """


def describe(annotation: Any) -> Described:
    """Take an annotation apart: ``Annotated``, ``| None`` and the bare type."""
    notes: tuple[Any, ...] = ()
    optional = False
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            notes += annotation.__metadata__
            annotation = annotation.__origin__
        elif typing.get_origin(annotation) in (types.UnionType, typing.Union):
            (annotation,) = (each for each in typing.get_args(annotation) if each is not type(None))
            optional = True
        else:
            return Described(annotation, notes, optional)


@functools.cache
def keys_of(cls: type) -> dict[str, Key]:
    """The keys that a dataclass takes in a file, by name: its init fields in camelCase, in their order.

    A field whose metadata has ``key`` goes by that name; one whose metadata has ``hidden`` isn't read from the file,
    and one whose metadata has ``apart`` may stand there and is left to others.
    """
    hints = typing.get_type_hints(cls, include_extras=True)
    keys = {}
    for field in dataclasses.fields(cls):
        if "hidden" in field.metadata:
            continue
        name = field.metadata.get("key") or re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), field.name)
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        keys[name] = Key(name, field.name, describe(hints[field.name]), required, "apart" in field.metadata)
    return keys
