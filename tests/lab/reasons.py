"""Why something computed differs from what a controller made: the list that ``docs/outcome.md`` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compared import Difference
    from variants import Variant


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A difference that is known.

    Attributes:
        words: Why there is one: a sentence.
        product: Whose controller it is.
        releases: In which releases; empty for all.
        kind: Of which children.
        path: A regular expression for the whole place, its steps joined by dots.
        when: What else has to hold of the recording.
    """

    words: str
    product: str
    releases: tuple[str, ...] = ()
    kind: str = ""
    path: str = ".*"
    when: Callable[[Mapping[str, Any]], bool] = lambda recording: True

    def holds(self, variant: Variant, recording: Mapping[str, Any], difference: Difference) -> bool:
        """Whether it is the reason of a difference."""
        return bool(
            self.product == variant.product
            and (not self.releases or variant.release in self.releases)
            and (not self.kind or self.kind == difference.key.kind)
            and re.fullmatch(self.path, ".".join(map(str, difference.path)))
            and self.when(recording)
        )


REASONS = (
    Reason(
        words="KServe 0.20 deletes the workers of several nodes as orphans and makes them anew, without end; what stands "
        "there when one looks is chance.",
        product="kserve",
        releases=("0.20",),
        when=lambda recording: recording["restless"],
    ),
)


def reason(variant: Variant, recording: Mapping[str, Any], difference: Difference) -> str:
    """Why a difference is there; empty where nobody knows."""
    return next((one.words for one in REASONS if one.holds(variant, recording, difference)), "")
