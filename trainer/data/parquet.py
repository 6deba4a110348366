"""Parquet files, through Apache Arrow: numbers, texts and booleans (1 and 0); null is a missing value."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError, Place, missing_extra
from trainer.data import from_table, table
from trainer.data.base import Reader, begins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trainer.data.base import Reading
    from trainer.data.dataset import Dataset

MAGIC = b"PAR1"
"""The first bytes of a file (Apache Parquet, "File format")."""

SUFFIXES = (".parquet", ".pq")


@dataclass(frozen=True)
class ParquetFile:
    """A file whose schema has been read.

    Attributes:
        path: The file.
        names: The columns.
        file: Arrow's.
    """

    path: Path
    names: Sequence[str]
    file: Any

    def read(self, names: Sequence[str], numbers: Mapping[str, bool]) -> table.Table:
        """Some of its columns, as ``TableFile`` has it."""
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        rows = self.file.metadata.num_rows
        if not rows:
            raise InputError(
                "the file has no rows.", fix="Add some, or name another file.", place=Place(str(self.path))
            )
        table.refuse_too_big(self.path, rows, len(names))
        try:
            read = self.file.read(columns=[*names])
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.path, error) from error
        columns = {name: self._column(name, read.column(name), numbers.get(name)) for name in names}
        return table.Table(path=self.path, columns=columns)

    def _column(self, name: str, column: Any, known: bool | None) -> Any:  # noqa: FBT001 (a fact, no switch)
        import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent without the extra `train`)

        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        is_number = any(
            of_kind(kind)
            for of_kind in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
        )
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        where = Place(str(self.path), path=f"column {name}")
        if not is_number and not is_text:
            raise InputError(
                f"the column {name} is of {column.type}; numbers, texts and booleans are read.",
                fix="Make a number of it, or leave it out: model.train.features.",
                place=where,
            )
        if known is not None and known != is_number:
            raise InputError(
                f"the column {name} is of {column.type}, and in the training data it holds "
                f"{'numbers' if known else 'texts'}.",
                fix="Write both files with the same types of columns.",
                place=where,
            )
        if is_number:
            number = column.cast(pa.uint8()) if pa.types.is_boolean(kind) else column
            return number.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        texts = column.cast(pa.large_string()).fill_null("").to_pylist()
        return np.array([sys.intern(text) for text in texts], dtype=object)


def opened(path: Path) -> ParquetFile:
    """Read the schema of a file.

    Raises:
        InputError: It is missing or no Parquet; the extra ``train`` is not installed.
        OutsideError: It can't be read.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 (heavy, and absent without the extra `train`)
        from pyarrow import parquet  # noqa: PLC0415 (heavy, and absent without the extra `train`)
    except ModuleNotFoundError as error:
        raise missing_extra("train", "reading Parquet") from error
    if path.is_dir():
        raise InputError("this is a folder, not a .parquet file.", fix="Name the file in it.", place=Place(str(path)))
    try:
        file = parquet.ParquetFile(str(path))
        names = file.schema_arrow.names
    except FileNotFoundError:
        raise InputError(
            "there is no such file.", fix="A relative path starts at the service file.", place=Place(str(path))
        ) from None
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error
    for index, name in enumerate(names):
        if not name or name in names[:index]:
            what = f"two columns are called '{name}'" if name else f"column {index + 1} has no name"
            raise InputError(f"{what}.", fix="Rename it.", place=Place(str(path)))
    return ParquetFile(path, tuple(names), file)


def _unreadable(path: Path, error: Exception) -> InputError | OutsideError:
    said = str(error).partition("\n")[0].rstrip(".")
    if isinstance(error, OSError) and error.errno is not None:
        return OutsideError(f"can't be read: {error.strerror or said}.", place=Place(str(path)))
    return InputError(f"this is no readable Parquet file: {said}.", fix="Write it anew.", place=Place(str(path)))


def load(path: Path, reading: Reading) -> Dataset:
    """Training data from a Parquet file; errors as ``from_table.load``."""
    return from_table.load(opened, path, reading, "parquet")


READER = Reader(
    id="parquet",
    summary="a .parquet",
    fits=lambda path: path.suffix.lower() in SUFFIXES or begins(path, MAGIC),
    load=load,
    settings=from_table.SETTINGS,
)
