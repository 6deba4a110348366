"""What every data set is made into."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

TEXT = "OU"
"""NumPy's kinds of arrays that hold text."""

OWN = "the user's own data; their terms are not known"
"""The licence of what a user brings."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """One part of a data set.

    Attributes:
        inputs: What a client would send, by the input's name: arrays [examples, …] of numbers, or of text (``str``
            objects). For images float32 [examples, height, width] or [examples, height, width, channels] from 0 to 1.
            For columns float32 [examples, columns] as ``features``, or [examples] by the column's name; a missing
            number is NaN, a missing text is empty.
        targets: What is right: classes as int64 [examples] from 0, or numbers as float32 [examples];
            of recommendations a row a user, int8 [examples, items] (``trainer.data.ratings``).
    """

    inputs: Mapping[str, NDArray[Any]]
    targets: NDArray[Any]

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self.targets)

    def only(self, chosen: NDArray[Any]) -> Examples:
        """Some of the examples, by a mask or by their numbers."""
        return Examples(
            inputs={name: array[chosen] for name, array in self.inputs.items()}, targets=self.targets[chosen]
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Training data, and held-out data that training never sees.

    Attributes:
        name: Its name: one of ``trainer.data.SOURCES``, or ``npz`` and the like for a file.
        train: The part that is trained on.
        test: The part that is held out; the same inputs, of the same shapes.
        classes: What the classes are called, in the order of their numbers; empty where targets are no classes.
        split: How the held-out part was chosen, a sentence.
        licence: Under what terms the data stand and whose they are, a sentence.
        items: The ids, int64 [items], of what is recommended; None where nothing is.
        packages: The distributions that ship the data, whose version decides what they are.
        notes: What else the record has to say of them, by name, JSON-able, such as columns or that they are synthetic.
        origin: The file or folder that they were read from, as the user named it, for messages; it is in no record.
        remarks: What the user has to hear of them when they are trained on, a sentence each.
    """

    name: str
    train: Examples
    test: Examples
    classes: tuple[str, ...]
    split: str
    licence: str
    items: NDArray[Any] | None = None
    packages: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""
    remarks: tuple[str, ...] = ()

    @functools.cached_property
    def fingerprint(self) -> str:
        """The sha256 of all arrays, with their names, types and shapes, the same on every machine."""
        digest = hashlib.sha256()
        for part in (self.train, self.test):
            for name, array in (*part.inputs.items(), ("", part.targets)):
                kind, content = _portable(array)
                size = len(kind) + len(content)
                digest.update(f"{name} {array.dtype.kind} {array.shape} {size}\n".encode())
                digest.update(kind)
                digest.update(content)
        digest.update("\n".join(self.classes).encode())
        if self.items is not None:
            for content in _portable(self.items):
                digest.update(content)
        return digest.hexdigest()

    def refusal(self, message: str, fix: str = "", path: str = "") -> InputError:
        """The error of data that aren't fit, at the file that they were read from.

        Args:
            message: What is wrong, a sentence.
            fix: What to do about it.
            path: The place in them, such as a column.
        """
        if self.origin:
            return InputError(message, fix=fix, place=Place(self.origin, path=path))
        return InputError(f"the data '{self.name}': {message}", fix=fix)

    def contaminated(self) -> int:
        """How many held-out examples stand in the training data as well."""
        if self.items is not None:  # a user stands on both sides, with other ratings
            return self._rated_twice()
        seen = set(digests_of(self.train.inputs))
        return sum(digest in seen for digest in digests_of(self.test.inputs))

    def _rated_twice(self) -> int:
        """How many users have an item on both sides."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        (users,), (tested,) = self.train.inputs.values(), self.test.inputs.values()
        own = self.train.targets[np.searchsorted(users, tested)]
        return int(((own != 0) & (self.test.targets != 0)).any(axis=1).sum())


def named(count: int) -> tuple[str, ...]:
    """The names of classes that have only numbers."""
    return tuple(str(number) for number in range(count))


def digests_of(inputs: Mapping[str, NDArray[Any]]) -> Iterator[bytes]:
    """A short digest of each example, since MNIST's training images take 188 MB as they are."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    arrays = [np.ascontiguousarray(array) for array in inputs.values() if array.dtype.kind not in TEXT]
    texts = [array.reshape(len(array), -1).tolist() for array in inputs.values() if array.dtype.kind in TEXT]
    for index in range(len(next(iter(inputs.values())))):
        content = b"".join(array[index].tobytes() for array in arrays)
        for rows in texts:
            content += "".join(f"{len(text)}:{text}" for text in rows[index]).encode("utf-8", "surrogatepass")
        yield hashlib.blake2b(content, digest_size=16).digest()


def lacking_of(part: Examples) -> NDArray[Any]:
    """Whether each example lacks a number [examples]."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    lacking = np.zeros(len(part), dtype=bool)
    for array in part.inputs.values():
        if array.dtype.kind == "f":
            lacking |= np.isnan(array).reshape(len(part), -1).any(axis=1)
    return lacking


def _portable(array: NDArray[Any]) -> tuple[bytes, bytes | memoryview]:
    """The element type of an array and its content, in bytes that are the same on every machine; not copied."""
    if array.dtype.kind in TEXT:
        texts = "".join(f"{len(text)}:{text}" for text in map(str, array.ravel()))
        return b"", texts.encode("utf-8", "surrogatepass")
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    return little.dtype.str.encode() + b" ", little.reshape(-1).view("uint8").data


def pixels_to_unit(pixels: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers from 0 to 255 as float32 from 0 to 1, which is how the network wants images."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    unit: NDArray[Any] = np.divide(pixels, np.float32(255), dtype=np.float32, casting="unsafe")
    return unit
