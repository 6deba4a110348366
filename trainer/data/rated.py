"""Ratings from a table: which columns hold users, items, ratings and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError, Place
from trainer.data import ratings
from trainer.data.dataset import OWN

if TYPE_CHECKING:
    from trainer.data.base import Reading
    from trainer.data.dataset import Dataset
    from trainer.data.table import TableFile

ROLES = (ratings.USER, ratings.ITEM, ratings.TIME)
"""What ``model.train.features`` names, in this order; the last may be left out."""


def load(file: TableFile, reading: Reading, name: str) -> Dataset:
    """Training data from a table of ratings.

    Args:
        file: The table.
        reading: ``target`` is the column of ratings (None where a row as such is a like), ``features`` are those of the
            users, of the items and of the times.
        name: Of the data set.

    Raises:
        InputError: The table or a value in it isn't fit; the message names the place.
        OutsideError: It can't be read.
    """
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    where = Place(str(file.path))
    if reading.test is not None:
        raise InputError("model.train.test has no effect on ratings.", fix="Take it out.", place=where)
    if len(reading.features) not in (len(ROLES) - 1, len(ROLES)):
        raise InputError(
            f"which columns are the users, the items and the times? The file has {', '.join(file.names)}.",
            fix="Say it in this order, without the last where there are no times: model.train.features. "
            "model.train.target is the rating; without it each row is a like.",
            place=where,
        )
    columns = dict(zip(ROLES, reading.features, strict=False))
    if reading.target is not None:
        columns[ratings.RATING] = reading.target
    if len(set(columns.values())) < len(columns):
        raise InputError(
            f"a column has two parts: {', '.join(columns.values())}.",
            fix="Name each column once: user, item, time.",
            place=where,
        )
    for column in columns.values():
        if column not in file.names:
            raise InputError(f"there is no column '{column}'.", fix=nearest(column, file.names), place=where)
    table = file.read(tuple(columns.values()), {})
    found = {role: table.columns[column] for role, column in columns.items()}
    rows = len(found[ratings.USER])
    if not rows:
        raise InputError("there are no rows.", fix="Add ratings.", place=where)
    return ratings.dataset(
        name,
        ratings.Ratings(
            user=found[ratings.USER],
            item=found[ratings.ITEM],
            rating=found.get(ratings.RATING, np.ones(rows)),
            time=found.get(ratings.TIME),
            place=lambda row, role: table.place(row, columns[role]),
        ),
        licence=OWN,
        notes={"columns": columns},
        origin=str(file.path),
    )
