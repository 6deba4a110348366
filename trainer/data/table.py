"""A file in columns, as readers give it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from generator.errors import InputError, Place
from trainer.data.dataset import TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MOST_BYTES = 4 * 2**30
"""Of a table in memory, 8 bytes a number."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """What was read.

    Attributes:
        path: The file.
        columns: By name, in the file's order: numbers as float64, NaN where one is missing; texts as ``str`` objects,
            empty where one is missing.
        lines: The line of the file in which each row starts; None where a file has rows and no lines.
    """

    path: Path
    columns: Mapping[str, NDArray[Any]]
    lines: NDArray[Any] | None = None

    def place(self, row: int, column: str) -> Place:
        """Where a value stands."""
        if self.lines is None:
            return Place(str(self.path), path=f"row {row + 1}, column {column}")
        return Place(str(self.path), int(self.lines[row]), path=f"column {column}")

    def missing(self, names: Iterable[str]) -> dict[str, int]:
        """How many values each of some columns lacks, where it lacks any."""
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        columns = {name: self.columns[name] for name in names}
        counts = {
            name: int((column == "" if column.dtype.kind in TEXT else np.isnan(column)).sum())
            for name, column in columns.items()
        }
        return {name: count for name, count in counts.items() if count}

    def demand_finite(self, name: str) -> None:
        """Do nothing where a column's numbers are finite in float32, in which networks compute.

        Raises:
            InputError: One isn't.
        """
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        column = self.columns[name]
        if column.dtype.kind in TEXT:
            return
        with np.errstate(over="ignore"):
            broken = np.flatnonzero(np.isinf(column.astype(np.float32)))
        if broken.size:
            raise InputError(
                f"{column[broken[0]]:g} is beyond what a float32 holds.",
                fix="Leave the value empty where it isn't known.",
                place=self.place(int(broken[0]), name),
            )


class TableFile(Protocol):
    """A file in columns that has been opened."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def names(self) -> Sequence[str]:
        """Its columns."""

    def read(self, names: Sequence[str], numbers: Mapping[str, bool]) -> Table:
        """Some of its columns.

        Args:
            names: Which.
            numbers: Of columns whose kind is known already, whether they hold numbers; the others are what they look
                like.

        Raises:
            InputError: A value isn't what its column holds.
        """


def refuse_too_big(path: Path, rows: int, columns: int) -> None:
    """Do nothing where a table fits into memory.

    Raises:
        InputError: It may not.
    """
    if rows * columns * 8 > MOST_BYTES:
        raise InputError(
            f"{rows:,} rows of {columns} columns are more than {MOST_BYTES // 2**30} GiB in memory.",
            fix="Name fewer columns in model.train.features, or fewer rows.",
            place=Place(str(path)),
        )
