"""PMML 4.4: dense networks and linear models over numbers and categories.

What it can't say is refused before training, by its name: convolutions, embeddings, spectra, texts of several words.
Dropout is no part of inference. On every machine an evaluator of our own judges the file (``trainer.pmml.evaluate``),
since the known ones need Java; the tests hold that evaluator against jpmml-evaluator, which KServe's server has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator import __version__
from generator.errors import InputError, OutsideError
from generator.model.artifact import Signature, Tensor
from trainer.formats.base import Exporter
from trainer.pmml import evaluate
from trainer.pmml import write as xml
from trainer.pmml.terms import UnsayableError
from trainer.pmml.trace import trace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset
    from trainer.formats.base import Trained

    Arrays = Mapping[str, NDArray[Any]]

FILE = "model.pmml"
NAME = "pmml"
TYPES = {"double": "float64", "integer": "int64", "string": "string"}
"""PMML's types in NumPy's words."""
TARGET = "target"
"""What is learned, where the data don't call it anything."""


def refusal(trained: Trained) -> str:
    """What of a network PMML has no words for."""
    try:
        _content(trained)
    except UnsayableError as error:
        return f"of PMML, {error}"
    return ""


def write(trained: Trained, path: Path) -> None:
    """Write ``model.pmml``.

    Raises:
        InputError: The network has become another than the one that was asked about.
        OutsideError: The disk is full, or the folder can't be written.
    """
    try:
        content = _content(trained)
    except UnsayableError as error:
        raise InputError(
            f"the model can't be exported as pmml: {error}.",
            fix="Take pmml out of model.format and model.formats, or change the network.",
        ) from error
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutsideError(f"can't write the model to {path}: {error.strerror}.") from error


def _content(trained: Trained) -> bytes:
    data = trained.dataset
    given, symbols = xml.columns(data.train.inputs, _names(data))
    told = trace(trained.model, symbols)
    if bool(data.classes) != bool(told.probabilities):
        raise UnsayableError("the data and the network don't agree whether it tells classes or a number")
    return xml.write(told, given, data.classes, str(data.notes.get(TARGET, TARGET)))


def _names(dataset: Dataset) -> dict[str, list[str]]:
    """What the columns of each input are called, as far as the data say it."""
    found: dict[str, list[str]] = {}
    for column in dataset.notes.get("columns", ()):
        found.setdefault(column["input"], []).append(column["name"])
    return found


@dataclass(frozen=True)
class Evaluated:
    """A PMML file, read.

    Attributes:
        document: What it says.
    """

    document: evaluate.Document

    @property
    def evaluator(self) -> str:
        """Our own, which reads the XML alone."""
        return f"serinus {__version__}"

    @property
    def signature(self) -> Signature:
        """A tensor a field: that is what servers of PMML take and give."""
        sides = (
            tuple(Tensor(name, TYPES[kind], (None,)) for name, kind in side.items())
            for side in (self.document.kinds, self.document.outputs)
        )
        return Signature(NAME, *sides)

    def answer(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """What the model says to many examples, by the names that the outputs have in the model."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        found = self.document.evaluate(self._fields(inputs))
        classes = self.document.classes
        probable = [name for name in found if name.endswith(")")] if classes else []
        made = {name: values for name, values in found.items() if name not in probable}
        if not classes:
            return made
        told = {name: np.array([classes.index(each) for each in values]) for name, values in made.items()}
        output = probable[0].removesuffix(f"({classes[0]})")
        return {**told, output: np.stack([found[name] for name in probable], axis=1)}

    def pair(self, inputs: Arrays) -> tuple[Arrays, Arrays]:
        """The fields, and the output fields."""
        fields = self._fields(inputs)
        return fields, self.document.evaluate(fields)

    def _fields(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """Raw inputs [examples, …] as fields [examples]; both are in the order of the data."""
        flat = [column for array in inputs.values() for column in array.reshape(len(array), -1).T]
        return dict(zip(self.document.kinds, flat, strict=True))


def read(path: Path) -> Evaluated:
    """Read a PMML file.

    Raises:
        OutsideError: It can't be read.
    """
    try:
        return Evaluated(evaluate.read(path.read_bytes()))
    except (OSError, evaluate.UnknownError) as error:
        raise OutsideError(f"can't read the model in {path}: {error}.") from error


EXPORTER = Exporter(
    id="pmml",
    entry=FILE,
    whole=FILE,
    write=write,
    read=read,
    refusal=refusal,
    cannot={
        "recommendation": "PMML has no words for a list of what is liked best",
        "speech-commands": "PMML has no words for spectra and convolutions",
        "text-classification": "PMML has no words for texts of several words, nor for embeddings",
    },
)
