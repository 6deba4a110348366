"""TensorFlow's SavedModel: writing one that a server takes, and reading it back."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from generator.model.artifact import Signature, Tensor
from trainer import backend
from trainer.formats.base import Exporter, Tensors
from trainer.network import tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.formats.base import Trained

SIGNATURE = "serving_default"
"""The signature that TensorFlow Serving answers with when a request names none."""


def refusal(trained: Trained) -> str:
    """Which name of an input TensorFlow can't have: they are those of a function's parameters."""
    for name in trained.model.input:
        if (
            not (name.isascii() and name.isidentifier() and name[0].isalpha())
            or keyword.iskeyword(name)
            or name == "self"
        ):
            return (
                f"an input is called '{name}', and TensorFlow's signatures have the names that Python's parameters have"
            )
    return ""


def write(trained: Trained, folder: Path) -> None:
    """Write ``saved_model.pb`` and ``variables/`` into a new folder.

    A plain module that holds the endpoint, its weights and tables is saved, not Keras' ExportArchive, which stores each
    weight twice (Keras 3.15.1: ``variables`` and ``_all_variables``; 815 KB for the 407 KB of the reference network).

    Raises:
        OutsideError: The disk is full, or the folder can't be written.
    """
    tf = backend.tensorflow()
    model = trained.model
    specs = {name: tf.TensorSpec(each.shape, each.dtype, name=name) for name, each in model.input.items()}

    def serve(**inputs: Any) -> Any:
        return model(inputs, training=False)

    module = tf.Module()
    module.weights = [weight.value for weight in model.weights]
    module.tables = list(tables(model))
    module.serve = tf.function(serve).get_concrete_function(**specs)
    try:
        tf.saved_model.save(module, str(folder), signatures={SIGNATURE: module.serve})
        # No object store keeps an empty folder, so a release has none either.
        for empty in [path for path in folder.iterdir() if path.is_dir() and not any(path.iterdir())]:
            empty.rmdir()
    except (OSError, tf.errors.OpError) as error:
        raise OutsideError(f"can't write the model to {folder}: {_reason(error)}.") from error


@dataclass(frozen=True)
class SavedModel(Tensors):
    """A SavedModel, loaded.

    Attributes:
        signature: As TensorFlow finds it in the files.
        loaded: TensorFlow's object, which owns the variables.
    """

    signature: Signature
    loaded: Any

    @property
    def evaluator(self) -> str:
        """TensorFlow, which loads the files anew."""
        return f"tensorflow {backend.tensorflow().__version__}"

    def answer(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """What the model says to many examples; NumPy arrays by output name."""
        tf = backend.tensorflow()
        given = {tensor.name: tf.constant(inputs[tensor.name], tensor.dtype) for tensor in self.signature.inputs}
        return {name: value.numpy() for name, value in self.loaded.signatures[SIGNATURE](**given).items()}


def read(folder: Path) -> SavedModel:
    """Load a SavedModel with TensorFlow.

    Raises:
        OutsideError: It can't be read.
    """
    tf = backend.tensorflow()
    try:
        loaded = tf.saved_model.load(str(folder))
    except (OSError, tf.errors.OpError) as error:
        raise OutsideError(f"can't read the model in {folder}: {_reason(error)}.") from error
    function = loaded.signatures[SIGNATURE]
    _, inputs = function.structured_input_signature
    signature = Signature(SIGNATURE, _tensors(inputs), _tensors(function.structured_outputs))
    return SavedModel(signature, loaded)


def _tensors(specs: Mapping[str, Any]) -> tuple[Tensor, ...]:
    return tuple(Tensor(name, spec.dtype.name, tuple(spec.shape.as_list())) for name, spec in specs.items())


def _reason(error: Exception) -> str:
    """The system's own words, such as ``No space left on device``, which TensorFlow wraps in node names and paths."""
    first_line = str(error).partition("\n")[0]
    return re.sub(r"\{\{.*?\}\}|\[Op:\w+\]", "", first_line).rpartition("; ")[2].strip(" .")


EXPORTER = Exporter(
    id="savedmodel",
    entry="savedmodel",
    whole="savedmodel/saved_model.pb",
    write=write,
    read=read,
    refusal=refusal,
)
