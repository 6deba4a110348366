"""What a network is made of once it is told number by number, as PMML tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


class UnsayableError(Exception):
    """What PMML has no words for, the end of a sentence."""


@dataclass(frozen=True)
class Field:
    """An input that is a number, by its name."""

    name: str


@dataclass(frozen=True)
class Category:
    """1 where an input that is text has a certain value, else 0."""

    field: str
    value: str


@dataclass(frozen=True)
class Neuron:
    """What a neuron gives, by its layer's number and its own in it."""

    layer: int
    index: int


@dataclass(frozen=True)
class Term:
    """A number: something times a factor plus an offset.

    Attributes:
        source: Of what.
        factor: The factor.
        offset: The offset.
        missing: What the term is where the field's value is missing; None where nothing stands for it.
    """

    source: Field | Category | Neuron
    factor: float = 1.0
    offset: float = 0.0
    missing: float | None = None

    def scaled(self, factor: float, offset: float) -> Term:
        """This times a factor plus an offset."""
        missing = None if self.missing is None else self.missing * factor + offset
        return Term(self.source, self.factor * factor, self.offset * factor + offset, missing)


@dataclass(frozen=True)
class Text:
    """An input that is text, by its name."""

    name: str


@dataclass(frozen=True)
class Code:
    """The number of a text in a vocabulary.

    Attributes:
        name: The input.
        words: Number to word; None for a number that stands for all that isn't known.
    """

    name: str
    words: tuple[str | None, ...]


@dataclass(frozen=True)
class Gap:
    """Whether a term's value is missing."""

    of: Term


@dataclass(frozen=True)
class Best:
    """The number of the greatest of some terms."""

    among: tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of neurons.

    Attributes:
        sources: What each input of it is: a field's term, a category, or a neuron of a layer before.
        weights: [sources, neurons].
        bias: [neurons].
        activation: PMML's name of the activation function.
        softmax: Whether its neurons are brought to a sum of 1.
        copies: The number of the layer whose neurons it takes over one by one; None for most.
    """

    sources: tuple[Term, ...]
    weights: NDArray[Any]
    bias: NDArray[Any]
    activation: str = "identity"
    softmax: bool = False
    copies: int | None = None
