"""Loading service files: reading, the repository's defaults, the environment, ``--set``, decoding.

Each is laid over the one before it: ``[service]`` of ``serinus.toml``, the file, the environment, ``--set``.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from generator.decoding import plain
from generator.decoding.exact import Decoder
from generator.decoding.nodes import BEGIN, Mapping, Node, overlay, parse
from generator.decoding.plain import DoubtError
from generator.errors import InputError, OutsideError, Place, not_utf8
from generator.loading import defaults, environments
from generator.loading.assignments import assign
from generator.loading.environments import IDENTITY
from generator.service import Service
from generator.text import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.loading.defaults import Defaults


def load(file: str | Path, *, environment: str | None = None, sets: Sequence[str] = ()) -> Service:
    """Load a service file, over what its repository's ``serinus.toml`` says of services.

    Args:
        file: Its path.
        environment: The name of one of its environments, or None for the file as it stands.
        sets: Texts ``path=text``; applied after the environment, in order.

    Raises:
        InputError: The file is missing, isn't YAML, or breaks a rule; the environment or a path isn't known;
            ``serinus.toml`` is wrong.
        OutsideError: A file can't be read.
    """
    path = Path(file)
    name, text = str(file), read_text(path)
    under = defaults.of(path.parent)
    if not sets:
        try:
            return _quick(text, name, environment, under)
        except DoubtError:
            pass
    return build(parse(text, name), name, environment=environment, sets=sets, under=under)


def _quick(text: str, file: str, environment: str | None, under: Defaults | None = None) -> Service:
    """A service from a file in which nothing is wrong.

    Raises:
        DoubtError: That isn't certain.
    """
    data = plain.read(text)
    declared = {} if data.get("environments") is None else data["environments"]
    if type(declared) is not dict:
        raise DoubtError
    for name, differences in declared.items():
        if not environments.NAME.fullmatch(name):
            raise DoubtError
        if differences is not None:
            plain.check_partial(differences, Service)
            if not differences.keys().isdisjoint(IDENTITY):
                raise DoubtError
    if under is not None:
        data = under.filled_in_data(data)
    if environment is not None:
        if environment not in declared:
            raise DoubtError
        data = plain.overlay(data, declared[environment] or {})

    def origin() -> Node:
        return laid_over(parse(text, file), file, environment, under)

    return plain.decode(data, Service, file=file, environment=environment, origin=origin)


def read_text(path: Path) -> str:
    """A text file's content.

    Raises:
        InputError: It is missing, a folder, or not UTF-8.
        OutsideError: It can't be read.
    """
    try:
        return files.read_text(path, "utf-8-sig")
    except FileNotFoundError:
        raise InputError("there is no such file.", fix=BEGIN, place=Place(str(path))) from None
    except IsADirectoryError:
        inside = path / "serinus.yaml"
        fix = f"Say {inside}." if inside.exists() else "Name the service file."
        raise InputError("this is a folder.", fix=fix, place=Place(str(path))) from None
    except UnicodeDecodeError as error:
        raise not_utf8(error, str(path)) from None
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None


def build(
    root: Mapping,
    file: str,
    *,
    environment: str | None = None,
    sets: Sequence[str] = (),
    under: Defaults | None = None,
) -> Service:
    """A service from a parsed file and what lies under it; other arguments and errors as ``load``."""
    tree = laid_over(root, file, environment, under)
    for assignment in sets:
        tree = assign(tree, assignment)
    service = Decoder().decode_object(tree, Service, ())
    return dataclasses.replace(service, file=file, environment=environment, origin=lambda: tree)


def laid_over(root: Mapping, file: str, environment: str | None, under: Defaults | None) -> Node:
    """The tree of a file over its repository's defaults, with an environment laid over both.

    Raises:
        InputError: There is no such environment, or one of the file's, whichever is asked for, is wrong.
    """
    base = root if under is None else under.filled_in(root)
    if environment is None:
        environments.declared(root)
        return base
    differences = environments.chosen(root, file, environment)
    return base if differences is None else overlay(base, differences)
