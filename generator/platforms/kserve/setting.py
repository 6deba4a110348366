"""What is asked for: a service on one release of KServe, in one mode, with its strategy done in one way."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.platforms.base import NATIVE, numbers
from generator.service import Replicas

if TYPE_CHECKING:
    from generator.platforms.base import Platform
    from generator.service import Service

STANDARD, KNATIVE = "standard", "knative"


@dataclass(frozen=True)
class Setting:
    """A service, and what of its platform decides how it is rendered."""

    platform: Platform
    service: Service

    @functools.cached_property
    def release(self) -> str:
        """The minor release of KServe."""
        return self.platform.release_of(self.service)

    def since(self, release: str) -> bool:
        """Whether the release is that one or newer."""
        return numbers(self.release) >= numbers(release)

    @functools.cached_property
    def standard(self) -> bool:
        """Whether the mode is standard; else it is knative."""
        return self.platform.mode_of(self.service) == STANDARD

    @functools.cached_property
    def way(self) -> str:
        """How the strategy is done: native, gateway or graph."""
        return self.platform.way(self.service)

    @functools.cached_property
    def many(self) -> bool:
        """Whether each variant is an InferenceService of its own; else one holds all."""
        strategy = self.service.strategy
        return strategy.name != "rolling" and not (strategy.canary and self.way == NATIVE)

    @functools.cached_property
    def canaries_inside(self) -> bool:
        """Whether the canaries stand in ``spec.canary`` of the one InferenceService."""
        return self.standard and self.service.strategy.canary is not None and not self.many

    @functools.cached_property
    def splits_itself(self) -> bool:
        """Whether KServe's own HTTPRoutes give the canaries in ``spec.canary`` their traffic.

        They do from 0.21 on where its ConfigMap has ``enableGatewayApi``, which the service file says, since nothing
        here can see it (kserve/kserve aaac4e294, reconcilers/ingress/httproute_reconciler.go, ``applyCanaryWeights``).
        A Gateway of the service's own has a route of ours: it may have another host, a path and a timeout.
        """
        own = self.service.platform.gateway_api and self.service.gateway is None
        return own and self.since("0.21") and self.canaries_inside

    @functools.cached_property
    def mode_name(self) -> str | None:
        """The value of the mode's annotation; None where writing it makes the service fail.

        Up to 0.15 there are the old names only; 0.16 takes both and refuses updates under the old ones. 0.19 takes a
        new service with ``Knative`` for one whose mode was changed, and refuses what its own controller writes
        (kserve/kserve v0.19.0, pkg/apis/serving/v1beta1/inference_service_validation.go, ``validateDeploymentMode``).
        """
        return None if not self.standard and self.release == "0.19" else self.mode_of_graphs

    @property
    def mode_of_graphs(self) -> str:
        """The same for an InferenceGraph, whose webhook compares nothing."""
        if self.standard:
            return "Standard" if self.since("0.16") else "RawDeployment"
        return "Knative" if self.since("0.16") else "Serverless"

    def for_shadow(self, pods: int) -> Setting:
        """The same for a shadow in mode standard, with pods that don't scale: no metric of Knative's is known there."""
        service = self.service
        aside = replace(service, platform=replace(service.platform, mode=STANDARD), replicas=Replicas(min=pods))
        return Setting(self.platform, aside)

    @property
    def title(self) -> str:
        """The platform for messages."""
        return f"KServe {self.release} in mode {STANDARD if self.standard else KNATIVE}"
