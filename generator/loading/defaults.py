"""What a repository's ``serinus.toml`` says of its services: what lies under each service file, and which templates.

    [service]                      # any part of a service file but what makes it this file
    namespace = "models"
    labels = {team = "vision"}
    platform.version = "0.20"

    [render]
    templates = "templates"        # as --templates; seen from this file

The service file wins over it, its environment over both, ``--set`` over all.
"""

from __future__ import annotations

import functools
import os
import stat
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.decoding.exact import Decoder
from generator.decoding.nodes import Mapping, Node, Scalar, Sequence, says_nothing
from generator.decoding.shapes import keys_of
from generator.errors import InputError, Place
from generator.loading import repository
from generator.loading.environments import IDENTITY
from generator.service import Service

if TYPE_CHECKING:
    from generator.loading.repository import Toml

    Where = tuple[str | int, ...]

SERVICE, RENDER = "service", "render"
TEMPLATES = "templates"


@dataclass(frozen=True)
class Defaults:
    """The sections of one ``serinus.toml`` that services heed.

    Attributes:
        tree: The section ``[service]``, held against the format.
        data: The same as plain data.
        file: Where it lies.
        templates: The folder that ``[render]`` names, and where it does.
    """

    tree: Mapping
    data: dict[str, Any]
    file: Path
    templates: tuple[Path, Place] | None = None

    def filled_in(self, root: Mapping) -> Node:
        """A service file's tree, what it leaves open filled in; mappings of both stand where the file's do."""
        return _under(self.tree, root)

    def filled_in_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """The same of plain data."""
        return typing.cast("dict[str, Any]", _under_data(self.data, data))


def of(folder: Path) -> Defaults | None:
    """The defaults that hold for the service files in a folder, None where no ``serinus.toml`` does.

    The same folder is asked often, so where to look is looked up once, and a file is read again only when it changed.

    Raises:
        InputError: The file is no TOML, or says what it can't.
        OutsideError: The file can't be read, or the folder is gone.
    """
    for file, name in _candidates(str(folder), None if folder.is_absolute() else os.getcwd()):  # noqa: PTH109 (costs less)
        try:
            status = os.stat(file)  # noqa: PTH116 (as above)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            return _read(file, name, status.st_mtime_ns, status.st_size)
    return None


def templates_of(folder: Path) -> Path | None:
    """The folder of templates that a repository brings along for the service files in a folder.

    Raises:
        InputError: There is no such folder, or as ``of``.
        OutsideError: As ``of``.
    """
    defaults = of(folder)
    if defaults is None or defaults.templates is None:
        return None
    templates, place = defaults.templates
    if not templates.is_dir():
        raise InputError(f"there is no folder {templates}.", fix="The path starts at this file.", place=place)
    return templates


@functools.cache
def _candidates(folder: str, here: str | None) -> tuple[tuple[str, str], ...]:
    """The files that may hold for a folder, each with its name for messages: named from where the folder is."""
    return tuple(
        (str(file), str(file) if here is None else os.path.relpath(file, here))
        for file in repository.candidates(Path(folder))
    )


@functools.lru_cache(maxsize=64)
def _read(file: str, name: str, _changed: int, _size: int) -> Defaults:
    toml = repository.read_toml(Path(file), name)
    data = dict(toml.table(SERVICE))
    _refuse_identity(toml, data)
    tree = _mapping(toml, data, (SERVICE,))
    Decoder(partial=True).decode_object(tree, Service, (SERVICE,))
    return Defaults(tree, data, Path(file), _templates(toml, Path(file).parent))


def _under(base: Node | None, file: Node) -> Node:
    """``file`` laid on ``base``; a null takes a default away, and where there is none it is the decoder's to judge."""
    if not isinstance(base, Mapping) or not isinstance(file, Mapping):
        return file
    items = dict(base.items)
    for name, (key, value) in file.items.items():
        _, below = items.pop(name, (key, None))
        if below is None or not says_nothing(value):
            items[name] = (key, _under(below, value))
    return Mapping(file.line, file.column, file.file, items)


def _under_data(base: Any, file: Any) -> Any:
    """The same of plain data."""
    if type(base) is not dict or type(file) is not dict:
        return file
    data = dict(base)
    for name, value in file.items():
        below = data.pop(name, None)
        if below is None or value is not None:
            data[name] = _under_data(below, value)
    return data


def _refuse_identity(toml: Toml, data: dict[str, Any]) -> None:
    """Refuse what only a service file can say, and what nobody reads."""
    for key in IDENTITY:
        if key in data:
            fix = "It stands in each service file."
            raise InputError(f"{key} can't have a default.", fix=fix, place=toml.place(SERVICE, key))
    toml.refuse_unknown(data, [key for key in keys_of(Service) if key not in IDENTITY], SERVICE)


def _templates(toml: Toml, folder: Path) -> tuple[Path, Place] | None:
    """The folder of templates that a repository brings along; nobody has looked yet whether it is there."""
    section = toml.table(RENDER)
    if "environment" in section:
        raise InputError(
            "a default environment would hide what is rendered.",
            fix="Name it with each command: -e ENV.",
            place=toml.place(RENDER, "environment"),
        )
    toml.refuse_unknown(section, (TEMPLATES,), RENDER)
    if TEMPLATES not in section:
        return None
    wanted, place = section[TEMPLATES], toml.place(RENDER, TEMPLATES)
    if not isinstance(wanted, str) or "\0" in wanted:
        raise InputError("the name of a folder is wanted.", fix='Write templates = "templates".', place=place)
    if not (folder / wanted).resolve().is_relative_to(repository.candidates(folder)[-1].parent):
        fix = "Bring the templates into it: what is rendered depends on its files alone."
        raise InputError(f"{wanted} lies outside this repository.", fix=fix, place=place)
    return Path(toml.name).parent / wanted, place


def _node(toml: Toml, value: Any, path: Where) -> Node:
    """A value as a tree whose nodes know their places."""
    if isinstance(value, dict):
        return _mapping(toml, value, path)
    place = toml.places.value(path)
    if isinstance(value, list):
        return Sequence(*place, toml.name, tuple(_node(toml, each, (*path, at)) for at, each in enumerate(value)))
    if isinstance(value, str):
        return Scalar(*place, toml.name, value, plain=False)
    if isinstance(value, bool):
        return Scalar(*place, toml.name, "true" if value else "false", plain=True)
    if isinstance(value, int):
        return Scalar(*place, toml.name, str(value), plain=True)
    if isinstance(value, float):
        return Scalar(*place, toml.name, _fraction(value), plain=True)
    raise InputError(
        f"a {type(value).__name__} means nothing here.", fix="Write it in quotes.", place=Place(toml.name, *place)
    )


def _fraction(value: float) -> str:
    """A number as every YAML reader takes it for one: ``1.0e+22``, ``.inf``."""
    text = repr(value).replace("inf", ".inf").replace("nan", ".nan")
    return text if "." in text else text.replace("e", ".0e")


def _mapping(toml: Toml, value: dict[str, Any], path: Where) -> Mapping:
    items: dict[str, tuple[Node, Node]] = {}
    for name, each in value.items():
        inside = (*path, name)
        items[name] = (Scalar(*toml.places.key(inside), toml.name, name, plain=False), _node(toml, each, inside))
    return Mapping(*toml.places.value(path), toml.name, items)
