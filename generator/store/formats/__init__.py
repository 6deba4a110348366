"""The model formats that can be brought along: one module each, discovered, never listed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.model import discovered
from generator.store.formats.base import Format

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def formats() -> Mapping[str, Format]:
    """Every format by id: each module of this package that holds ``FORMAT``."""
    return discovered.entries(__name__, __path__, Format)
