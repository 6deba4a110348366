"""What every data set is made into."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Training data, and held-out data that training never sees.

    Attributes:
        name: Its name: one of ``trainer.data.SOURCES``, or ``npz`` for a file.
        train_inputs: The inputs, examples first; for images float32 [examples, height, width] from 0 to 1.
        train_labels: The classes, int64 [examples], from 0 to ``classes - 1``.
        test_inputs: As ``train_inputs``, held out.
        test_labels: As ``train_labels``, held out.
        classes: How many classes there are.
        split: How the held-out part was chosen, a sentence.
        licence: Under what terms the data stand and whose they are, a sentence.
        packages: The distributions that ship the data, whose version decides what they are.
    """

    name: str
    train_inputs: NDArray[Any]
    train_labels: NDArray[Any]
    test_inputs: NDArray[Any]
    test_labels: NDArray[Any]
    classes: int
    split: str
    licence: str
    packages: tuple[str, ...] = ()

    @functools.cached_property
    def fingerprint(self) -> str:
        """The sha256 of the four arrays, with their types and shapes, the same on every machine."""
        digest = hashlib.sha256()
        for array in (self.train_inputs, self.train_labels, self.test_inputs, self.test_labels):
            portable = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
            digest.update(f"{portable.dtype.str} {portable.shape}\n".encode())
            digest.update(portable.data)
        return digest.hexdigest()

    def contaminated(self) -> int:
        """How many held-out examples stand in the training data as well."""
        seen = {_digest(example) for example in self.train_inputs}
        return sum(_digest(example) in seen for example in self.test_inputs)


def _digest(example: NDArray[Any]) -> bytes:
    """Short, since MNIST's training images take 188 MB as they are."""
    return hashlib.blake2b(example.tobytes(), digest_size=16).digest()


def pixels_to_unit(pixels: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers from 0 to 255 as float32 from 0 to 1, which is how the network wants images."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    return pixels.astype(np.float32) / np.float32(255)
