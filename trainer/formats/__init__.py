"""The formats that a trained model can be exported to: one module each, discovered, never listed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError
from generator.model import discovered
from trainer.formats.base import Exporter

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def exporters() -> Mapping[str, Exporter]:
    """Every exporter by its format: each module of this package that holds ``EXPORTER``."""
    return discovered.entries(__name__, __path__, Exporter)


def find(model_format: str) -> Exporter:
    """The exporter of a format.

    Raises:
        InputError: A trained model can't be exported in it.
    """
    if model_format not in exporters():
        raise InputError(
            f"a trained model can't be exported as '{model_format}'.",
            fix=f"{nearest(model_format, exporters())} A model brought along may have another: "
            "serinus publish FILE --model PATH.",
        )
    return exporters()[model_format]
