"""Loading service files: reading, the environment, ``--set``, decoding."""

from __future__ import annotations

import dataclasses
import re
import typing
from pathlib import Path

from generator import decode_plain
from generator.decode import Decoder, Described, Form, keys_of, nearest
from generator.decode_plain import DoubtError
from generator.errors import InputError, OutsideError, Place
from generator.nodes import Mapping, Node, Scalar, Sequence, overlay, parse
from generator.service import Service

IDENTITY = ("apiVersion", "kind", "name", "environments")
"""What an environment can't change: it is what makes the file this file."""
_NAME = re.compile(r"[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?")
"""An environment's."""


def load(file: str | Path, *, environment: str | None = None, sets: typing.Sequence[str] = ()) -> Service:
    """Load a service file.

    Args:
        file: Its path.
        environment: The name of one of its environments, or None for the file as it stands.
        sets: Texts ``path=text``; applied after the environment, in order.

    Raises:
        InputError: The file is missing, isn't YAML, or breaks a rule; the environment or a path isn't known.
        OutsideError: The file can't be read.
    """
    name, text = str(file), read_text(Path(file))
    if not sets:
        try:
            return _quick(text, name, environment)
        except DoubtError:
            pass
    return build(parse(text, name), name, environment=environment, sets=sets)


def _quick(text: str, file: str, environment: str | None) -> Service:
    """A service from a file in which nothing is wrong.

    Raises:
        DoubtError: That isn't certain.
    """
    data = decode_plain.read(text)
    environments = {} if data.get("environments") is None else data["environments"]
    if type(environments) is not dict:
        raise DoubtError
    for name, differences in environments.items():
        if not _NAME.fullmatch(name):
            raise DoubtError
        if differences is not None:
            decode_plain.check_partial(differences, Service)
            if not differences.keys().isdisjoint(IDENTITY):
                raise DoubtError
    if environment is not None:
        if environment not in environments:
            raise DoubtError
        data = decode_plain.overlay(data, environments[environment])

    def origin() -> Node:
        return _laid_over(parse(text, file), file, environment)

    return decode_plain.decode(data, Service, file=file, environment=environment, origin=origin)


def read_text(path: Path) -> str:
    """A text file's content.

    Raises:
        InputError: It is missing, a folder, or not UTF-8.
        OutsideError: It can't be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        fix = "`serinus init` writes one to start from."
        raise InputError("there is no such file.", fix=fix, place=Place(str(path))) from None
    except IsADirectoryError:
        inside = path / "serinus.yaml"
        fix = f"Say {inside}." if inside.exists() else "Name the service file."
        raise InputError("this is a folder.", fix=fix, place=Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start}.", place=Place(str(path))) from None
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None


def build(root: Mapping, file: str, *, environment: str | None = None, sets: typing.Sequence[str] = ()) -> Service:
    """A service from a parsed file; arguments and errors as ``load``."""
    tree = _laid_over(root, file, environment)
    for assignment in sets:
        tree = _assign(tree, assignment)
    service = Decoder().decode_object(tree, Service, ())
    return dataclasses.replace(service, file=file, environment=environment, origin=lambda: tree)


def _laid_over(root: Mapping, file: str, environment: str | None) -> Node:
    """The tree of a file with an environment laid over it; all environments are checked."""
    environments = _environments(root)
    if environment is None:
        return root
    if environment not in environments:
        known = nearest(environment, environments) if environments else "The file has no environments."
        raise InputError(f"there is no environment '{environment}'.", fix=known, place=Place(file))
    return overlay(root, environments[environment])


def _environments(root: Mapping) -> dict[str, Node]:
    """The environments, each held against the format, whichever is asked for: a typo shows before its day."""
    if "environments" not in root.items:
        return {}
    _, declared = root.items["environments"]
    checker = Decoder(partial=True)
    if isinstance(declared, Scalar) and declared.is_null():
        return {}
    if not isinstance(declared, Mapping):
        raise checker.fail(declared, ("environments",), f"a mapping is wanted here, not {declared.says()}.")
    for name, (key, value) in declared.items.items():
        path = ("environments", name)
        if not _NAME.fullmatch(name):
            raise checker.fail(key, path, f"'{name}' is no name of an environment.", "Lower-case letters, digits, '-'.")
        if isinstance(value, Mapping):
            for fixed in IDENTITY:
                if fixed in value.items:
                    raise checker.fail(value.items[fixed][0], (*path, fixed), f"an environment can't change {fixed}.")
        if not (isinstance(value, Scalar) and value.is_null()):
            checker.decode_object(value, Service, path)
    return {name: value for name, (_, value) in declared.items.items()}


_PATH = re.compile(r'\.?(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"=]+)|\[(\d{1,4})\])')


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
        raise InputError(f"--set {text[:60]}: path=text is wanted.", fix=fix)
    return tuple(steps), text[position + 1 :]


def _assign(tree: Node, assignment: str) -> Node:
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
        return _leaf(shape, text, source)
    step, rest = path[0], path[1:]
    inner = _inner(shape, step, source)
    if isinstance(step, int):
        items = list(node.items) if isinstance(node, Sequence) else []
        if step >= len(items):
            raise InputError(f"there is no item [{step}]: the list has {len(items)}.", place=Place(source))
        items[step] = _assigned(items[step], inner, rest, text, source)
        return Sequence(0, 0, source, tuple(items))
    here = node if isinstance(node, Mapping) else Mapping(0, 0, source, {})
    key, below = here.items.get(step, (Scalar(0, 0, source, step, plain=False), None))
    below = _assigned(below, inner, rest, text, source)
    return Mapping(here.line, here.column, here.file, {**here.items, step: (key, below)})


def _inner(shape: Described, step: str | int, source: str) -> Described:
    """The type below a type."""
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
