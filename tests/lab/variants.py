"""The labs that documents are shown to: a product, a release, and how it is set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import kserve_manager
import laboratory
import seldon_operator
import standins

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from laboratory import Lab


LLM = "LLMInferenceService"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to run a product.

    Attributes:
        product: As ``--platform`` names it.
        release: As a service file names it.
        mode: How it is set up, in a word.
        kinds: What it is shown.
        config: What is changed in KServe's ConfigMap.
        environment: What is set otherwise in the environment of Seldon Core 1's operator.
    """

    product: str
    release: str
    mode: str
    kinds: tuple[str, ...]
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def started(self, folder: Path) -> AbstractContextManager[Lab]:
        """The lab."""
        if self.product == "seldon-core-1":
            return laboratory.started(folder, seldon_core_1=self.environment, autoscaling=False)
        return laboratory.started(
            folder, kserve=self.release, config=self.config, autoscaling=False, llm=LLM in self.kinds
        )

    def crds(self) -> dict[str, dict[str, Any]]:
        """What is installed in it, by name."""
        if self.product == "kserve":
            return kserve_manager.installed_by(self.release).crds
        return {crd["metadata"]["name"]: crd for crd in seldon_operator.crds()}

    def settings(self) -> list[dict[str, Any]]:
        """What its controllers are set up by, as documents that a user could give."""
        if self.product == "kserve":
            own = kserve_manager.configured(kserve_manager.installed_by(self.release).config, self.config)
            return [own, *standins.SETTINGS]
        return []


SCALED = {"autoscaling-wva-controller-config": {"prometheus": {"url": "http://prometheus:9090"}}}
"""Without an address of Prometheus KServe stops before it scales an LLMInferenceService, and makes no route either."""


def _kserve(release: str) -> dict[str, Variant]:
    old = release == "0.15"
    standard = {"deploy": {"defaultDeploymentMode": "RawDeployment" if old else "Standard"}}
    modes: dict[str, Mapping[str, Mapping[str, Any]]] = {
        "standard": standard,
        "gateway": {**standard, "ingress": {"enableGatewayApi": True}},
        "knative": {"deploy": {"defaultDeploymentMode": "Serverless" if old else "Knative"}},
        **({} if old else {"llm": SCALED}),
    }
    return {
        f"kserve-{release}-{mode}": Variant(
            product="kserve",
            release=release,
            mode=mode,
            kinds=(LLM,) if mode == "llm" else ("InferenceService", "InferenceGraph", "TrainedModel"),
            config=config,
        )
        for mode, config in modes.items()
    }


SELDON = {
    f"seldon-core-1-{mode}": Variant(
        product="seldon-core-1",
        release="1.18",
        mode=mode,
        kinds=("SeldonDeployment",),
        environment={"KEDA_ENABLED": "true", "ISTIO_ENABLED": "true" if mode == "istio" else "false"},
    )
    for mode in ("istio", "none")
}
VARIANTS = SELDON | {
    name: one for release in ("0.20", "0.19", "0.17", "0.16", "0.15") for name, one in _kserve(release).items()
}
"""By name: product, release and mode. ``gateway`` is the standard mode with routes of Gateway API; ``llm`` has none."""

FIRST = ("kserve-0.20-standard",)
"""What runs always; the others where ``SERINUS_LAB`` is ``all``."""


def exact_release(variant: Variant) -> str:
    """The release that ran, with its patch."""
    return kserve_manager.RELEASES[variant.release]
