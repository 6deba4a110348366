"""Arrays as data: what ``.npz``, ``tf.data`` and code of the user's give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from generator.errors import InputError, Place
from trainer.data import split
from trainer.data.dataset import OWN, TEXT, Dataset, Examples, named, pixels_to_unit
from trainer.data.tables import FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trainer.data.base import Reading

    Pair = tuple[Mapping[str, NDArray[Any]], NDArray[Any]]
    Refuse = Callable[[str, str], NoReturn]

MOST_CLASSES = 100_000
"""A label beyond is no class: a network would have an output for each number below it."""

IMAGE_RANKS = (3, 4)
"""The dimensions of images: [examples, height, width], and a last one of colour channels."""


def pair(x: Any, y: Any, refuse: Refuse) -> Pair:
    """Inputs by name, and targets, in our types.

    Bytes of images (``uint8`` of three or four dimensions) become float32 from 0 to 1, float64 becomes float32, and
    bytes become text; all else stays.

    Args:
        x: An array, or arrays by name.
        y: An array.
        refuse: Raises the error of the data, for a message and the name of an array.

    Raises:
        InputError: They are no such arrays.
    """
    if isinstance(x, Mapping):
        inputs = {str(name): plain(value, f"x.{name}", refuse) for name, value in x.items()}
        if not inputs:
            refuse("there are no inputs.", "x")
    else:
        array = plain(x, "x", refuse)
        inputs = {input_name(array): array}
    targets = plain(y, "y", refuse, images=False)
    if targets.ndim > 1 and targets.shape[1:] == (1,):  # a column, as Keras' own colour images have
        targets = targets[:, 0]
    for name, array in inputs.items():
        if len(array) != len(targets):
            refuse(f"{len(targets)} targets for {len(array)} examples of {name}.", "y")
    return inputs, targets


def dataset(
    name: str, train: Pair, test: Pair | None, reading: Reading, refuse: Refuse, *, origin: str = "", how: str
) -> Dataset:
    """A data set of arrays.

    Args:
        name: Of the data set.
        train: The part to train on.
        test: The held-out part; None: a fifth of the other.
        reading: Whether targets are classes; where it doesn't say, whole numbers and texts are.
        refuse: As ``pair`` has it.
        origin: The file, for messages.
        how: Who chose the held-out part, a sentence.
    """
    if not len(train[1]):
        refuse("there are no examples.", "y")
    as_classes = train[1].dtype.kind in f"{TEXT}iu" if reading.classes is None else reading.classes
    names = _classes([train, *([test] if test else [])], refuse) if as_classes else {}
    parts = [
        Examples(inputs=inputs, targets=_labels(targets, names) if as_classes else _numbers(targets, refuse))
        for inputs, targets in filter(None, (train, test))
    ]
    if test is None:
        (whole,) = parts
        mask = split.held_out(whole.inputs, whole.targets, classes=as_classes)
        how = split.OF_CLASSES if as_classes else split.OF_NUMBERS
        parts = [whole.only(~mask), whole.only(mask)]
    return Dataset(
        name=name,
        train=parts[0],
        test=parts[1],
        classes=tuple(names),
        split=how,
        licence=OWN,
        origin=origin,
    )


def refusing(what: str, fix: str) -> Refuse:
    """What raises the error of data that lie in no file."""

    def refuse(message: str, name: str) -> NoReturn:
        raise InputError(f"{what}: {message}{f' (at {name})' if name else ''}", fix=fix)

    return refuse


def refusing_at(origin: str, fix: str) -> Refuse:
    """What raises the error of data that lie in a file."""

    def refuse(message: str, name: str) -> NoReturn:
        raise InputError(message, fix=fix, place=Place(origin, path=name))

    return refuse


def plain(value: Any, name: str, refuse: Refuse, *, images: bool = True) -> NDArray[Any]:
    """An array in our types, as ``pair`` has them.

    Raises:
        InputError: It is none of numbers or texts.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    try:
        array = np.asarray(value)
    except ValueError:  # rows of several lengths
        refuse("examples of several shapes; one array holds one.", name)
    if not array.ndim:
        refuse(f"a single {array.dtype}; an array [examples, …] is wanted.", name)
    if array.dtype.kind == "S" or (array.dtype.kind in TEXT and array.size):
        cells = array.ravel().tolist()
        texts = [each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in cells]
        if not all(isinstance(each, str) for each in texts):
            refuse("objects; arrays of numbers or of texts are wanted.", name)
        return np.array(texts, dtype=object).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        refuse(f"type {array.dtype}; arrays of numbers or of texts are wanted.", name)
    if images and array.dtype == np.uint8 and array.ndim in IMAGE_RANKS:
        return pixels_to_unit(array)
    return _single(array) if array.dtype.kind == "f" else array


def input_name(array: NDArray[Any]) -> str:
    """The name of an only input."""
    if array.dtype.kind in TEXT:
        return "text"
    if array.ndim in IMAGE_RANKS:
        return "image"
    return FEATURES if array.ndim == 2 else "input"  # noqa: PLR2004 (examples, columns)


def _classes(parts: list[Pair], refuse: Refuse) -> dict[str, int]:
    """The names of the classes, with their numbers."""
    for _, targets in parts:
        if targets.ndim != 1 or targets.dtype.kind not in f"{TEXT}iu":
            refuse(
                f"shape {targets.shape} of {targets.dtype}; classes are [examples], whole numbers or texts.",
                "y",
            )
        if targets.dtype.kind in "iu" and len(targets) and not 0 <= targets.min() <= targets.max() < MOST_CLASSES:
            refuse(f"labels from {targets.min()} to {targets.max()}; classes count from 0.", "y")
    if parts[0][1].dtype.kind in TEXT:
        return {text: number for number, text in enumerate(sorted({t for _, each in parts for t in map(str, each)}))}
    highest = max(int(targets.max()) for _, targets in parts if len(targets))
    return {text: number for number, text in enumerate(named(highest + 1))}


def _numbers(targets: NDArray[Any], refuse: Refuse) -> NDArray[Any]:
    if targets.dtype.kind not in "fiu":
        refuse(f"targets of type {targets.dtype}; numbers are wanted.", "y")
    return _single(targets)


def _single(numbers: NDArray[Any]) -> NDArray[Any]:
    """Numbers as float32; what that can't hold is infinite then, and refused as such (``sound``)."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    with np.errstate(over="ignore"):
        return numbers.astype(np.float32)


def _labels(targets: NDArray[Any], names: Mapping[str, int]) -> NDArray[Any]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if targets.dtype.kind not in TEXT:
        return targets.astype(np.int64)
    return np.array([names[text] for text in targets.tolist()], dtype=np.int64)
