"""The losses for TensorBoard."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from generator.errors import OutsideError
from trainer import backend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trainer.fitting.history import Epoch

LOSS = "epoch_loss"
"""As Keras' own callback names it, so that runs of both stand in one chart."""

RATE = "epoch_learning_rate"


@contextlib.contextmanager
def board(folder: Path | None, key: str) -> Iterator[Callable[[int, Epoch, float], None]]:
    """A function that takes an epoch's index, its losses and the step size, and logs them.

    A run's logs lie in ``<folder>/<first 12 digits of the training key>/train`` and ``…/validation``, so that runs of
    other settings stand beside it; one that is resumed goes on in the same.

    Args:
        folder: What TensorBoard is pointed at; None where nobody asked for logs.
        key: The training key.

    Raises:
        OutsideError: The logs can't be written.
    """
    if folder is None:
        yield lambda _index, _epoch, _rate: None
        return
    tf = backend.tensorflow()
    writers: dict[str, Any] = {}

    def scalar(part: str, name: str, value: float, index: int) -> None:
        if part not in writers:
            writers[part] = tf.summary.create_file_writer(str(folder / key[:12] / part))
        with writers[part].as_default():
            tf.summary.scalar(name, value, step=index)

    def log(index: int, epoch: Epoch, rate: float) -> None:
        with _as_outside(folder):
            scalar("train", LOSS, epoch.loss, index)
            scalar("train", RATE, rate, index)
            if epoch.validation is not None:
                scalar("validation", LOSS, epoch.validation, index)
            for writer in writers.values():
                writer.flush()

    try:
        yield log
    finally:
        for writer in writers.values():
            writer.close()


@contextlib.contextmanager
def _as_outside(folder: Path) -> Iterator[None]:
    tf = backend.tensorflow()
    try:
        yield
    except (OSError, tf.errors.OpError) as error:
        reason = str(error).partition("\n")[0].rpartition("; ")[2].strip(" .")
        raise OutsideError(
            f"can't write TensorBoard's logs to {folder}: {reason}.", fix="Name a folder that can be written."
        ) from error
