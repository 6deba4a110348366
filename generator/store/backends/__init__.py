"""The kinds of bucket that a store can be: one module each, discovered, never listed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.model import discovered
from generator.store.backends.base import Backend

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.cache
def backends() -> Mapping[str, Backend]:
    """Every backend by id: each module of this package that holds ``BACKEND``."""
    return discovered.entries(__name__, __path__, Backend)
