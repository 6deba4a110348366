"""What a task is: the parts of a training run that differ from one kind of model to the next."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from trainer.data.dataset import Dataset
    from trainer.measures.base import Measure
    from trainer.network import Network
    from trainer.settings import Settings


@dataclass(frozen=True, kw_only=True, eq=False)
class Built:
    """What a run trains.

    Attributes:
        network: The network.
        loss: The Keras loss that training lowers; None where the body is compiled already, with its own.
        measure: How it is measured.
        trained: Whether the body is trained already.
    """

    network: Network
    loss: Any
    measure: Measure
    trained: bool = False


class Trainable(Protocol):
    """What a run can train: a task of ours, or code of the user's (``trainer.own``)."""

    @property
    def id(self) -> str:
        """What it is called."""

    @property
    def code(self) -> str:
        """The fingerprint of code that isn't ours; empty where there is none."""

    def check(self, dataset: Dataset, /) -> None:
        """Raise ``InputError`` where the data can't be trained on; called before anything is built."""

    def built(self, dataset: Dataset, settings: Settings) -> Built:
        """The untrained network, and all that goes with it."""

    def guard(self, doing: str, *, certain: bool = True) -> AbstractContextManager[None]:
        """Around what may run code that isn't ours; ``certain`` where nothing else can be at fault."""

    def record(self) -> dict[str, str]:
        """What the record says of it."""

    def headline(self, metrics: Mapping[str, Any]) -> tuple[str, ...]:
        """The metrics that the one-line summary names."""

    def table(self, metrics: Mapping[str, Any]) -> str:
        """The metrics as lines for a person."""


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

    @property
    def code(self) -> str:
        """There is none but ours."""
        return ""

    def built(self, dataset: Dataset, settings: Settings) -> Built:
        """As ``Trainable`` has it."""
        return Built(network=self.network(dataset, settings), loss=self.loss(dataset), measure=self.measure)

    def guard(self, doing: str, *, certain: bool = True) -> AbstractContextManager[None]:  # noqa: ARG002 (as Trainable has it)
        """Nothing of the user's runs."""
        return contextlib.nullcontext()

    def record(self) -> dict[str, str]:
        """Its name."""
        return {"task": self.id}

    def headline(self, metrics: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG002 (as Trainable has it)
        """As its measure has it."""
        return self.measure.headline

    def table(self, metrics: Mapping[str, Any]) -> str:
        """As its measure has it."""
        return self.measure.table(metrics)
