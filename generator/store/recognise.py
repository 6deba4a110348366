"""Which format a model is of, by what lies there.

What a path looks like decides which formats are asked, each by its own look. A model that is damaged still looks like
one, so what is wrong with it is told, and not that nobody knows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError, OutsideError
from generator.store.formats import formats, keras

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_LOOKED_INTO = 100
"""Entries of a folder in which a model is looked for, to say that it lies one level deeper."""


def recognise(path: Path) -> tuple[str, ...]:
    """The formats that a model is of, whole; more than one where its files are those of several.

    Args:
        path: What ``--model`` names.

    Raises:
        InputError: There is nothing at the path, nothing that is known, or nothing whole: the message says what is
            wrong with what it looks like.
        OSError, OutsideError: It can't be read.
    """
    if not path.exists():
        raise InputError(f"there is no {path}.", fix="--model wants a model's file or folder.")
    meant = looks_like(path)
    fitting, wrong = _held(path, meant)
    if fitting:
        return fitting
    if len(meant) == 1:
        raise wrong[0]
    if meant:
        told = " ".join(f"As {name}: {error}" for name, error in zip(meant, wrong, strict=True))
        raise InputError(f"{path} looks like {' or '.join(meant)}, and is whole as none. {told}")
    raise InputError(f"{path} is of no format that is known here.{_inside(path)}", fix=_wanted())


def looks_like(path: Path) -> tuple[str, ...]:
    """The formats that somebody may have meant with a path, whole or not.

    Raises:
        OutsideError: It can't be read.
    """
    try:
        return tuple(name for name, known in formats().items() if known.meant(path))
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error


def others(path: Path, model_format: str) -> tuple[str, ...]:
    """The formats but one that a path, which isn't of that one, is a whole model of, and that servers read."""
    try:
        return _held(path, [name for name in looks_like(path) if name not in (model_format, keras.FORMAT.id)])[0]
    except (OSError, OutsideError):
        return ()


def one_of(path: Path, fitting: Iterable[str]) -> InputError:
    """The error for a model that is of several formats."""
    names = ", ".join(fitting)
    return InputError(
        f"{path} holds what several formats have: {names}.", fix=f"Say which: write model.format, one of {names}."
    )


def _held(path: Path, meant: Iterable[str]) -> tuple[tuple[str, ...], list[InputError]]:
    """Those formats of which it is a whole model, and what is wrong with it as one of the others.

    Raises:
        OutsideError: It can't be read.
    """
    fitting, wrong = [], []
    for name in meant:
        try:
            formats()[name].look(path, lambda _: None)
        except InputError as error:
            wrong.append(error)
        except OSError as error:
            raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error
        else:
            fitting.append(name)
    return tuple(fitting), wrong


def _inside(path: Path) -> str:
    """Where a model lies in a folder that is none."""
    try:
        entries = sorted(path.iterdir())[:MOST_LOOKED_INTO] if path.is_dir() else []
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error
    found = [entry for entry in entries if not entry.name.startswith(".") and looks_like(entry)]
    if path.is_dir() and not entries:
        return " It is empty."
    return f" Use --model {found[0]}." if len(found) == 1 else ""


def _wanted() -> str:
    return f"--model wants {'; or '.join(f'{known.wanted} ({name})' for name, known in formats().items())}."
