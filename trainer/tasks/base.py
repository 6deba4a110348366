"""What a task is: the parts of a training run that differ from one kind of model to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.data.dataset import Dataset
    from trainer.measures.base import Measure
    from trainer.network import Network
    from trainer.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Task:
    """One kind of model.

    Attributes:
        id: What ``model.train.task`` says.
        summary: What it does, one line.
        data: The data that a new service file of it starts with: real, and there without a network.
        gate: The gate that such a file starts with; its data clear it on two cores within a minute.
        measure: How it is measured: the metrics that a gate may name.
        check: Raises ``InputError`` where the data can't be of this task; called before anything is built.
        network: The untrained network for a data set, adapted to its training part where it has to be.
        loss: The Keras loss of the network's raw outputs against a data set's targets, which training lowers.
        epochs: Passes over the training data, where the service file doesn't say.
        learning_rate: Adam's step size for batches of 32, where the service file doesn't say.
        hidden: The units of each hidden layer, where the service file doesn't say; empty is a linear model. None where
            the network's layers are no choice of the service file.
    """

    id: str
    summary: str
    data: str
    gate: tuple[tuple[str, str], ...]
    measure: Measure
    check: Callable[[Dataset], None]
    network: Callable[[Dataset, Settings], Network]
    loss: Callable[[Dataset], Any]
    epochs: int = 12
    learning_rate: float = 0.001
    hidden: tuple[int, ...] | None = None
