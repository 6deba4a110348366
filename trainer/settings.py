"""The settings of a run: what the service file says, and for what it doesn't say what fits the task and the data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.decoding.shapes import keys_of
from generator.errors import InputError
from generator.service import EarlyStopping

if TYPE_CHECKING:
    from generator.service import Train
    from trainer.tasks.base import Task

EPOCHS, LEARNING_RATE = 12, 0.001
"""Passes over the training data, and Adam's step size for batches of 32, for code of the user's."""

SMALL = 10_000
"""Training examples from which on larger batches lose nothing; below, each epoch has few steps anyway."""

BATCH_SIZE = 32
"""For small data; what a task's learning rate is for. The rate for another batch size grows with the root of it, as the
noise of a gradient falls; one that falls to 0 in the end may begin higher."""

LARGE_BATCH_SIZE, LARGE_WARMUP, LARGE_DECAY = 256, 0.1, 0.5
"""For the others. Measured on 60,000 shifted, noisy digits, 5 epochs: accuracy 0.980 and 0.979 of two seeds, against
0.978 and 0.978 of batches of 32 at 0.001, for half the processor time; on noisier ones 0.965 against 0.957. Without the
warm-up it is 0.95 there."""

VALIDATION = 0.1
"""The share that is set aside where early stopping needs one and the file doesn't say."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a network is fitted, every number resolved. All of it decides what training gives.

    Attributes:
        epochs: Passes over the training data, at most.
        seed: Of every source of chance.
        batch_size: Examples a step.
        learning_rate: Adam's step size.
        hidden: Units of each hidden layer, empty for a linear model; None where the layers are no choice.
        parameters: What code of the user's is given.
        warmup: The share of all steps, at the start, in which the step size grows in a line from 0.
        decay: The share of all steps, at the end, in which the step size falls in a line to 0.
        precision: Keras' name of the types that the network computes in while it is fitted.
        validation: The share of the training data that isn't trained on, and shows how each epoch does.
        early_stopping: When there is no point in another epoch; None where all are run.
    """

    epochs: int
    seed: int
    batch_size: int
    learning_rate: float
    hidden: tuple[int, ...] | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    warmup: float = 0.0
    decay: float = 0.0
    precision: str = "float32"
    validation: float = 0.0
    early_stopping: EarlyStopping | None = None

    def record(self) -> dict[str, Any]:
        """The settings as a record has them, by the service file's names; what is no choice isn't there."""
        return _named(self, Settings)


def demand(spec: Train, task: Task | None) -> None:
    """Refuse what leaves no choice.

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


def settings(spec: Train, task: Task | None, examples: int) -> Settings:
    """Resolve what the service file leaves open.

    Args:
        spec: What it says.
        task: The task whose network is trained; None for code of the user's.
        examples: How many there are to train on.

    Raises:
        InputError: As ``demand``.
    """
    demand(spec, task)
    large = examples >= SMALL
    batch_size = spec.batch_size or (LARGE_BATCH_SIZE if large else BATCH_SIZE)
    decay = LARGE_DECAY if large and batch_size > BATCH_SIZE else 0.0
    decay = decay if spec.decay is None else spec.decay
    base = task.learning_rate if task else LEARNING_RATE
    rate = base * math.sqrt(batch_size / BATCH_SIZE) * (1 + decay)
    validation = VALIDATION if spec.early_stopping else 0.0
    return Settings(
        epochs=(task.epochs if task else EPOCHS) if spec.epochs is None else spec.epochs,
        seed=spec.seed,
        batch_size=batch_size,
        learning_rate=rate if spec.learning_rate is None else spec.learning_rate,
        warmup=(LARGE_WARMUP if decay or batch_size > BATCH_SIZE else 0.0) if spec.warmup is None else spec.warmup,
        decay=decay,
        precision=spec.precision,
        validation=validation if spec.validation is None else spec.validation,
        early_stopping=spec.early_stopping,
        hidden=(task.hidden if task else None) if spec.hidden is None else spec.hidden,
        parameters=spec.parameters,
    )


def _named(part: Settings | EarlyStopping, kind: type) -> dict[str, Any]:
    values = {key.name: getattr(part, key.field) for key in keys_of(kind).values()}
    return {name: _plain(value) for name, value in values.items() if value is not None and value != {}}


def _plain(value: Any) -> Any:
    if isinstance(value, EarlyStopping):
        return _named(value, EarlyStopping)
    return list(value) if isinstance(value, tuple) else value
