"""The table of formats that a trained model can be exported to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from generator.decoding.exact import nearest
from generator.errors import InputError
from trainer import savedmodel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from generator.model.artifact import Signature
    from trainer.task import Endpoint


class Exported(Protocol):
    """Exported files, read back the way that a server reads them."""

    @property
    def signature(self) -> Signature:
        """Inputs and outputs with names, types and shapes."""

    @property
    def oldest_server(self) -> str:
        """The oldest release of the layout's server that loads the files, as ``major.minor``."""

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Output name to NumPy array, for input name to nested list."""


@dataclass(frozen=True, kw_only=True)
class Exporter:
    """One format.

    Attributes:
        format: What ``model.format`` says.
        layouts: Name of a layout to the folder inside it that the model lies in; the first is the default.
        entry: The file in that folder without which there is no model.
        write: Writes a trained model into a folder, which it makes.
        read: Reads such a folder back.
    """

    format: str
    layouts: Mapping[str, str]
    entry: str
    write: Callable[[Endpoint, Path], None]
    read: Callable[[Path], Exported]

    def layout(self, wanted: Sequence[str]) -> str:
        """The layout to export in: the first of the wanted that there is, else the first.

        Publishing makes the others out of it (``generator.store.bring.artifact_in_layouts``).
        """
        return next((layout for layout in wanted if layout in self.layouts), next(iter(self.layouts)))


EXPORTERS: Mapping[str, Exporter] = {
    exporter.format: exporter
    for exporter in (
        Exporter(
            format="savedmodel",
            # TensorFlow Serving serves the folders whose names are numbers, the highest first. A release of ours is one
            # model, so the number is always 1. Source: kserve-runtimes.md, section 4; tensorflow/serving #266, #1250.
            layouts={"tensorflow-serving": "1"},
            entry="saved_model.pb",
            write=savedmodel.write,
            read=savedmodel.read,
        ),
    )
}


def find(model_format: str) -> Exporter:
    """The exporter of a format.

    Raises:
        InputError: A trained model can't be exported in it.
    """
    if model_format not in EXPORTERS:
        raise InputError(
            f"a trained model can't be exported as '{model_format}'.",
            fix=f"{nearest(model_format, EXPORTERS)} A model brought along may have another: "
            "serinus publish FILE --model PATH.",
        )
    return EXPORTERS[model_format]
