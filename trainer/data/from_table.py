"""Files in columns: from a table to training data, whatever the table was read from.

A column holds numbers or texts. Numbers alone go into one input, ``features`` [examples, columns]; where a column holds
texts, each column is an input of its own, so that a request is a mapping by name.
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any

from generator.decoding.exact import nearest
from generator.errors import InputError, Place
from trainer.data import rated, split
from trainer.data.dataset import OWN, TEXT, Dataset, Examples
from trainer.data.tables import FEATURES, described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from trainer.data.base import Reading
    from trainer.data.table import Table, TableFile

SPLIT = "split"
"""A column of this name that says ``train`` or ``test`` in each row tells which rows are held out."""

PARTS = ("train", "test")

SETTINGS = frozenset({"target", "features", "test"})
"""What a service file may say of such a file."""


def load(opened: Callable[[Path], TableFile], path: Path, reading: Reading, name: str) -> Dataset:
    """Training data from a file in columns.

    Args:
        opened: Opens one.
        path: The file.
        reading: The target, the columns, the file of the held-out rows.
        name: Of the data set.

    Raises:
        InputError: The file or a value in it isn't fit; the message names the place.
        OutsideError: It can't be read.
    """
    return dataset(opened(path), opened(reading.test) if reading.test else None, reading, name)


def dataset(file: TableFile, held_file: TableFile | None, reading: Reading, name: str) -> Dataset:
    """Training data from a table, and another of the held-out rows; errors as ``load``."""
    if reading.ratings:
        return rated.load(file, reading, name)
    target, features = _chosen(file, reading)
    told = held_file is None and SPLIT in file.names and SPLIT not in (target, *reading.features)
    table = file.read((*features, target, *([SPLIT] if told and SPLIT not in features else [])), {})
    mask, how = _by_column(table, strict=SPLIT in features) if told else None, ""
    if mask is not None:
        features = [each for each in features if each != SPLIT]
        how = f"the file's own: by its column {SPLIT}"
    whole, classes = _examples(table, features, target, reading)
    if held_file is not None:
        kinds = {each: table.columns[each].dtype.kind not in TEXT for each in (*features, target)}
        held = _other(held_file, (*features, target)).read((*features, target), kinds)
        train, (test, _) = whole, _examples(held, features, target, reading, classes)
        how = "the user's own: a file of held-out rows"
    else:
        if mask is None:
            mask = split.held_out(whole.inputs, whole.targets, classes=bool(classes))
            how = split.OF_CLASSES if classes else split.OF_NUMBERS
        train, test = whole.only(~mask), whole.only(mask)
    missing = table.missing(features)
    return Dataset(
        name=name,
        train=train,
        test=test,
        classes=tuple(classes or ()),
        split=how,
        licence=OWN,
        notes={**_notes(table, features, target), **({"missing": missing} if missing else {})},
        origin=str(file.path),
        remarks=(_remark(missing),) if missing else (),
    )


def _chosen(file: TableFile, reading: Reading) -> tuple[str, list[str]]:
    """Target and features, each a column of the file."""
    where = Place(str(file.path))
    if reading.target is None:
        raise InputError(
            f"which column is to be learned? The file has {_names(file.names)}.",
            fix="Say it: model.train.target.",
            place=where,
        )
    for key, names in (("target", (reading.target,)), ("features", reading.features)):
        for each in names:
            if each not in file.names:
                raise InputError(
                    f"model.train.{key}: there is no column '{each}'.", fix=nearest(each, file.names), place=where
                )
    if reading.target in reading.features:
        raise InputError(
            f"the column '{reading.target}' is the target, so it can't be learned from.",
            fix="Take it out of model.train.features.",
            place=where,
        )
    if twice := {each for each in reading.features if reading.features.count(each) > 1}:
        raise InputError(
            f"model.train.features names {_names(sorted(twice))} twice.", fix="Name each column once.", place=where
        )
    features = list(reading.features) or [each for each in file.names if each != reading.target]
    if not features:
        raise InputError(
            f"there is no column but '{reading.target}' to learn from.",
            fix="Add the columns that tell it, or name another file.",
            place=where,
        )
    return reading.target, features


def _other(file: TableFile, names: Iterable[str]) -> TableFile:
    """The file of the held-out rows, whose columns are those of the other."""
    if lacking := [each for each in names if each not in file.names]:
        raise InputError(
            f"the held-out data lack {_names(lacking)}; they have {_names(file.names)}.",
            fix="Add the columns, or name those that both have: model.train.features.",
            place=Place(str(file.path)),
        )
    return file


def _by_column(table: Table, *, strict: bool) -> NDArray[Any] | None:
    """The held-out rows by the column ``split``; None where it says something else than train and test.

    Args:
        table: The table.
        strict: Whether one that says train or test, and something else too, is refused.
    """
    column = table.columns[SPLIT]
    if column.dtype.kind not in TEXT or not set(column.tolist()) & set(PARTS):
        return None
    for row, text in enumerate(column.tolist()):
        if text not in PARTS:
            if not strict:
                return None
            raise InputError(
                f"'{text}' is neither train nor test.",
                fix=f"The column {SPLIT} tells the rows that are trained on from those that are held out; "
                "model.train.features leaves it out.",
                place=table.place(row, SPLIT),
            )
    held_out: NDArray[Any] = column == "test"
    return held_out


def _examples(
    table: Table, features: Sequence[str], target: str, reading: Reading, known: Sequence[str] | None = None
) -> tuple[Examples, Sequence[str] | None]:
    """Inputs and targets of a table, and its classes; None where targets are numbers.

    Args:
        table: The table.
        features: The columns to learn from.
        target: The column to learn.
        reading: Of what kind targets are.
        known: The classes, where training has said them.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    for name in (*features, target):
        table.demand_finite(name)
    column = table.columns[target]
    lacking = np.flatnonzero(column == "" if column.dtype.kind in TEXT else np.isnan(column))
    if lacking.size:
        more = f" (and {lacking.size - 1} more)" if lacking.size > 1 else ""
        raise InputError(
            f"there is no value of the target{more}.",
            fix="Leave out the rows that nobody has judged.",
            place=table.place(int(lacking[0]), target),
        )
    as_classes = column.dtype.kind in TEXT if reading.classes is None else reading.classes
    if as_classes:
        labels, names = _labels(table, target, known)
        return Examples(inputs=_inputs(table, features), targets=labels), names
    if column.dtype.kind in TEXT:
        row = next(row for row, text in enumerate(column.tolist()) if not _number(text))
        raise InputError(
            f"the target '{column[row]}' is no number.",
            fix="Numbers are predicted by tabular-regression, classes by tabular-classification.",
            place=table.place(row, target),
        )
    return Examples(inputs=_inputs(table, features), targets=column.astype("float32")), None


def _labels(table: Table, target: str, known: Sequence[str] | None) -> tuple[NDArray[Any], Sequence[str]]:
    """The classes of a column, as numbers, and their names: numbers in their order, texts in theirs."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    column = table.columns[target]
    if column.dtype.kind not in TEXT:
        broken = np.flatnonzero(column != np.floor(column))
        if broken.size:
            raise InputError(
                f"the target {column[broken[0]]:g} is no class.",
                fix="Classes are texts or whole numbers; a number is predicted by tabular-regression.",
                place=table.place(int(broken[0]), target),
            )
        column = np.array([str(int(value)) for value in column.tolist()], dtype=object)
    found = set(column.tolist())
    if known is None and len(found) > len(column) // 2:
        raise InputError(
            f"{len(found):,} different classes in {len(column):,} rows: nothing could be learned of each.",
            fix="Numbers are predicted by tabular-regression; or is another column meant by model.train.target?",
            place=Place(str(table.path), path=f"column {target}"),
        )
    names = known or sorted(
        found, key=lambda name: (0, int(name), "") if re.fullmatch(r"-?[0-9]+", name) else (1, 0, name)
    )
    numbers = {name: number for number, name in enumerate(names)}
    for row, text in enumerate(column.tolist()):
        if text not in numbers:
            raise InputError(
                f"the class '{text}' isn't among the training rows.",
                fix=f"They have {_names(names)}.",
                place=table.place(row, target),
            )
    return np.array([numbers[text] for text in column.tolist()], dtype=np.int64), names


def _inputs(table: Table, features: Sequence[str]) -> dict[str, NDArray[Any]]:
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    columns = [table.columns[name] for name in features]
    if _is_matrix(table, features):
        return {FEATURES: np.stack(columns, axis=1).astype(np.float32)}
    names = _input_names(table.path, features)
    return {
        name: column if column.dtype.kind in TEXT else column.astype(np.float32)
        for name, column in zip(names, columns, strict=True)
    }


def _is_matrix(table: Table, features: Sequence[str]) -> bool:
    """Whether the columns are one input."""
    return all(table.columns[name].dtype.kind not in TEXT for name in features)


def _input_names(path: Path, features: Sequence[str]) -> list[str]:
    """The inputs' names: the columns', with '_' for what a server can't have in a name.

    TensorFlow names the inputs of a signature as Python names parameters, so neither ``a-b`` nor ``class`` will do.
    """
    names = [re.sub(r"[^A-Za-z0-9_]", "_", each) for each in features]
    names = [each if each[0].isalpha() else f"c{each}" for each in names]
    names = [f"{each}_" if keyword.iskeyword(each) or each == "self" else each for each in names]
    for index, name in enumerate(names):
        if name in names[:index]:
            other = features[names.index(name)]
            raise InputError(
                f"the columns '{other}' and '{features[index]}' would both be the input {name}.",
                fix="Rename one of them; names are of letters, digits and '_'.",
                place=Place(str(path)),
            )
    return names


def _notes(table: Table, features: Sequence[str], target: str) -> dict[str, Any]:
    kinds = ["category" if table.columns[name].dtype.kind in TEXT else "number" for name in features]
    matrix = _is_matrix(table, features)
    given = [FEATURES] * len(features) if matrix else _input_names(table.path, features)
    return described(list(zip(features, given, kinds, strict=True)), target)


def _remark(missing: Mapping[str, int]) -> str:
    return f"Values are missing: {', '.join(f'{count:,} of {name}' for name, count in missing.items())}."


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names(names: Iterable[str], most: int = 12) -> str:
    """Names for a message."""
    listed = list(names)
    return ", ".join(f"'{name}'" for name in listed[:most]) + (
        f" and {len(listed) - most} more" if len(listed) > most else ""
    )
