"""CSV files: a first line that names the columns, UTF-8, values apart by commas, semicolons or tabs.

A value is missing where it is empty or one of ``MISSING``; spaces around it are no part of it. A column holds numbers
where all of its values are some. The file is read twice, so that no more than the finished columns are in memory.
"""

from __future__ import annotations

import contextlib
import csv
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place
from trainer.data import from_table, table
from trainer.data.base import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from trainer.data.base import Reading
    from trainer.data.dataset import Dataset

MISSING = frozenset({"", "na", "n/a", "nan", "null"})
"""What stands for a value that isn't there, in any case of letters."""

MOSTLY = 0.9
"""From this share of numbers on, a column that holds a text as well is thought to be one of numbers with a fault."""

SUFFIXES = (".csv", ".tsv")


@dataclass
class _Seen:
    """What a first reading found in a column."""

    numbers: int = 0
    texts: int = 0
    first: tuple[int, str] = field(default=(0, ""))

    def add(self, value: str, line: int) -> None:
        if value.lower() in MISSING:
            return
        if number(value) is not None:
            self.numbers += 1
        else:
            self.texts += 1
            if self.texts == 1:
                self.first = (line, value)

    def holds_numbers(self, path: Path, name: str, known: bool | None) -> bool:  # noqa: FBT001 (a fact, no switch)
        """Whether the column holds numbers.

        Raises:
            InputError: It should, or nearly does.
        """
        if known is False or not self.texts:
            return known is not False
        if known or self.numbers >= MOSTLY * (self.numbers + self.texts):
            line, value = self.first
            why = "the training data have numbers there" if known else f"{self.numbers:,} other values are numbers"
            raise InputError(
                f"'{value[:40]}' is no number, and {why}.",
                fix="Mend it, or leave it empty where the number isn't known.",
                place=Place(str(path), line, path=f"column {name}"),
            )
        return False


@dataclass(frozen=True)
class CsvFile:
    """A CSV file whose first line has been read.

    Attributes:
        path: The file.
        names: The columns.
        delimiter: What stands between two values.
    """

    path: Path
    names: Sequence[str]
    delimiter: str

    def read(self, names: Sequence[str], numbers: Mapping[str, bool]) -> table.Table:
        """Some of its columns, as ``TableFile`` has it."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        places = [self.names.index(name) for name in names]
        seen = [_Seen() for _ in names]
        count = 0
        for line, row in self._rows():
            count += 1
            for place, column in zip(places, seen, strict=True):
                column.add(row[place], line)
        if not count:
            raise InputError(
                "there are no rows below the first line.",
                fix="Add some, or name another file.",
                place=Place(str(self.path)),
            )
        table.refuse_too_big(self.path, count, len(names))
        of_numbers = [
            column.holds_numbers(self.path, name, numbers.get(name)) for name, column in zip(names, seen, strict=True)
        ]
        columns: list[Any] = [
            np.full(count, np.nan) if each else np.full(count, "", dtype=object) for each in of_numbers
        ]
        lines = np.zeros(count, dtype=np.int64)
        for index, (line, row) in enumerate(self._rows()):
            if index == count:
                raise OutsideError("the file was written to while it was read.", place=Place(str(self.path)))
            lines[index] = line
            for place, is_number, column in zip(places, of_numbers, columns, strict=True):
                if (value := row[place]).lower() not in MISSING:
                    column[index] = number(value) if is_number else sys.intern(value)
        return table.Table(path=self.path, columns=dict(zip(names, columns, strict=True)), lines=lines)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with the line that it starts in, but the first and empty ones."""
        for line, row in _records(self.path, self.delimiter):
            if line == 1 or not row:
                continue
            if len(row) != len(self.names):
                raise InputError(
                    f"{len(row)} values, and the first line names {len(self.names)} columns.",
                    fix="A value that holds the delimiter or a line break stands in double quotes.",
                    place=Place(str(self.path), line),
                )
            yield line, row


def opened(path: Path) -> CsvFile:
    """Read the first line of a file.

    Raises:
        InputError: It is missing, no CSV, or its first line names no columns.
        OutsideError: It can't be read.
    """
    delimiter = _delimiter(path)
    _, names = next(_records(path, delimiter), (0, []))
    where = Place(str(path), 1)
    if not any(names):
        raise InputError(
            "the file is empty, or its first line is.", fix="The first line names the columns.", place=where
        )
    if all(number(name) is not None for name in names):
        raise InputError(
            "the first line holds numbers alone.", fix="The first line names the columns; add one.", place=where
        )
    for index, name in enumerate(names):
        if not name:
            raise InputError(
                f"column {index + 1} has no name.",
                fix="Name it in the first line; a table's index is left out by pandas' to_csv(index=False).",
                place=where,
            )
        if name in names[:index]:
            raise InputError(f"two columns are called '{name}'.", fix="Rename one.", place=where)
    return CsvFile(path, tuple(names), delimiter)


def number(text: str) -> float | None:
    """The number that a text is, None where it is none; Python's ``1_000`` is none."""
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def _delimiter(path: Path) -> str:
    """What stands between the names of the first line: a comma, else a semicolon or a tab."""
    with _reading(path), path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(csv.field_size_limit())
    return next((each for each in ",;\t" if each in first), ",")


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it starts in, spaces around values taken away."""
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
            for row in reader:
                yield line, [value.strip() for value in row]
                line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"this is no CSV: {error}.",
            fix="A value that holds the delimiter, a line break or a quote stands in double quotes.",
            place=Place(str(path), line),
        ) from error
    except (UnicodeDecodeError, OSError) as error:
        raise _unreadable(path, error) from error


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnicodeDecodeError, OSError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: UnicodeDecodeError | OSError) -> InputError | OutsideError:
    if isinstance(error, UnicodeDecodeError):
        return InputError(
            "this line isn't UTF-8.", fix="Save the file as UTF-8.", place=Place(str(path), _broken(path))
        )
    if isinstance(error, FileNotFoundError):
        return InputError(
            "there is no such file.", fix="A relative path starts at the service file.", place=Place(str(path))
        )
    if isinstance(error, IsADirectoryError):
        return InputError("this is a folder, not a .csv file.", fix="Name the file in it.", place=Place(str(path)))
    return OutsideError(f"can't be read: {error.strerror or error}.", place=Place(str(path)))


def _broken(path: Path) -> int | None:
    """The first line that isn't UTF-8: a file is decoded in pieces of many lines, so the decoder doesn't know it."""
    with path.open("rb") as file:
        for line, content in enumerate(file, start=1):
            try:
                content.decode()
            except UnicodeDecodeError:
                return line
    return None


def load(path: Path, reading: Reading) -> Dataset:
    """Training data from a CSV file; errors as ``from_table.load``."""
    return from_table.load(opened, path, reading, "csv")


READER = Reader(
    id="csv",
    summary="a .csv (or .tsv)",
    fits=lambda path: path.suffix.lower() in SUFFIXES,
    load=load,
    settings=from_table.SETTINGS,
)
