"""What becomes of a Model: no object of Kubernetes, but a place on a Server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome import Maker, Outcome, Part, Remark
from generator.outcome.seldon_core_2.landing import landing
from generator.outcome.seldon_core_2.server import GROUP
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from generator.outcome import Given
    from generator.schemas.versions import Version


def make(root: Part, given: Given, release: Version) -> Outcome:
    """Where a Model lands."""
    return Outcome(remarks=(Remark((), landing(root, given, release)),))


MAKER = Maker(product="seldon-core-2", kind=Kind(GROUP, "Model"), make=make, words=True)
