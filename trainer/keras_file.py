"""A ``.keras`` file that somebody brings along, made into a format that servers load.

It is loaded as Keras loads what it doesn't trust (``safe_mode``): its own layers run, and no code out of the file. Then
it goes the way of what is trained here: exported, read back by another program, and held against Keras' own answers.
There are no held-out examples, so made-up inputs by a fixed seed are asked about.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from generator.model.artifact import CONVERTED
from trainer import backend, formats, key, parity
from trainer.data.dataset import Dataset, Examples
from trainer.formats.base import Trained
from trainer.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

SEED = 7
ROWS = 16
FREE = 8
"""The size of a dimension that is free and no batch."""
WORDS = ("a", "b")
UNFILLED = ".*freshly-initialized weights"
"""Of what Keras warns of when it loads a model, that layers got no weights out of the file (saving_lib.py)."""


@dataclass(frozen=True)
class Converted:
    """What became of the file.

    Attributes:
        path: The model in the other format.
        facts: For the record: that it was converted, from what, and how near its answers are.
    """

    path: Path
    facts: Mapping[str, Any] = field(default_factory=dict)


def converts_to(model_format: str) -> bool:
    """Whether a ``.keras`` file can become one of a format."""
    return model_format in formats.exporters()


def origin(path: Path) -> dict[str, Any]:
    """What a conversion starts from, for the record: equal ones needn't be made twice.

    Raises:
        InputError: The extra ``train`` isn't installed.
        OutsideError: The file can't be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OutsideError(f"can't read {path}: {error.strerror or error}.") from error
    return {"format": "keras", "sha256": digest, "by": key.versions()}


def convert(path: Path, model_format: str, into: Path) -> Converted:
    """Export the model in another format.

    Args:
        path: A ``.keras`` file that was looked at and is whole.
        model_format: One that ``converts_to`` says yes to.
        into: An empty folder.

    Raises:
        InputError: Keras doesn't load it safely, or the format can't hold it.
        AnswerIsNoError: What was exported answers otherwise.
        OutsideError: The folder can't be written.
    """
    exporter = formats.find(model_format)
    model = _named(_load(path), path)
    trained = Trained(model=model, network=Network(prepare=None, body=model, answer=dict), dataset=_made_up(model))
    if reason := exporter.refusal(trained):
        raise InputError(
            f"it can't be exported as {model_format}: {reason}.",
            fix="Write another model.format.",
            place=Place(str(path)),
        )
    target = into / exporter.entry
    exporter.write(trained, target)
    held = parity.demand(trained, exporter.read(target), model_format)
    return Converted(target, {CONVERTED: origin(path), "parity": {model_format: held}})


def _load(path: Path) -> Any:
    """The model, by Keras' own layers alone.

    Raises:
        InputError: Its parts don't fit, or this Keras doesn't know them.
    """
    keras = backend.keras()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=UNFILLED)
            return keras.saving.load_model(str(path), compile=False, safe_mode=True)
    except (ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError, OSError, UserWarning) as error:
        said = str(error).strip().partition("\n")[0][:300].rstrip(".") or type(error).__name__
        raise InputError(
            f"Keras {keras.__version__} doesn't load it: {said}.",
            fix="Export it where it was made: model.export('model'), then --model model.",
            place=Place(str(path)),
        ) from error


def _named(model: Any, path: Path) -> Any:
    """The model from inputs to outputs by name, as exporters take it.

    Raises:
        InputError: It doesn't say its inputs.
    """
    keras = backend.keras()
    if not getattr(model, "inputs", None):
        fix = "Export it yourself: model.export('model', input_signature=[…]), then --model model."
        raise InputError("it doesn't say its inputs: it was never called.", fix=fix, place=Place(str(path)))
    structure = model.inputs[0] if isinstance(model, keras.Sequential) else model.input
    given = structure if isinstance(structure, dict) else {each.name: each for each in model.inputs}
    inputs = {name: keras.Input(batch_shape=each.shape, dtype=each.dtype, name=name) for name, each in given.items()}
    if isinstance(structure, dict):
        answered = model(dict(inputs))
    else:
        answered = model(list(inputs.values()) if isinstance(structure, list | tuple) else next(iter(inputs.values())))
    if not isinstance(answered, dict):
        several = answered if isinstance(answered, list | tuple) else [answered]
        names = getattr(model, "output_names", None) or [layer.name for layer in model.layers[-len(several) :]]
        answered = dict(zip(names, several, strict=True))
    return keras.Model(inputs, answered)


def _made_up(model: Any) -> Dataset:
    """Inputs that the model takes, the same each time."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    random = np.random.default_rng(SEED)

    def some(tensor: Any) -> NDArray[Any]:
        first, *rest = tensor.shape or (ROWS,)
        shape = (first or ROWS, *(size or FREE for size in rest))
        kind = str(tensor.dtype)
        if kind == "string":
            return random.choice(np.array(WORDS, dtype=object), shape)
        if "float" in kind:
            return random.normal(size=shape).astype("float32" if kind == "bfloat16" else kind)
        return random.integers(0, 2, shape).astype(kind)

    inputs = {name: some(tensor) for name, tensor in model.input.items()}
    part = Examples(inputs=inputs, targets=np.zeros(len(next(iter(inputs.values())))))
    return Dataset(name="made up", train=part, test=part, classes=(), split="", licence="")
