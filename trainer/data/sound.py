"""What holds of all data, wherever they come from, before anything is trained on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from trainer.data.dataset import TEXT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset, Examples

FEWEST = 10
"""Examples to train on; fewer show nothing."""

SHOWN = 5
"""Names in a message."""


def demand(dataset: Dataset) -> None:
    """Do nothing where data can be trained on and measured with.

    Raises:
        InputError: They can't; the message names the file, the place in it and the cure.
    """
    for name in dataset.classes:
        if not _is_unicode(name):
            _refuse(dataset, f"the class {name!a} is no text in Unicode.", "Rename it.")
    if len(dataset.classes) == 1:  # before the parts: whoever has one class has no use for more examples of it
        _refuse(dataset, f"one class only, '{dataset.classes[0]}'; there is nothing to tell apart.", "")
    for part, examples in (("training", dataset.train), ("held-out", dataset.test)):
        _demand_part(dataset, part, examples)
    if len(dataset.train) < FEWEST:
        _refuse(dataset, f"{len(dataset.train)} examples to train on; at least {FEWEST} are needed.", "Add examples.")
    for name, array in dataset.train.inputs.items():
        other = dataset.test.inputs.get(name)
        if other is None or other.shape[1:] != array.shape[1:]:
            found = "missing" if other is None else f"{_shape(other)}"
            _refuse(dataset, f"the input {name} is {_shape(array)} to train on, and held out it is {found}.", "", name)
    _demand_targets(dataset)


def _demand_part(dataset: Dataset, part: str, examples: Examples) -> None:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if not len(examples):
        _refuse(dataset, f"there are no {part} examples.", "Add some that differ: equal ones stand on one side.")
    if not examples.inputs:
        _refuse(dataset, "there is nothing to learn from: the data have no inputs.", "")
    for name, array in examples.inputs.items():
        if len(array) != len(examples):
            _refuse(dataset, f"{len(array)} {part} examples of {name} for {len(examples)} targets.", "", name)
        if array.dtype.kind == "f" and (broken := np.flatnonzero(~_each(np.isfinite(array) | np.isnan(array)))).size:
            _refuse(dataset, f"{part} example {broken[0] + 1} holds an infinite number.", "Mend it.", name)
        if array.dtype.kind in TEXT and (row := _not_unicode(array)) is not None:
            _refuse(dataset, f"{part} example {row + 1} is no text in Unicode.", "Mend it, or leave it out.", name)
    if examples.targets.dtype.kind == "f":
        broken = np.flatnonzero(~_each(np.isfinite(examples.targets)))
        if broken.size:
            _refuse(
                dataset,
                f"the target of {part} example {broken[0] + 1} is no finite number.",
                "Mend it, or leave it out.",
            )


def _demand_targets(dataset: Dataset) -> None:
    """Classes are known on both sides; numbers differ."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    targets, held_out = dataset.train.targets, dataset.test.targets
    if not dataset.classes:
        if targets.ndim == 1 and targets.dtype.kind == "f" and len(np.unique(targets)) == 1:
            _refuse(dataset, f"every training target is {targets[0]:g}; there is nothing to learn.", "")
        return
    for part, labels in (("training", targets), ("held-out", held_out)):
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            _refuse(
                dataset,
                f"the {part} targets are {labels.dtype} {labels.shape}; classes are whole numbers, one each.",
                "",
            )
        if labels.min() < 0 or labels.max() >= len(dataset.classes):
            wrong = labels.min() if labels.min() < 0 else labels.max()
            _refuse(
                dataset,
                f"a label {wrong} among the {part} targets; the classes are 0 to {len(dataset.classes) - 1}.",
                "",
            )
        absent = [name for index, name in enumerate(dataset.classes) if not (labels == index).any()]
        if absent:
            names = ", ".join(f"'{name}'" for name in absent[:SHOWN]) + (" …" if len(absent) > SHOWN else "")
            what = "to train on" if part == "training" else "held out, so nothing would tell how well it is known"
            _refuse(
                dataset,
                f"the class {names} has no example {what}."
                if len(absent) == 1
                else f"the classes {names} have no example {what}.",
                "Add examples of it, or take it out.",
            )


def _not_unicode(array: NDArray[Any]) -> int | None:
    """The first example with half a character, which no file and no server can hold; None where there is none."""
    rows = (row for row, texts in enumerate(array.reshape(len(array), -1).tolist()) if not all(map(_is_unicode, texts)))
    return next(rows, None)


def _is_unicode(text: object) -> bool:
    try:
        str(text).encode()
    except UnicodeEncodeError:
        return False
    return True


def _each(good: NDArray[Any]) -> Any:
    """Whether all of an example is good."""
    return good.reshape(len(good), -1).all(axis=-1)


def _shape(array: NDArray[Any]) -> str:
    return " by ".join(str(size) for size in array.shape[1:]) or "one value"


def _refuse(dataset: Dataset, message: str, fix: str, path: str = "") -> NoReturn:
    raise dataset.refusal(message, fix, path)
