"""Keras' own format: for training on, and for tools that read it. No model server does."""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from generator.model.artifact import Signature, Tensor
from trainer import backend
from trainer.formats.base import Exporter, Tensors
from trainer.network import tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.formats.base import Trained

FILE = "model.keras"
NAME = "keras"
BATCH = 256
SAFE = ("keras", "builtins")
"""Packages whose code every reader has; what lies elsewhere it would have to have as well."""
CODE = ("Lambda", "__lambda__")
"""What holds code of its own, which Keras' safe mode refuses to load."""


def refusal(trained: Trained) -> str:
    """Which parts of a network have code that the file doesn't hold."""
    with _bare(trained.model):
        described = backend.keras().saving.serialize_keras_object(trained.model)
    strange = sorted(set(_strange(described)))
    return f"its reader would need the code of {', '.join(strange)}, which the file doesn't hold" if strange else ""


def _strange(described: Any) -> Iterator[str]:
    """The classes and functions in a serialised model that aren't Keras' own."""
    if isinstance(described, dict):
        name, module = described.get("class_name"), described.get("module")
        if name in CODE:
            yield "a lambda"
        elif name and "module" in described and str(module).partition(".")[0] not in SAFE:
            # Functions have no module, and are named in their config.
            inner = described.get("config")
            yield str(inner if name == "function" else described.get("registered_name") or name)
        for each in described.values():
            yield from _strange(each)
    elif isinstance(described, list | tuple):
        for each in described:
            yield from _strange(each)


def write(trained: Trained, path: Path) -> None:
    """Write ``model.keras``.

    Raises:
        OutsideError: The disk is full, or the folder can't be written.
    """
    try:
        with _quiet(), _bare(trained.model):
            trained.model.save(path)
    except OSError as error:
        raise OutsideError(f"can't write the model to {path}: {error.strerror or error}.") from error


@dataclass(frozen=True)
class Loaded(Tensors):
    """A Keras file, loaded.

    Attributes:
        model: Keras' object.
    """

    model: Any

    @property
    def evaluator(self) -> str:
        """Keras, which loads the file anew in its safe mode."""
        return f"keras {backend.keras().__version__}"

    @property
    def signature(self) -> Signature:
        """Inputs and outputs as the file names them."""
        sides = (self.model.input, self.model.output)
        return Signature(NAME, *(tuple(_tensor(name, each) for name, each in side.items()) for side in sides))

    def answer(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the model says to many examples; NumPy arrays by output name."""
        return dict(self.model.predict(tensors(inputs), batch_size=BATCH, verbose=0))


def read(path: Path) -> Loaded:
    """Load a Keras file, code of its own refused.

    Raises:
        OutsideError: It can't be read.
    """
    try:
        with _quiet():
            return Loaded(backend.keras().saving.load_model(path, compile=False, safe_mode=True))
    except (OSError, ValueError, TypeError) as error:
        raise OutsideError(f"can't read the model in {path}: {str(error).strip().splitlines()[0]}") from error


@contextlib.contextmanager
def _bare(model: Any) -> Iterator[None]:
    """Without how its parts were trained: a loss may be a function of ours, and an optimizer's state is of no use."""
    trained = [
        (layer, layer.optimizer)
        for layer in model._flatten_layers()  # noqa: SLF001 (Keras has no other way to all layers, at any depth)
        if getattr(layer, "compiled", False)
    ]
    for layer, _ in trained:
        layer.compiled, layer.optimizer = False, None
    try:
        yield
    finally:
        for layer, optimizer in trained:
            layer.compiled, layer.optimizer = True, optimizer


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what Keras does to NumPy in a way that NumPy warns of (Keras 3.15 with NumPy 2.4)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _tensor(name: str, symbol: Any) -> Tensor:
    return Tensor(name, str(symbol.dtype), tuple(symbol.shape))


EXPORTER = Exporter(id="keras", entry=FILE, whole=FILE, write=write, read=read, refusal=refusal)
