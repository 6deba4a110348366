"""The network of a run: what is trained, and the whole that a server gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

PREDICT_BATCH = 1024
"""Examples a call where many are asked about."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A network in three parts, each of Keras' own layers, so that every export holds all of them.

    Training runs over ``body`` alone: what ``prepare`` makes of the inputs doesn't change from step to step, and is
    made once. The server gets the whole: ``prepare``, ``body``, ``answer``.

    Attributes:
        prepare: A Keras model from the raw inputs, by their names, to the features that ``body`` takes. It holds what a
            client would otherwise have to repeat: scaling, vocabularies, spectra. Its weights are fixed before
            training. None where the inputs are the features: then ``body`` takes the only input, or all by name.
        body: The Keras model from features to raw outputs (logits, scores), which is trained.
        finish: A Keras model from the features and ``body``'s raw output to the raw output that is measured and
            answered, where that is another than the one that is trained: what a user has rated isn't recommended. None
            where it is the same.
        answer: From ``body``'s raw output to the outputs by name, in operations of ``keras.ops`` and Keras' layers.
    """

    prepare: Any
    body: Any
    answer: Callable[[Any], Mapping[str, Any]]
    finish: Any = None

    def features(self, inputs: Mapping[str, NDArray[Any]]) -> Any:
        """What ``body`` takes, for raw inputs: an array, or arrays by name."""
        if self.prepare is None:
            return next(iter(inputs.values())) if len(inputs) == 1 else dict(inputs)
        return self.prepare.predict(tensors(inputs), batch_size=PREDICT_BATCH, verbose=0)

    def raw(self, inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """The raw outputs that are answered, for raw inputs, many at a time."""
        features = self.features(inputs)
        found: NDArray[Any] = self.body.predict(features, batch_size=PREDICT_BATCH, verbose=0)
        if self.finish is not None:
            found = self.finish.predict([features, found], batch_size=PREDICT_BATCH, verbose=0)
        return found

    def whole(self, inputs: Mapping[str, NDArray[Any]]) -> Any:
        """The Keras model that a server gets: from named raw inputs to named outputs.

        Args:
            inputs: Examples of the raw inputs, for their names, types and shapes [examples, …].
        """
        keras = backend.keras()
        named = {name: keras.Input(array.shape[1:], dtype=_dtype(array), name=name) for name, array in inputs.items()}
        if self.prepare is not None:
            features = self.prepare(named)
        else:
            features = next(iter(named.values())) if len(named) == 1 else named
        raw = self.body(features)
        return keras.Model(named, dict(self.answer(raw if self.finish is None else self.finish([features, raw]))))


def _dtype(array: NDArray[Any]) -> str:
    """Keras' name of an array's element type; text is ``string``."""
    return "string" if array.dtype.kind in "OUS" else str(array.dtype)


def tensors(inputs: Mapping[str, NDArray[Any]]) -> Mapping[str, Any]:
    """The inputs as Keras takes them: text has to be a tensor already."""
    return {
        name: backend.tensorflow().constant(array.astype(object)) if _dtype(array) == "string" else array
        for name, array in inputs.items()
    }


def tables(model: Any) -> Iterator[Any]:
    """The lookup tables of Keras' layers of vocabularies, which are no weights and have to be kept beside them."""
    for layer in model._flatten_layers():  # noqa: SLF001 (Keras has no other way to all layers, at any depth)
        table = getattr(layer, "lookup_table", None)
        if table is not None:
            yield table
