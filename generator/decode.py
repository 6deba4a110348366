"""Reading a YAML file into frozen dataclasses, so that every mistake is shown at its line and column.

One declaration serves three: the fields of a dataclass, with their types and the notes in ``Annotated``, decide how a
file is decoded, how ``--set`` text is converted, and what the JSON Schema for editors says
(``generator.service_schema``).

Scalars are read by the type that is wanted, never guessed: where text is wanted, a plain ``yes``, ``0.20`` or ``null``
is refused with the advice to quote it, since other YAML readers would take it for something else.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
import types
import typing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from generator.errors import InputError, Place
from generator.nodes import Mapping, Node, Scalar, Sequence, says_nothing
from generator.reading import scalars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Path = tuple[str | int, ...]

T = TypeVar("T")

Fragment = dict[str, Any]
"""A part of the file that is handed on as it is, in Kubernetes' own words: keys to any data."""

NOT_TEXT = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|)$"
    r"|[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?$"
    r"|[-+]?0[xXoObB][0-9a-fA-F_]+$|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$|[-+]?\.(?i:inf|nan)$"
)
"""Plain scalars that YAML 1.1 or 1.2 takes for a boolean, a number or null."""


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
        name = field.metadata.get("key") or re.sub(r"_(\w)", lambda found: found[1].upper(), field.name)
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        keys[name] = Key(name, field.name, describe(hints[field.name]), required, "apart" in field.metadata)
    return keys


def nearest(word: str, known: typing.Iterable[str]) -> str:
    """``did you mean`` in words, or the known ones where nothing is near."""
    names = list(known)
    close = difflib.get_close_matches(word.lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{next(name for name in names if name.lower() == close[0])}'?"
    return f"Known here: {', '.join(names)}."


@dataclass(frozen=True)
class Decoder:
    """Decodes nodes.

    Attributes:
        partial: Whether a mapping is laid over another: required keys may be missing, and null takes any key away.
            A list replaces another, so that what stands in it is whole.
    """

    partial: bool = False

    def fail(self, node: Node, path: Path, message: str, fix: str = "") -> InputError:
        """The error at a node's place."""
        place = Place(node.file, node.line or None, node.column or None, shown(path))
        return InputError(message, fix=fix, place=place)

    def decode(self, node: Node, shape: Described, path: Path) -> Any:
        """The value of a node, by the type that is wanted.

        Raises:
            InputError: The node has another type, breaks a note, or holds an unknown key.
        """
        match shape.form:
            case Form.SCALAR:
                return self._scalar(node, shape, path)
            case Form.OBJECT:
                return self.decode_object(node, typing.cast("type", shape.type), path)
            case Form.LIST:
                return self._list(node, shape, path)
            case Form.MAP:
                return self._map(node, shape, path)
            case Form.NODE:
                return node
            case Form.DATA:
                return self._data(node, path)

    def decode_object(self, node: Node, cls: type[T], path: Path) -> T:
        """A mapping as a dataclass.

        Raises:
            InputError: As ``decode``; also a required key that is missing, or a rule of the class that is broken.
        """
        if not isinstance(node, Mapping):
            raise self.fail(node, path, f"a mapping is wanted here, not {node.says()}.", f"{_keys_in_words(cls)}")
        keys = keys_of(typing.cast("typing.Hashable", cls))
        values: dict[str, Any] = {}
        for name, (key_node, value) in node.items.items():
            key = keys.get(name)
            if key is None:
                raise self.fail(key_node, (*path, name), f"unknown key '{name}'.", nearest(name, keys))
            if key.apart or ((self.partial or not key.required) and says_nothing(value)):
                continue
            values[key.field] = self.decode(value, key.shape, (*path, name))
        if self.partial:
            return typing.cast("T", None)
        for key in keys.values():
            if key.required and key.field not in values:
                raise self.fail(node, path, f"the key '{key.name}' is missing.", key.shape.about)
        made = cls(**values)
        self._hold_rules(made, node, path)
        return made

    def _hold_rules(self, made: Any, node: Mapping, path: Path) -> None:
        """Ask a decoded object for broken rules between its fields, and show the first at its key."""
        rules: Iterator[tuple[tuple[str | int, ...], str, str]] = getattr(made, "broken_rules", lambda: iter(()))()
        for where, message, fix in rules:
            raise self.fail(node.find(where), (*path, *where), message, fix)

    def _list(self, node: Node, shape: Described, path: Path) -> tuple[Any, ...]:
        if not isinstance(node, Sequence):
            raise self.fail(node, path, f"a list is wanted here, not {node.says()}.", shape.about)
        whole = Decoder()
        return tuple(whole.decode(each, shape.inner, (*path, index)) for index, each in enumerate(node.items))

    def _map(self, node: Node, shape: Described, path: Path) -> dict[str, Any]:
        if not isinstance(node, Mapping):
            raise self.fail(node, path, f"a mapping is wanted here, not {node.says()}.", shape.about)
        pattern = shape.key_pattern
        for name, (key_node, _) in node.items.items():
            if pattern and not pattern.fits(name):
                raise self.fail(key_node, (*path, name), f"'{name}' is no {pattern.meaning}.")
        return {name: self.decode(value, shape.inner, (*path, name)) for name, value in self._said(node)}

    def _said(self, node: Mapping) -> Iterator[tuple[str, Node]]:
        """The keys and values of a mapping, without those that a null takes away from another."""
        return ((name, value) for name, (_, value) in node.items.items() if not (self.partial and says_nothing(value)))

    def _data(self, node: Node, path: Path) -> Any:
        """What kubectl would read there; null is refused, since it would mean different things to different readers."""
        if isinstance(node, Mapping):
            return {name: self._data(value, (*path, name)) for name, value in self._said(node)}
        if isinstance(node, Sequence):
            return list(self._list(node, Described(tuple[Any, ...]), path))
        if not isinstance(node, Scalar) or says_nothing(node):
            raise self.fail(node, path, "nothing stands here.", "Write a value, or take the key out.")
        if not node.plain:
            return node.text
        value = scalars.resolve("", node.text)
        if isinstance(value, float) and value - value != 0:
            raise self.fail(node, path, f"{node.text} can't stand in a manifest.", "Write a number.")
        return scalars.number(value) if type(value) in (int, float) else value

    def _scalar(self, node: Node, shape: Described, path: Path) -> Any:
        if not isinstance(node, Scalar):
            raise self.fail(node, path, f"{wanted(shape)} is wanted here, not {node.says()}.", shape.about)
        try:
            return scalar_value(node, shape)
        except ValueError as error:
            message, _, fix = str(error).partition("|")
            raise self.fail(node, path, message, fix or shape.about) from None


def scalar_value(node: Scalar, shape: Described) -> Any:
    """A scalar's value by the wanted type.

    Raises:
        ValueError: It isn't one; the text is ``message|fix``.
    """
    if shape.converter:
        return shape.converter.convert(node.text)
    value = _READERS[shape.type](node)
    for note in shape.notes:
        if isinstance(note, Choices) and value not in note.values:
            raise ValueError(f"'{value}' isn't known here.|{nearest(value, note.values)}")
        if isinstance(note, Pattern) and not note.fits(value):
            short = value if len(value) <= 60 else value[:57] + "..."  # noqa: PLR2004 (a message stays readable)
            raise ValueError(f"'{short}' is no {note.meaning}.")
        if isinstance(note, Bounds):
            _hold_bounds(value, note)
    return value


def _hold_bounds(value: float, bounds: Bounds) -> None:
    if bounds.minimum is not None and value < bounds.minimum:
        raise ValueError(f"{value} is below {bounds.minimum:g}, the least that makes sense.")
    if bounds.maximum is not None and value > bounds.maximum:
        raise ValueError(f"{value} is above {bounds.maximum:g}, the most that makes sense.")


def _text(node: Scalar) -> str:
    if node.plain and NOT_TEXT.match(node.text):
        seen = node.text or "an empty value"
        raise ValueError(
            f'text is wanted here, and without quotes {seen} is something else.|Write it in quotes: "{node.text}".'
        )
    return node.text


def _integer(node: Scalar) -> int:
    if not node.plain or not re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,17})", node.text):
        raise ValueError(f"a whole number is wanted here, not {node.says()}.")
    return int(node.text)


def _number(node: Scalar) -> float:
    if not node.plain or not re.fullmatch(
        r"[-+]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})([eE][-+]?[0-9]{1,2})?", node.text
    ):
        raise ValueError(f"a number is wanted here, not {node.says()}.")
    return float(node.text)


def _boolean(node: Scalar) -> bool:
    if not node.plain or node.text not in ("true", "false"):
        raise ValueError(f"true or false is wanted here, not {node.says()}.")
    return node.text == "true"


_READERS: typing.Mapping[Any, typing.Callable[[Scalar], Any]] = types.MappingProxyType(
    {str: _text, int: _integer, float: _number, bool: _boolean}
)


def wanted(shape: Described) -> str:
    """A type in words."""
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return words.get(shape.type, "a value")


def shown(path: Path) -> str:
    """A path as people write it: ``a.b``, ``a[0]``, and ``a["b.c"]`` where the key has a dot."""
    return functools.reduce(_joined, path, "")


def _joined(path: str, part: str | int) -> str:
    if isinstance(part, int):
        return f"{path}[{part}]"
    if re.fullmatch(r"[\w-]+", part):
        return f"{path}.{part}" if path else part
    return f'{path}["{part}"]'


def _keys_in_words(cls: type) -> str:
    return f"Its keys: {', '.join(keys_of(cls))}."
