"""The service file's part on training: what is trained, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from generator.decoding.shapes import Bounds, Choices, Fragment
from generator.service.types import BrokenRules  # noqa: TC001 (the decoder reads the types of what it holds)

PRECISIONS = ("float32", "mixed_float16", "mixed_bfloat16")
"""Keras' names of what a network computes in while it is trained; its weights and its export are float32 always."""


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """When training ends before the last epoch: where the loss of the examples set aside no longer falls."""

    patience: Annotated[int, "Epochs without a better validation loss before training ends.", Bounds(1, 10_000)]
    min_delta: Annotated[float, "By how much a loss has to be less to be better.", Bounds(0, 1e9)] = 0.0


@dataclass(frozen=True, kw_only=True)
class Train:
    """What is trained. The file's digest follows from it, the data and the library versions."""

    task: Annotated[
        str | None, "What the model does, such as image-classification; with entrypoint it says what is measured."
    ] = None
    entrypoint: Annotated[
        str | None,
        "Your own code, module:function, which gives a Keras model; from the service file's folder, or installed.",
    ] = None
    data: Annotated[
        str | None,
        "A named set, such as digits, or a path: .csv, .parquet, .npz, a folder of images or of tf.data, or "
        "your own module:function; without it the task's own.",
    ] = None
    target: Annotated[
        str | None, "The column that is learned, for data in columns (.csv, .parquet); of ratings the rating."
    ] = None
    features: Annotated[
        tuple[str, ...],
        "The columns that it is learned from, in their order; without it all but the target. Of ratings the user, the "
        "item and, where there is one, the time.",
    ] = ()
    test: Annotated[
        str | None,
        "The path of the held-out data, for data in columns; without it a fifth of each class, or of all, is held out.",
    ] = None
    image_size: Annotated[
        tuple[Annotated[int, Bounds(1, 4096)], ...],
        "Height and width, for a folder of images; without it theirs, which have to be equal.",
    ] = ()
    hidden: Annotated[
        tuple[Annotated[int, Bounds(1, 65_536)], ...] | None,
        "Units of each hidden layer, for tasks on images and columns; [] is a linear model; without it the task's own.",
    ] = None
    parameters: Annotated[Fragment, "Anything, for your own code."] = field(default_factory=dict)
    epochs: Annotated[int | None, "Passes over the training data; without it the task's own.", Bounds(1, 10_000)] = None
    seed: Annotated[int, "The same seed gives the same metrics.", Bounds(0, 2**31 - 1)] = 7
    batch_size: Annotated[int | None, "Examples a step; without it what fits the data.", Bounds(1, 65_536)] = None
    learning_rate: Annotated[
        float | None, "Adam's step size; without it what fits the batch size.", Bounds(1e-9, 10)
    ] = None
    warmup: Annotated[
        float | None,
        "The share of all steps, at the start, in which the step size grows from 0; without it what fits the data.",
        Bounds(0, 1),
    ] = None
    decay: Annotated[
        float | None,
        "The share of all steps, at the end, in which the step size falls to 0; without it what fits the data.",
        Bounds(0, 1),
    ] = None
    precision: Annotated[
        str, "What the network computes in while it is trained; what is exported is float32.", Choices(PRECISIONS)
    ] = "float32"
    validation: Annotated[
        float | None,
        "The share of the training data that isn't trained on and shows how each epoch does; without it 0, with "
        "earlyStopping 0.1.",
        Bounds(0, 0.9),
    ] = None
    early_stopping: Annotated[
        EarlyStopping | None, "Ends training early, and takes the weights of the best epoch; without it all are run."
    ] = None

    def broken_rules(self) -> BrokenRules:
        """Something is trained; what stands beside it is whole, and is for someone."""
        if self.task is None and self.entrypoint is None:
            yield ("task",), "what is trained?", "Name a task, or an entrypoint: code of your own, as module:function."
        if len(self.image_size) not in (0, 2):
            yield ("imageSize",), "an image has a height and a width.", "Write for example imageSize: [64, 64]."
        if self.parameters and self.entrypoint is None and ":" not in (self.data or ""):
            yield ("parameters",), "parameters are for code of your own, and there is none.", "Take them out."
        if self.early_stopping and self.validation == 0:
            yield (
                ("validation",),
                "earlyStopping looks at the loss of examples that aren't trained on, and here are none.",
                "Leave validation out for a tenth of the training data, or name another share.",
            )
