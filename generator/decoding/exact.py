"""Reading a YAML file into frozen dataclasses, so that every mistake is shown at its line and column.

One declaration serves three: the fields of a dataclass, with their types and the notes in ``Annotated``, decide how a
file is decoded, how ``--set`` text is converted, and what the JSON Schema for editors says
(``generator.loading.schema``).

Scalars are read by the type that is wanted, never guessed: where text is wanted, a plain ``yes``, ``0.20`` or ``null``
is refused with the advice to quote it, since other YAML readers would take it for something else.
"""

from __future__ import annotations

import difflib
import functools
import re
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from generator.decoding.nodes import Mapping, Node, Scalar, Sequence, says_nothing
from generator.decoding.shapes import Bounds, Choices, Described, Form, Pattern, keys_of
from generator.errors import InputError, Place
from generator.reading import scalars
from generator.text.secrets import hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

T = TypeVar("T")

NOT_TEXT = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|)\Z"
    r"|[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?\Z"
    r"|[-+]?0[xXoObB][0-9a-fA-F_]+\Z|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z|[-+]?\.(?i:inf|nan)\Z"
)
"""Plain scalars that YAML 1.1 or 1.2 takes for a boolean, a number or null."""


OTHER_NAMES: typing.Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("tensorflow", "tf", "keras", "saved_model", "saved-model"), ("savedmodel", "tensorflow-serving")),
    **dict.fromkeys(("scikit-learn", "scikit", "scikitlearn", "joblib", "pickle"), ("sklearn",)),
    **dict.fromkeys(("hf", "transformers", "hugging-face", "vllm", "llm", "safetensors"), ("huggingface",)),
    **dict.fromkeys(("torch", "pytorch", "pt", "torch-script"), ("torchscript", "torchserve")),
    **dict.fromkeys(("mar", "torch-serve"), ("torchserve",)),
    **dict.fromkeys(("xgb",), ("xgboost",)),
    **dict.fromkeys(("lgb", "lgbm"), ("lightgbm",)),
    **dict.fromkeys(("paddlepaddle",), ("paddle",)),
    **dict.fromkeys(("seldon", "seldon-core", "scv2", "sc2"), ("seldon-core-2", "seldon-core-1")),
    **dict.fromkeys(("sdep", "sc1"), ("seldon-core-1",)),
    **dict.fromkeys(("k8s", "kube", "plain", "deployment"), ("kubernetes",)),
    **dict.fromkeys(("kfserving", "isvc"), ("kserve",)),
    **dict.fromkeys(("serverless",), ("knative",)),
    **dict.fromkeys(("rawdeployment", "raw"), ("standard",)),
    **dict.fromkeys(("mirror", "mirroring", "shadowing"), ("shadow",)),
    **dict.fromkeys(("bluegreen", "blue_green"), ("blue-green", "blueGreen")),
    **dict.fromkeys(("a/b", "abtest", "ab-test"), ("ab",)),
}
"""What people call a thing, in lower case, and what it may be called here; no likeness of letters would tell."""


def likely(word: str, known: typing.Iterable[str]) -> str | None:
    """The known word that is most likely meant: another name of the same thing, else the one most like it."""
    names = list(known)
    other = next((name for name in OTHER_NAMES.get(word.lower(), ()) if name in names), None)
    if other:
        return other
    close = difflib.get_close_matches(word.lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    return next(name for name in names if name.lower() == close[0]) if close else None


def nearest(word: str, known: typing.Iterable[str]) -> str:
    """``did you mean`` in words, or the known ones where nothing is near."""
    names = list(known)
    meant = likely(word, names)
    return f"Did you mean '{meant}'?" if meant else f"Known here: {', '.join(names)}."


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
            told = hidden(value)
            short = told if len(told) <= 60 else told[:57] + "..."  # noqa: PLR2004 (a message stays readable)
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
    if re.fullmatch(r"[\w-]+", part, re.ASCII):
        return f"{path}.{part}" if path else part
    return f'{path}["{part}"]'


def _keys_in_words(cls: type) -> str:
    return f"Its keys: {', '.join(keys_of(cls))}."
