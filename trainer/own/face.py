"""What code of your own is given and what it gives back: the part of the trainer that others import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset, Examples
    from trainer.settings import Settings

Metrics = Callable[["Examples", "NDArray[Any]"], Mapping[str, Any]]
"""From held-out examples and the network's raw outputs for them to metrics: numbers, or mappings and lists of some."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the function of ``model.train.entrypoint`` is called with; chance is seeded already.

    Attributes:
        settings: Epochs, batch size, learning rate, seed, and ``parameters``: what ``model.train.parameters`` holds.
        dataset: The data. Only ``dataset.train`` is to be learned from.
        folder: The service file's.
    """

    settings: Settings
    dataset: Dataset
    folder: Path


@dataclass(frozen=True, kw_only=True)
class DataRequest:
    """What the function of ``model.train.data`` is called with.

    Attributes:
        parameters: What ``model.train.parameters`` holds.
        folder: The service file's.
    """

    parameters: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True, kw_only=True, eq=False)
class Made:
    """What the function of ``model.train.entrypoint`` gives back; a bare Keras model stands for ``Made(model=…)``.

    Attributes:
        model: A Keras model from the inputs (the only one as it is, several by name) or from what ``prepare`` gives, to
            raw outputs: a logit or a probability a class [batch, classes], or a number [batch, 1]. One that isn't
            compiled is compiled with Adam and cross-entropy or the mean squared error; one that is keeps what it has.
        prepare: A Keras model of fixed weights from the inputs by name to what ``model`` takes. It isn't trained, and
            is exported with it.
        answer: From the raw outputs to what a server answers, by name, in operations of ``keras.ops`` and Keras'
            layers. Without it ``probabilities`` and ``class``, or ``prediction``.
        metrics: More metrics of the held-out examples; a gate may name them. Without a kind of metrics of ours that
            fits the targets, the only ones.
        trained: Whether the model is trained already; it isn't trained again then.
    """

    model: Any
    prepare: Any = None
    answer: Callable[[Any], Mapping[str, Any]] | None = None
    metrics: Metrics | None = None
    trained: bool = False
