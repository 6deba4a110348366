"""Entries that are found by the module they lie in, so that a new one is a new file and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Entry(Protocol):
    """What a module declares."""

    @property
    def id(self) -> str:
        """Its name in service files, messages and folders."""


E = TypeVar("E", bound=Entry)


def entries(package: str, path: Iterable[str], kind: type[E]) -> Mapping[str, E]:
    """Every entry of a package by id: each module that holds one of that kind under the kind's name in capitals.

    Args:
        package: The package's name.
        path: Its ``__path__``.
        kind: The class, ``Format`` for modules with a ``FORMAT``.
    """
    found = {}
    for module in pkgutil.iter_modules(path):
        entry = getattr(importlib.import_module(f"{package}.{module.name}"), kind.__name__.upper(), None)
        if isinstance(entry, kind):
            found[entry.id] = entry
    return MappingProxyType(dict(sorted(found.items())))
