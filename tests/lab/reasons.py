"""Why something computed differs from what a controller made: the list that ``docs/outcome.md`` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        made: One for what was made, as text.
        several: Whether it holds of predictors of several nodes alone.
    """

    words: str
    product: str
    path: str
    releases: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    kind: str = ".*"
    computed: str = ".*"
    made: str = ".*"
    several: bool = False

    @property
    def place(self) -> str:
        """Where it is, for readers."""
        kind = "any child" if self.kind == ".*" else f"`{_shown(self.kind)}`"
        path = _shown(self.path)
        return f"{kind}: `{path}`" if path else f"{kind}: the whole object"

    def holds(self, variant: Variant, document: Mapping[str, Any], difference: Difference) -> bool:
        """Whether it is the reason of a difference."""
        return bool(
            self.product == variant.product
            and (not self.releases or variant.release in self.releases)
            and (not self.modes or variant.mode in self.modes)
            and (not self.several or of_several_nodes(document))
            and re.fullmatch(self.kind, difference.key.kind)
            and re.fullmatch(self.path, ".".join(map(str, difference.path)))
            and re.fullmatch(self.computed, str(difference.computed), re.DOTALL)
            and re.fullmatch(self.made, str(difference.made), re.DOTALL)
        )


def _shown(pattern: str) -> str:
    """A pattern for readers, in a table."""
    return pattern.replace("\\.", ".").replace("\\d+", "N").replace(".*", "…").replace("|", "\\|")


SELDON, KSERVE = "seldon-core-1", "kserve"
REASONS = (
    Reason(
        words="KServe sends the router's container with an empty name, to which Knative gives its own.",
        product=KSERVE,
        kind=r"Service\.serving\.knative\.dev",
        path=r"spec\.template\.spec\.containers\.0\.name",
        made="",
    ),
    Reason(
        words="The CRD that KServe 0.16.0 is installed by lacks `mapPredictionsToInstances`, which its types and its controller "
        "have; so it is dropped there.",
        product=KSERVE,
        releases=("0.16",),
        path=r"spec\.template\.spec\.containers\.0\.args\.1",
        computed=r'.*"mapPredictionsToInstances":true.*',
    ),
    Reason(
        words="KServe's Go sends a probe's port that nobody gave as 0, which Knative's schema takes.",
        product=KSERVE,
        kind=r"Service\.serving\.knative\.dev",
        path=r"spec\.template\.spec\.containers\.\d+\.(liveness|readiness)Probe\.httpGet\.port",
        computed="None",
        made="0",
    ),
    Reason(
        words="KServe's Go leaves out a variable's empty value, which is empty without it too.",
        product=KSERVE,
        kind=r"Service\.serving\.knative\.dev",
        path=r"spec\.template\.spec\.containers\.\d+\.env\.\d+\.value",
        computed="",
        made="None",
    ),
    Reason(
        words="How `canaryTrafficPercent` is split is told by the cluster's history of revisions; computed is a service that "
        "is new.",
        product=KSERVE,
        kind=r"Service\.serving\.knative\.dev",
        path=r"spec\.traffic\.\d+\..*",
    ),
    Reason(
        words="When a certificate ends is the day's.",
        product=KSERVE,
        modes=("llm",),
        kind="Secret",
        path=r"metadata\.annotations\.certificates\.kserve\.io/expiration",
        computed="None",
    ),
    Reason(
        words="KServe makes no route before the Gateway is there that it names; the lab has one of its own alone.",
        product=KSERVE,
        modes=("llm",),
        kind=r"HTTPRoute\.gateway\.networking\.k8s\.io",
        path="",
        made="None",
    ),
    Reason(
        words="Settings of a scheduler of before, which KServe writes anew for a newer one, are computed as they are said; "
        "`expand` says so.",
        product=KSERVE,
        releases=("0.19", "0.20"),
        modes=("llm",),
        kind=r"Deployment\.apps",
        path=r"spec\.template\.spec\.containers\.\d+\.args\.\d+",
        computed=r".*EndpointPickerConfig.*",
    ),
    Reason(
        words="`seldon.io/last-applied` is the operator's own packed copy of the object that it sent.",
        product=SELDON,
        path=r"metadata\.annotations\.seldon\.io/last-applied",
    ),
    Reason(
        words="`ENGINE_PREDICTOR` holds the predictor as the operator's Go writes it in JSON, in base64; it is named, not "
        "computed.",
        product=SELDON,
        kind=r"Deployment\.apps",
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
        kind=r"(VirtualService|DestinationRule)\.networking\.istio\.io",
        path="",
    ),
)


ENDLESS = (
    "KServe 0.20 deletes the workers of several nodes as orphans and makes them anew, without end: what stands there when one "
    "looks is chance"
)


def endless(variant: Variant, document: Mapping[str, Any]) -> bool:
    """Whether a document's children never come to rest.

    kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/components/predictor.go, the end of
    ``reconcileCanaryDeployments``: all Deployments and Services of the predictor but those of its head are deleted as orphans.
    """
    return variant.product == KSERVE and variant.release == "0.20" and of_several_nodes(document)


def of_several_nodes(document: Mapping[str, Any]) -> bool:
    """Whether it is an InferenceService whose predictor has workers."""
    predictor = document["spec"].get("predictor") if document.get("kind") == "InferenceService" else None
    return isinstance(predictor, dict) and "workerSpec" in predictor


def reason(variant: Variant, document: Mapping[str, Any], difference: Difference) -> str:
    """Why a difference is there; empty where nobody knows."""
    return next((one.words for one in REASONS if one.holds(variant, document, difference)), "")
