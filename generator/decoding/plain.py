"""The fast lane of decoding: plain data into the dataclasses of ``generator.decoding.exact``, or Doubt.

It knows no places and has no messages. Whatever isn't certainly right, and whatever the text might say in another way
than the data (``0x1F``, ``+5``, ``True``), is a doubt; the exact lane then reads the file and says what is wrong
where. A property test holds both lanes together.
"""

from __future__ import annotations

import functools
import typing
from typing import TYPE_CHECKING, Any, TypeVar

from generator.decoding.exact import NOT_TEXT
from generator.decoding.nodes import MOST_CHARACTERS
from generator.decoding.shapes import Bounds, Choices, Form, Pattern, keys_of
from generator.reading import fast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from generator.decoding.shapes import Described

    Reader = Callable[[Any], Any]

T = TypeVar("T")

_SIGNED = ("+.", *(f"+{digit}" for digit in range(10)))
_BASES = ("0x", "0X", "0o", "0O", "0b", "0B")
_SAID_OTHERWISE = ("True", "TRUE", "False", "FALSE", *_SIGNED, *_BASES, "\n---", "\r", "\ufeff")
"""What YAML may read as a number or a boolean though the exact lane takes one form only; and several documents."""
_STARTS = frozenset(("", *"yYnNoOtTfF~+-.0123456789"))
"""What a text can begin with that YAML takes for something else."""
_LONGEST_NUMBER = 10**18


class DoubtError(Exception):
    """The exact lane has to decide."""


def read(text: str, *, most_characters: int = MOST_CHARACTERS) -> dict[str, Any]:
    """The data of a file of ours.

    Args:
        text: The file's content.
        most_characters: The longest text that is taken for such a file.

    Raises:
        DoubtError: It isn't certainly what the exact lane would read.
    """
    if len(text) > most_characters or text.startswith("---"):
        raise DoubtError
    for mark in _SAID_OTHERWISE:
        if mark in text:
            raise DoubtError
    data = fast.load(text, as_json=False)
    if data is fast.UNSURE:
        raise DoubtError
    return typing.cast("dict[str, Any]", data)


def decode(data: Any, cls: type[T], **hidden: Any) -> T:
    """A mapping as a dataclass.

    Args:
        data: What ``read`` gave, or a part of it.
        cls: The dataclass.
        hidden: Fields that the file doesn't say.

    Raises:
        DoubtError: It isn't certainly right.
    """
    return typing.cast("T", _object(typing.cast("typing.Hashable", cls), partial=False)(data, hidden))


def check_partial(data: Any, cls: type) -> None:
    """Hold a mapping against a dataclass, as ``generator.decoding.exact.Decoder`` does where it is partial.

    Raises:
        DoubtError: It isn't certainly right.
    """
    _object(cls, partial=True)(data, {})


def overlay(base: Any, over: Any) -> Any:
    """``over`` laid on ``base``, as ``generator.decoding.nodes.overlay`` does it with trees."""
    if type(over) is not dict:
        return over
    laid = dict(base) if type(base) is dict else {}
    for name, value in over.items():
        if value is None:
            laid.pop(name, None)
        else:
            laid[name] = overlay(laid.get(name), value)
    return laid


@functools.cache
def _object(cls: type, *, partial: bool) -> Callable[[Any, Mapping[str, Any]], Any]:
    keys = {
        name: (key.field, key.required, key.apart, _reader(key.shape, partial=partial))
        for name, key in keys_of(cls).items()
    }
    needed = frozenset(field for field, required, _, _ in keys.values() if required)
    has_rules = hasattr(cls, "broken_rules")

    def read(data: Any, hidden: Mapping[str, Any]) -> Any:
        if type(data) is not dict or not data.keys() <= keys.keys():
            raise DoubtError
        values = dict(hidden)
        for name, value in data.items():
            field, required, apart, reader = keys[name]
            if not apart and (value is not None or (required and not partial)):
                values[field] = reader(value)
        if partial:
            return None
        if not needed <= values.keys():
            raise DoubtError
        made = cls(**values)
        if has_rules and next(iter(made.broken_rules()), None) is not None:
            raise DoubtError
        return made

    return read


def _reader(shape: Described, *, partial: bool) -> Reader:
    if shape.form is Form.OBJECT:
        inner = _object(shape.type, partial=partial)
        return lambda data: inner(data, {})
    if shape.form is Form.LIST:
        return _list(_reader(shape.inner, partial=False))
    if shape.form is Form.DATA:
        return functools.partial(_data, partial=partial)
    if shape.form is Form.MAP:
        pattern = shape.key_pattern
        return _map(_reader(shape.inner, partial=partial), pattern.fits if pattern else None, partial=partial)
    return _scalar(shape)


def _list(item: Reader) -> Reader:
    def read(data: Any) -> tuple[Any, ...]:
        if type(data) is not list:
            raise DoubtError
        return tuple([item(each) for each in data])

    return read


def _map(value: Reader, fits: Callable[[str], object] | None, *, partial: bool) -> Reader:
    def read(data: Any) -> dict[str, Any]:
        if type(data) is not dict or (fits and not all(map(fits, data))):
            raise DoubtError
        if partial:
            data = {name: each for name, each in data.items() if each is not None}
        return {name: value(each) for name, each in data.items()}

    return read


def _scalar(shape: Described) -> Reader:
    if shape.converter:
        return _converted(shape.converter.convert)
    of_type = _READERS.get(shape.type)
    if of_type is None:
        # A tree: it is checked apart.
        return _doubtful
    notes = [_held(note) for note in shape.notes if isinstance(note, (Pattern, Choices, Bounds))]

    def read(data: Any) -> Any:
        value = of_type(data)
        for holds in notes:
            if not holds(value):
                raise DoubtError
        return value

    return read


def _held(note: Pattern | Choices | Bounds) -> Callable[[Any], object]:
    if isinstance(note, Pattern):
        return note.fits
    if isinstance(note, Choices):
        return frozenset(note.values).__contains__
    low = float("-inf") if note.minimum is None else note.minimum
    high = float("inf") if note.maximum is None else note.maximum
    return lambda value: low <= value <= high


def _converted(convert: Callable[[str], Any]) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is not str and type(data) is not int:
            raise DoubtError
        try:
            return convert(str(data))
        except ValueError:
            raise DoubtError from None

    return read


def _data(data: Any, *, partial: bool = False) -> Any:
    """Data that is handed on; what two readers could take differently is for the exact lane."""
    if type(data) is dict:
        return {
            name: _data(each, partial=partial)
            for name, each in data.items()
            if (type(name) is str or _doubtful(name)) and not (partial and each is None)
        }
    if type(data) is list:
        return [_data(each) for each in data]
    if type(data) is str or type(data) is bool or (type(data) is int and -_LONGEST_NUMBER < data < _LONGEST_NUMBER):
        return data
    raise DoubtError


def _doubtful(_: Any) -> Any:
    raise DoubtError


def _text(data: Any) -> str:
    if type(data) is not str or (data[:1] in _STARTS and NOT_TEXT.match(data) and not _quoted(data)):
        raise DoubtError
    return data


@functools.lru_cache(maxsize=1024)
def _quoted(text: str) -> bool:
    """Whether a text must have stood in quotes, since without them it would have been read as no text."""
    plain = fast.load(f"a: {text}\n")
    return plain is not fast.UNSURE and type(plain["a"]) is not str


def _integer(data: Any) -> int:
    if type(data) is not int or not -_LONGEST_NUMBER < data < _LONGEST_NUMBER:
        raise DoubtError
    return data


def _number(data: Any) -> float:
    # A fraction may be written in ways that the exact lane refuses, and is rare.
    return float(_integer(data))


def _boolean(data: Any) -> bool:
    if type(data) is not bool:
        raise DoubtError
    return data


_READERS: Mapping[Any, Reader] = {str: _text, int: _integer, float: _number, bool: _boolean}
