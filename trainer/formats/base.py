"""What a format is that a trained model can be exported to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from generator.model.artifact import Signature
    from trainer.data.dataset import Dataset
    from trainer.network import Network


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A trained model, as exporters take it.

    Attributes:
        model: The whole Keras model, from named raw inputs to named outputs (``Network.whole``).
        network: Its parts, for a format that has words for them but not for any Keras model.
        dataset: What it was trained on: names of classes and columns.
    """

    model: Any
    network: Network
    dataset: Dataset


class Exported(Protocol):
    """Exported files, read back the way that a server reads them, by another program than the one that wrote them."""

    @property
    def evaluator(self) -> str:
        """The program that reads them and its version, such as ``onnxruntime 1.20.1``."""

    @property
    def signature(self) -> Signature | None:
        """Inputs and outputs with names, types and shapes; None where the format has no such thing."""

    def answer(self, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Outputs by name, for raw inputs by name [examples, …]."""

    def pair(self, inputs: Mapping[str, NDArray[Any]]) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]]]:
        """Request and response as the format's servers have them, for raw inputs by name [examples, …]."""


class Tensors(ABC):
    """What takes and gives the model's own inputs and outputs, as most formats do."""

    @abstractmethod
    def answer(self, inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """As ``Exported.answer``; each format has its own."""

    def pair(self, inputs: Mapping[str, NDArray[Any]]) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]]]:
        """The inputs, and the answer."""
        return inputs, self.answer(inputs)


def any_network(trained: Trained) -> str:  # noqa: ARG001 (what every exporter is asked)
    """No refusal: the format can hold whatever Keras can."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """One format.

    Attributes:
        id: What ``model.format`` says.
        entry: What is exported: a file or a folder, by its name in the format's own folder.
        whole: The file in that folder without which there is no model.
        write: Writes a trained model to a path of that name, whose folder is there.
        read: Reads it back.
        refusal: Why a network can't be held by the format, a sentence's end; empty where it can. Asked before training,
            with the untrained network.
        cannot: Our tasks whose networks it can't hold, each with the reason, for who chooses a format; a test holds it
            to ``refusal``.
        extra: The extra of Serinus that it needs.
        packages: The distributions beside TensorFlow and Keras whose versions decide what is written.
        modules: What else is imported, to read it back.
    """

    id: str
    entry: str
    whole: str
    write: Callable[[Trained, Path], None]
    read: Callable[[Path], Exported]
    refusal: Callable[[Trained], str] = any_network
    cannot: Mapping[str, str] = field(default_factory=dict)
    extra: str = "train"
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
