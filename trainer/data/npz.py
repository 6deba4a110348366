"""The user's own arrays: an ``.npz`` file in the layout of ``mnist.npz``.

``x_train`` and ``x_test`` are the only input: images, or anything else [examples, …]. Several inputs are each an array
of its own, ``x_train_NAME`` and ``x_test_NAME``.
"""

from __future__ import annotations

import errno
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, NoReturn

from generator.errors import InputError, OutsideError, Place
from trainer.data import arrays
from trainer.data.base import NOTHING, Reader, Reading, begins
from trainer.data.dataset import OWN, Dataset, Examples, named, pixels_to_unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
"""What the file holds: images and labels for training, images and labels held out."""

LAYOUT = f"The layout is mnist.npz's: {', '.join(ARRAYS)}, made for example with numpy.savez."

CHANNELS = ((), (1,), (3,))
"""What stands behind height and width: nothing for grey images, or channels."""

BROKEN = (ValueError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError, RuntimeError)
"""What NumPy and zipfile raise over a broken archive (MemoryError: a header that claims too much; RuntimeError: an
encrypted member, or a compression that isn't known). Found by mutating files, 30,000 times."""


def load(path: Path, reading: Reading = NOTHING) -> Dataset:
    """Read a file.

    Images are [examples, height, width] or [examples, height, width, 3], whole numbers from 0 to 255 or floats from 0
    to 1. Classes are [examples], whole numbers from 0, each with at least one example to train on.

    Raises:
        InputError: The file is missing or has another layout; the message names what is wrong in it.
        OutsideError: It can't be read.
    """
    found = _read(path)
    refuse = arrays.refusing_at(str(path), LAYOUT)
    (train, train_targets), (test, test_targets) = (_pair(path, found, part) for part in ("train", "test"))
    shapes = [{name: _size(array) for name, array in inputs.items()} for inputs in (train, test)]
    if shapes[0] != shapes[1]:
        given, wanted = (", ".join(f"{name} of {size}" for name, size in each.items()) for each in reversed(shapes))
        _refuse(path, "x_test", f"{given}, and to train on there is {wanted}.")
    if reading.classes is False or (reading.classes is None and train_targets.dtype.kind == "f"):
        how, numbers = "the file's own: x_test and y_test", (train, train_targets)
        return arrays.dataset("npz", numbers, (test, test_targets), reading, refuse, origin=str(path), how=how)
    train_labels, test_labels = (
        _labels(path, name, array) for name, array in (("y_train", train_targets), ("y_test", test_targets))
    )
    return Dataset(
        name="npz",
        train=Examples(inputs=train, targets=train_labels),
        test=Examples(inputs=test, targets=test_labels),
        classes=named(_classes(path, train_labels, test_labels)),
        split="the file's own: x_test and y_test",
        licence=OWN,
        origin=str(path),
    )


def _read(path: Path) -> dict[str, NDArray[Any]]:
    """The four arrays. Pickled objects are refused: they could run code."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    try:
        # Opened here, not by NumPy, which leaves a broken file open.
        with path.open("rb") as opened:
            if not zipfile.is_zipfile(opened):
                _refuse(path, "", "this is no .npz archive.")
            opened.seek(0)
            return _arrays(path, np.load(opened, allow_pickle=False))
    except FileNotFoundError:
        raise InputError(
            "there is no such file.", fix="A relative path starts at the service file.", place=Place(str(path))
        ) from None
    except IsADirectoryError:
        raise InputError(
            "this is a folder, not an .npz file.", fix="Name the file in it.", place=Place(str(path))
        ) from None
    except BROKEN as error:
        raise _unreadable(path, error) from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a broken archive sent zipfile to before the start of the file
            raise _unreadable(path, error) from error
        raise OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path))) from error


def _unreadable(path: Path, error: BaseException) -> InputError:
    said = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
    return InputError(f"this is no readable .npz file: {said}.", fix=LAYOUT, place=Place(str(path)))


def _arrays(path: Path, archive: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    inputs = [name for name in archive if name.startswith(("x_train_", "x_test_"))]
    wanted = [name for name in ARRAYS if not inputs or not name.startswith("x_")]
    missing = [name for name in wanted if name not in archive]
    if missing:
        _refuse(path, "", f"{' and '.join(missing)} missing; the file holds {', '.join(archive) or 'nothing'}.")
    if inputs and (both := [name for name in ("x_train", "x_test") if name in archive]):
        _refuse(path, both[0], f"an only input, and others of their own names: {', '.join(inputs)}.")
    return {name: archive[name] for name in (*wanted, *inputs)}


def _pair(path: Path, found: dict[str, NDArray[Any]], part: str) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    """Inputs by name and targets of one part, checked, in our types."""
    refuse = arrays.refusing_at(str(path), LAYOUT)
    start = f"x_{part}"
    inputs = {}
    for name, array in found.items():
        if name == start and array.ndim in arrays.IMAGE_RANKS:
            inputs["image"] = _images(path, name, array)
        elif name.startswith(start):
            if not array.size:
                _refuse(path, name, f"shape {array.shape}; none of these is 0.")
            plain = arrays.plain(array, name, refuse)
            inputs[name.removeprefix(f"{start}_") if name != start else arrays.input_name(plain)] = plain
    targets = found[f"y_{part}"]
    for name, array in inputs.items():
        if len(array) != len(targets):
            what = "labels" if targets.dtype.kind in "iu" else "targets"
            _refuse(
                path, f"y_{part}", f"{len(targets)} {what} for {len(array)} {'images' if name == 'image' else name}."
            )
    return inputs, targets


def _images(path: Path, name: str, array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if not array.size or array.shape[3:] not in CHANNELS:
        _refuse(
            path,
            name,
            f"shape {array.shape}; images are [examples, height, width], in colour [… , 3], and none of these is 0.",
        )
    if np.issubdtype(array.dtype, np.integer):
        if array.min() < 0 or array.max() > 255:  # noqa: PLR2004 (a byte)
            _refuse(path, name, f"values from {array.min()} to {array.max()}; whole numbers go from 0 to 255.")
        return pixels_to_unit(array)
    if not np.issubdtype(array.dtype, np.floating):
        _refuse(path, name, f"type {array.dtype}; images are whole numbers from 0 to 255 or floats from 0 to 1.")
    if not (array.min() >= 0 and array.max() <= 1):  # written so that NaN fails
        _refuse(path, name, f"values from {array.min()} to {array.max()}; floats go from 0 to 1.")
    return array.astype(np.float32)


def _labels(path: Path, name: str, array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        _refuse(path, name, f"shape {array.shape} of {array.dtype}; labels are [examples], whole numbers.")
    if array.size and array.min() < 0:
        _refuse(path, name, f"a label {array.min()}; classes count from 0.")
    return array.astype(np.int64)


def _classes(path: Path, train: NDArray[Any], test: NDArray[Any]) -> int:
    """How many classes there are: 0 to the highest label, each with something to learn from."""
    known = set(train.tolist())
    highest = max(known)
    # The first gap is enough for the message, and a label of a billion must not make a billion-fold loop.
    gap = next(label for label in range(len(known) + 1) if label not in known)
    if gap <= highest:
        _refuse(
            path, "y_train", f"labels up to {highest}, but none is {gap}; classes are numbered from 0 without a gap."
        )
    if highest < 1:
        _refuse(path, "y_train", "one class only; there is nothing to tell apart.")
    if test.max() > highest:
        _refuse(path, "y_test", f"a label {test.max()}, and training knows 0 to {highest}.")
    return int(highest) + 1


def _size(array: NDArray[Any]) -> str:
    return f"{' by '.join(map(str, array.shape[1:])) or 'one value'}"


def _refuse(path: Path, array: str, message: str) -> NoReturn:
    raise InputError(message, fix=LAYOUT, place=Place(str(path), path=array))


READER = Reader(
    id="npz",
    summary="an .npz of NumPy's, as mnist.npz",
    fits=lambda path: path.suffix.lower() == ".npz" or begins(path, b"PK\x03\x04"),
    load=load,
)
