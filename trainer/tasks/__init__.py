"""What can be trained: one module each, discovered, never listed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError
from generator.model import discovered
from trainer.tasks.base import Task

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def tasks() -> Mapping[str, Task]:
    """Every task by id: each module of this package that holds ``TASK``."""
    return discovered.entries(__name__, __path__, Task)


def find(name: str) -> Task:
    """A task by its name.

    Raises:
        InputError: There is none of that name.
    """
    if name not in tasks():
        raise InputError(f"there is no task '{name}'.", fix=nearest(name, tasks()))
    return tasks()[name]
