"""What tells kinds of objects apart."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of objects, in all its versions: ``Kind("serving.kserve.io", "InferenceService")``."""

    group: str
    kind: str
