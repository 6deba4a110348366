"""The layouts of a release: one module each, discovered, never listed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.model import discovered
from generator.store.layouts.base import Layout

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def layouts() -> Mapping[str, Layout]:
    """Every layout by id: each module of this package that holds ``LAYOUT``."""
    return discovered.entries(__name__, __path__, Layout)


def of_format(model_format: str) -> tuple[str, ...]:
    """The ids of the layouts that a format can have."""
    return tuple(layout.id for layout in layouts().values() if model_format in layout.arrange)
