"""What a task is: the parts of a training run that differ from one kind of model to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What a server offers of a trained model.

    Attributes:
        function: Takes the inputs by position, gives a dictionary of outputs by name.
        inputs: A ``tf.TensorSpec`` with a name for each input, the first dimension free.
        weights: The ``tf.Variable`` objects that the function reads.
    """

    function: Callable[..., dict[str, Any]]
    inputs: tuple[Any, ...]
    weights: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One kind of model.

    Attributes:
        name: What ``model.train.task`` says.
        summary: What it does, one line.
        network: The untrained Keras model for a data set.
        loss: The Keras loss that training lowers.
        endpoint: What a server offers of the trained Keras model.
        evaluate: Metrics, as JSON has them, of the network's raw outputs against the labels.
        headline: The metrics that the one-line summary names.
        table: The metrics as lines for a person.
    """

    name: str
    summary: str
    network: Callable[[Dataset], Any]
    loss: Callable[[], Any]
    endpoint: Callable[[Any, Dataset], Endpoint]
    evaluate: Callable[[NDArray[Any], NDArray[Any]], dict[str, Any]]
    headline: tuple[str, ...]
    table: Callable[[Mapping[str, Any]], str]
