"""The settings of a run: what the service file says, and for what it doesn't say what fits the task and the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.decoding.shapes import keys_of
from generator.errors import InputError

if TYPE_CHECKING:
    from generator.service import Train
    from trainer.tasks.base import Task

EPOCHS = 12
"""Passes over the training data of code of the user's."""

BATCH_SIZE = 32

LEARNING_RATE = 0.001
"""Adam's step size for code of the user's."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a network is fitted, every number resolved. All of it decides what training gives.

    Attributes:
        epochs: Passes over the training data.
        seed: Of every source of chance.
        batch_size: Examples a step.
        learning_rate: Adam's step size.
        hidden: Units of each hidden layer, empty for a linear model; None where the layers are no choice.
        parameters: What code of the user's is given.
    """

    epochs: int
    seed: int
    batch_size: int
    learning_rate: float
    hidden: tuple[int, ...] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """The settings as a record has them, by the service file's names; what is no choice isn't there."""
        values = {key.name: getattr(self, key.field) for key in keys_of(Settings).values()}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None and value != {}
        }


def settings(spec: Train, task: Task | None) -> Settings:
    """Resolve what the service file leaves open.

    Args:
        spec: What it says.
        task: The task whose network is trained; None for code of the user's.

    Raises:
        InputError: It chooses hidden layers where they are no choice.
    """
    if spec.hidden is not None and (task is None or task.hidden is None):
        raise InputError(
            f"the layers of {task.id if task else 'your own code'} can't be chosen.", fix="Take model.train.hidden out."
        )
    return Settings(
        epochs=(task.epochs if task else EPOCHS) if spec.epochs is None else spec.epochs,
        seed=spec.seed,
        batch_size=BATCH_SIZE if spec.batch_size is None else spec.batch_size,
        learning_rate=(task.learning_rate if task else LEARNING_RATE)
        if spec.learning_rate is None
        else spec.learning_rate,
        hidden=(task.hidden if task else None) if spec.hidden is None else spec.hidden,
        parameters=spec.parameters,
    )
