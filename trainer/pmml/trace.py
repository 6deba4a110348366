"""A Keras model, walked with symbols instead of numbers, so that PMML can tell it.

Arrays keep the model's shapes without the batch; each element is a symbol of ``trainer.pmml.terms``. What isn't known
here is refused by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from trainer.pmml import operations
from trainer.pmml.terms import Best, Layer, Neuron, Term, UnsayableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray


@dataclass(eq=False)
class Sheet:
    """The layers of a network, as they are found.

    Attributes:
        layers: In the order of the model.
    """

    layers: list[Layer] = field(default_factory=list)

    def add(self, layer: Layer) -> list[Term]:
        """Add a layer: the terms of its neurons."""
        self.layers.append(layer)
        return self.terms(len(self.layers) - 1)

    def terms(self, number: int) -> list[Term]:
        """The terms of a layer's neurons."""
        return [Term(Neuron(number, index)) for index in range(len(self.layers[number].bias))]


@dataclass(frozen=True, eq=False)
class Told:
    """A network in PMML's words.

    Attributes:
        layers: Its layers.
        probabilities: The output that has a probability a class; empty for a number.
        best: The output that has the likeliest class; empty where there is none, or for a number.
        number: The output that has a number, and what it is; None for classes.
    """

    layers: tuple[Layer, ...]
    probabilities: str = ""
    best: str = ""
    number: tuple[str, Term] | None = None


def trace(model: Any, inputs: Mapping[str, NDArray[Any]]) -> Told:
    """Walk a model.

    Args:
        model: The whole Keras model, from named inputs to named outputs.
        inputs: The symbols of each input.

    Raises:
        UnsayableError: PMML can't tell it.
    """
    sheet = Sheet()
    outputs = _walk(sheet, model, [{name: inputs[name] for name in model.input}])
    return _told(sheet, outputs)


def _walk(sheet: Sheet, model: Any, given: list[Any]) -> Any:
    """What a model gives for symbols."""
    inner = getattr(model, "_functional", None) or model  # a Sequential keeps its graph there

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if hasattr(operation, "_run_through_graph") or getattr(operation, "_functional", None):
            return _walk(sheet, operation, list(args))
        name = type(operation).__name__
        if name not in operations.KNOWN:
            raise UnsayableError(f"it has no words for {_titled(operation, name)}")
        try:
            return operations.KNOWN[name](sheet, operation, *args, **kwargs)
        except (TypeError, ValueError) as error:  # called in a way that isn't known here
            raise UnsayableError(f"it has no words for {_titled(operation, name)} as it is used here") from error

    return inner._run_through_graph(given, lambda operation: operation, call)  # noqa: SLF001 (Keras has no other walk)


def _titled(operation: Any, name: str) -> str:
    kind = "the layer" if hasattr(operation, "get_weights") else "the operation"
    return f"{kind} {name} ({operation.name})"


def _told(sheet: Sheet, outputs: Mapping[str, Any]) -> Told:
    """Which output is what.

    Raises:
        UnsayableError: They are neither a class with probabilities nor one number.
    """
    flat = {name: _elements(value) for name, value in outputs.items()}
    softmax = {name: terms for name, terms in flat.items() if _layer_of(sheet, terms, softmax=True) is not None}
    best = {name: terms[0] for name, terms in flat.items() if len(terms) == 1 and isinstance(terms[0], Best)}
    if len(softmax) == 1 and len(best) <= 1 and len(softmax) + len(best) == len(flat):
        (name,) = softmax
        _demand_same(sheet, softmax[name], next(iter(best.values()), None))
        return Told(_merged(sheet.layers), probabilities=name, best=next(iter(best), ""))
    if len(flat) == 1:
        ((name, terms),) = flat.items()
        if len(terms) == 1 and isinstance(terms[0], Term) and isinstance(terms[0].source, Neuron):
            layers = _merged(sheet.layers)
            last = replace(terms[0].source, layer=len(layers) - 1)  # what one number comes from is traced last
            return Told(layers, number=(name, replace(terms[0], source=last)))
    listed = ", ".join(outputs)
    raise UnsayableError(f"it tells a class with its probabilities, or one number, and the outputs are {listed}")


def _demand_same(sheet: Sheet, probabilities: list[Any], best: Best | None) -> None:
    """The class is the likeliest, or the greatest of what the probabilities are made of.

    Raises:
        UnsayableError: It is another.
    """
    layer = _layer_of(sheet, probabilities, softmax=True)
    if best is None or layer is None:
        return
    if _layer_of(sheet, list(best.among), softmax=False) not in (layer, sheet.layers[layer].copies):
        raise UnsayableError("the class that it tells is the likeliest one, and the model's is another")


def _layer_of(sheet: Sheet, terms: list[Any], *, softmax: bool) -> int | None:
    """The layer whose neurons the terms are, all and in order; None where they aren't."""
    first = terms[0] if terms else None
    if not (isinstance(first, Term) and isinstance(first.source, Neuron)):
        return None
    number = first.source.layer
    layer = sheet.layers[number]
    if (softmax and not layer.softmax) or terms != sheet.terms(number):
        return None
    return number


def _elements(value: Any) -> list[Any]:
    return list(value.ravel())


def _merged(layers: list[Layer]) -> tuple[Layer, ...]:
    """Without layers whose neurons the next one only takes over, for its activation or its sum of 1."""
    number = 0
    made = list(layers)
    while number < len(made):
        copied = made[number].copies
        if copied is None or not _mergeable(made, copied, number):
            number += 1
            continue
        upper = made[number]
        made[copied] = replace(made[copied], activation=upper.activation, softmax=upper.softmax)
        del made[number]
        made = [_renumbered(layer, number, copied) for layer in made]
    return tuple(made)


def _mergeable(layers: list[Layer], lower: int, upper: int) -> bool:
    plain = layers[lower].activation == "identity" and not layers[lower].softmax
    readers = {number for number, layer in enumerate(layers) if lower in _read(layer)}
    return plain and readers == {upper}


def _read(layer: Layer) -> Iterator[int]:
    """The layers that a layer reads."""
    return (term.source.layer for term in layer.sources if isinstance(term.source, Neuron))


def _renumbered(layer: Layer, gone: int, instead: int) -> Layer:
    """The layer after another was merged into the one that it took over."""

    def moved(number: int) -> int:
        return instead if number == gone else number - (number > gone)

    sources = tuple(
        replace(term, source=replace(term.source, layer=moved(term.source.layer)))
        if isinstance(term.source, Neuron)
        else term
        for term in layer.sources
    )
    return replace(layer, sources=sources, copies=None if layer.copies is None else moved(layer.copies))
