"""Why something computed differs from what a controller made: the list that ``docs/outcome.md`` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compared import Difference
    from variants import Variant


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A difference that is known.

    Attributes:
        words: Why there is one: a sentence.
        product: Whose controller it is.
        path: A regular expression for the whole place, its steps joined by dots.
        releases: In which releases; empty for all.
        modes: In which modes; empty for all.
        kind: A regular expression for the kind of the child.
        computed: One for what is computed, as text.
    """

    words: str
    product: str
    path: str
    releases: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    kind: str = ".*"
    computed: str = ".*"

    @property
    def place(self) -> str:
        """Where it is, for readers."""
        kind = "any child" if self.kind == ".*" else f"`{self.kind}`".replace("|", "\\|")
        path = self.path.replace("\\.", ".").replace("\\d+", "N").replace("|", "\\|")
        return f"{kind}: `{path}`" if path else f"{kind}: the whole object"

    def holds(self, variant: Variant, difference: Difference) -> bool:
        """Whether it is the reason of a difference."""
        return bool(
            self.product == variant.product
            and (not self.releases or variant.release in self.releases)
            and (not self.modes or variant.mode in self.modes)
            and re.fullmatch(self.kind, difference.key.kind)
            and re.fullmatch(self.path, ".".join(map(str, difference.path)))
            and re.fullmatch(self.computed, str(difference.computed), re.DOTALL)
        )


SELDON = "seldon-core-1"
REASONS = (
    Reason(
        words="`seldon.io/last-applied` is the operator's own packed copy of the object that it sent.",
        product=SELDON,
        path=r"metadata\.annotations\.seldon\.io/last-applied",
    ),
    Reason(
        words="`ENGINE_PREDICTOR` holds the predictor as the operator's Go writes it in JSON, in base64; it is named, not "
        "computed.",
        product=SELDON,
        kind="Deployment.apps",
        path=r"spec\.template\.spec\.containers\.\d+\.env\.\d+\.value",
        computed=r"\(the predictor, as JSON in base64\)",
    ),
    Reason(
        words="Routes for Ambassador (`getambassador.io/config`), which the operator writes into annotations unless it is "
        "told not to, aren't computed.",
        product=SELDON,
        kind="Service",
        path=r"metadata\.annotations\.getambassador\.io/config",
    ),
    Reason(
        words="Routes for Istio are computed as of an operator with `ISTIO_ENABLED`; this one ran without.",
        product=SELDON,
        modes=("none",),
        kind="(VirtualService|DestinationRule).networking.istio.io",
        path="",
    ),
)


def reason(variant: Variant, difference: Difference) -> str:
    """Why a difference is there; empty where nobody knows."""
    return next((one.words for one in REASONS if one.holds(variant, difference)), "")
