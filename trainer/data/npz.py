"""The user's own images: an ``.npz`` file in the layout of ``mnist.npz``."""

from __future__ import annotations

import errno
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, NoReturn

from generator.errors import InputError, OutsideError, Place
from trainer.data.base import NOTHING, Reader, Reading, begins
from trainer.data.dataset import OWN, Dataset, Examples, named, pixels_to_unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
"""What the file holds: images and labels for training, images and labels held out."""

LAYOUT = f"The layout is mnist.npz's: {', '.join(ARRAYS)}, made for example with numpy.savez."

BROKEN = (ValueError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError, RuntimeError)
"""What NumPy and zipfile raise over a broken archive (MemoryError: a header that claims too much; RuntimeError: an
encrypted member, or a compression that isn't known). Found by mutating files, 30,000 times."""


def load(path: Path, reading: Reading = NOTHING) -> Dataset:  # noqa: ARG001 (the file says all)
    """Read a file.

    Images are [examples, height, width], whole numbers from 0 to 255 or floats from 0 to 1; labels are [examples],
    whole numbers from 0, each class with at least one example to train on.

    Raises:
        InputError: The file is missing or has another layout; the message names what is wrong in it.
        OutsideError: It can't be read.
    """
    arrays = _read(path)
    train_inputs, train_labels = _pair(path, arrays, "train")
    test_inputs, test_labels = _pair(path, arrays, "test")
    if train_inputs.shape[1:] != test_inputs.shape[1:]:
        _refuse(path, "x_test", f"images of {_size(test_inputs)}, and x_train has {_size(train_inputs)}.")
    return Dataset(
        name="npz",
        train=Examples(inputs={"image": train_inputs}, targets=train_labels),
        test=Examples(inputs={"image": test_inputs}, targets=test_labels),
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
        raise InputError("there is no such file.", place=Place(str(path))) from None
    except IsADirectoryError:
        raise InputError("this is a folder, not an .npz file.", place=Place(str(path))) from None
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
    missing = [name for name in ARRAYS if name not in archive]
    if missing:
        _refuse(path, "", f"{' and '.join(missing)} missing; the file holds {', '.join(archive) or 'nothing'}.")
    return {name: archive[name] for name in ARRAYS}


def _pair(path: Path, arrays: dict[str, NDArray[Any]], part: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Images and labels of one part, checked, in our types."""
    images, labels = _images(path, f"x_{part}", arrays), _labels(path, f"y_{part}", arrays)
    if len(images) != len(labels):
        _refuse(path, f"y_{part}", f"{len(labels)} labels for {len(images)} images.")
    return images, labels


def _images(path: Path, name: str, arrays: dict[str, NDArray[Any]]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    array = arrays[name]
    if array.ndim != 3 or not array.size:  # noqa: PLR2004 (examples, height, width)
        _refuse(path, name, f"shape {array.shape}; images are [examples, height, width], and none of these is 0.")
    if np.issubdtype(array.dtype, np.integer):
        if array.min() < 0 or array.max() > 255:  # noqa: PLR2004 (a byte)
            _refuse(path, name, f"values from {array.min()} to {array.max()}; whole numbers go from 0 to 255.")
        return pixels_to_unit(array)
    if not np.issubdtype(array.dtype, np.floating):
        _refuse(path, name, f"type {array.dtype}; images are whole numbers from 0 to 255 or floats from 0 to 1.")
    if not (array.min() >= 0 and array.max() <= 1):  # written so that NaN fails
        _refuse(path, name, f"values from {array.min()} to {array.max()}; floats go from 0 to 1.")
    return array.astype(np.float32)


def _labels(path: Path, name: str, arrays: dict[str, NDArray[Any]]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    array = arrays[name]
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


def _size(images: NDArray[Any]) -> str:
    return f"{images.shape[1]} by {images.shape[2]} pixels"


def _refuse(path: Path, array: str, message: str) -> NoReturn:
    raise InputError(message, fix=LAYOUT, place=Place(str(path), path=array))


READER = Reader(
    id="npz",
    summary="an .npz of NumPy's, as mnist.npz",
    fits=lambda path: path.suffix.lower() == ".npz" or begins(path, b"PK\x03\x04"),
    load=load,
)
