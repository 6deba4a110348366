"""The settings of a run: what the service file says, and for what it doesn't say what fits the task and the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.decoding.shapes import keys_of
from generator.errors import InputError

if TYPE_CHECKING:
    from generator.service import Train
    from trainer.tasks.base import Task

BATCH_SIZE = 32


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a network is fitted, every number resolved. All of it decides what training gives.

    Attributes:
        epochs: Passes over the training data.
        seed: Of every source of chance.
        batch_size: Examples a step.
        learning_rate: Adam's step size.
        hidden: Units of each hidden layer, empty for a linear model; None where the layers are no choice.
    """

    epochs: int
    seed: int
    batch_size: int
    learning_rate: float
    hidden: tuple[int, ...] | None = None

    def record(self) -> dict[str, Any]:
        """The settings as a record has them, by the service file's names; what is no choice isn't there."""
        values = {key.name: getattr(self, key.field) for key in keys_of(Settings).values()}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }


def settings(spec: Train, task: Task) -> Settings:
    """Resolve what the service file leaves open.

    Raises:
        InputError: It chooses hidden layers for a task whose layers are no choice.
    """
    if spec.hidden is not None and task.hidden is None:
        raise InputError(f"the layers of {task.id} can't be chosen.", fix="Take model.train.hidden out.")
    return Settings(
        epochs=task.epochs if spec.epochs is None else spec.epochs,
        seed=spec.seed,
        batch_size=BATCH_SIZE if spec.batch_size is None else spec.batch_size,
        learning_rate=task.learning_rate if spec.learning_rate is None else spec.learning_rate,
        hidden=task.hidden if spec.hidden is None else spec.hidden,
    )
