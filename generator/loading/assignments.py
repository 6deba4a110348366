"""``--set path=text``: one value of a service file from the command line, converted by the type that stands there."""

from __future__ import annotations

import re
import typing

from generator.decoding.exact import nearest
from generator.decoding.nodes import Mapping, Node, Scalar, Sequence
from generator.decoding.shapes import Described, Form, keys_of
from generator.errors import InputError, Place
from generator.loading.environments import IDENTITY
from generator.reading import scalars
from generator.service import Service

_PATH = re.compile(r'\.?(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"=]+)|\[([0-9]{1,4})\])')


def parse_path(text: str) -> tuple[tuple[str | int, ...], str]:
    """Split ``path=text``: keys by dots, keys with dots in quotes, list items as ``[0]``; the rest is text.

    Raises:
        InputError: It has another form.
    """
    steps: list[str | int] = []
    position = 0
    while found := _PATH.match(text, position):
        quoted, plain, index = found.groups()
        steps.append(
            int(index) if index is not None else plain if plain is not None else re.sub(r"\\(.)", r"\1", quoted)
        )
        position = found.end()
    if not steps or text[position : position + 1] != "=":
        fix = "Write for example --set replicas.min=3 or --set 'annotations.\"a.b/c\"=x'."
        # Nothing of it is shown: what has no path before a '=' may be the value alone, and that a secret.
        raise InputError("--set: path=text is wanted.", fix=fix)
    return tuple(steps), text[position + 1 :]


def assign(tree: Node, assignment: str) -> Node:
    """A service file's tree with one assignment applied.

    Raises:
        InputError: It has another form, names what isn't there, or its text is none of the type that is wanted.
    """
    path, text = parse_path(assignment)
    source = f"--set {assignment.partition('=')[0]}"
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("the text is not UTF-8.", place=Place(source)) from None
    if path[0] in IDENTITY:
        raise InputError(f"{path[0]} is what makes the file this file: it can't be set.", place=Place(source))
    return _assigned(tree, Described(Service), path, text, source)


def _assigned(node: Node | None, shape: Described, path: tuple[str | int, ...], text: str, source: str) -> Node:
    """``node`` with the text at ``path`` below it, converted by the type that stands there."""
    if not path:
        return _free(node, text, source) if shape.form is Form.DATA else _leaf(shape, text, source)
    step, rest = path[0], path[1:]
    inner = _inner(shape, step, source)
    if isinstance(step, int):
        items = list(node.items) if isinstance(node, Sequence) else []
        if step >= len(items):
            raise InputError(f"there is no item [{step}]: the list has {len(items)}.", place=Place(source))
        items[step] = _assigned(items[step], inner, rest, text, source)
        return Sequence(0, 0, source, tuple(items))
    if shape.form is Form.DATA and isinstance(node, (Scalar, Sequence)):
        raise InputError(f"there is nothing below this path that {step!r} could name.", place=Place(source))
    here = node if isinstance(node, Mapping) else Mapping(0, 0, source, {})
    key, below = here.items.get(step, (Scalar(0, 0, source, step, plain=False), None))
    below = _assigned(below, inner, rest, text, source)
    return Mapping(here.line, here.column, here.file, {**here.items, step: (key, below)})


def _inner(shape: Described, step: str | int, source: str) -> Described:
    """The type below a type; there is none for parts in Kubernetes' own words."""
    if shape.form is Form.DATA:
        return shape
    if isinstance(step, int):
        if shape.form is Form.LIST:
            return shape.inner
    elif shape.form is Form.OBJECT:
        keys = keys_of(typing.cast("type", shape.type))
        if step in keys:
            return keys[step].shape
        raise InputError(f"unknown key '{step}'.", fix=nearest(step, keys), place=Place(source))
    elif shape.form is Form.MAP:
        return shape.inner
    raise InputError(f"there is nothing below this path that {step!r} could name.", place=Place(source))


def _leaf(shape: Described, text: str, source: str) -> Node:
    if shape.form is Form.LIST:
        parts = [part.strip() for part in text.split(",")] if text else []
        return Sequence(0, 0, source, tuple(_leaf(shape.inner, part, source) for part in parts))
    if shape.form is not Form.SCALAR:
        raise InputError("this holds several values.", fix="Set one of them.", place=Place(source))
    return Scalar(0, 0, source, text, plain=shape.type is not str)


def _free(node: Node | None, text: str, source: str) -> Node:
    """A value in Kubernetes' own words: a number where a number stood, true or false where that did, else text."""
    if isinstance(node, (Mapping, Sequence)):
        raise InputError("this holds several values.", fix="Set one of them.", place=Place(source))
    stood = isinstance(node, Scalar) and node.plain and _kind(node.text)
    return Scalar(0, 0, source, text, plain=stood in ("number", "switch") and stood == _kind(text))


def _kind(text: str) -> str:
    """What a plain scalar is to kubectl."""
    value = scalars.resolve("", text)
    return "switch" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "text"
