"""The table of what can be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError
from trainer.image_classification import IMAGE_CLASSIFICATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainer.task import Task

TASKS: Mapping[str, Task] = {task.name: task for task in (IMAGE_CLASSIFICATION,)}


def find(name: str) -> Task:
    """A task by its name.

    Raises:
        InputError: There is none of that name.
    """
    if name not in TASKS:
        raise InputError(f"there is no task '{name}'.", fix=nearest(name, TASKS))
    return TASKS[name]
