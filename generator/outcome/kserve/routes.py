"""How requests reach an InferenceService from outside, by mode and by what the ConfigMap says.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers: factory.go (``CreateIngressReconciler``) and
the folder ingress. Routes are made once all components are ready, so these are the ones that there are then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import hosts, virtual_service
from generator.outcome.kserve.entry import entry
from generator.outcome.kserve.gateway_routes import http_routes
from generator.outcome.kserve.ingress import ingress
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.outcome.kserve.component import Component
    from generator.outcome.kserve.entry import Entry
    from generator.outcome.part import Tree

MISCOUNTED, COUNTED = Version(0, 16), Version(0, 20)
"""The first release that counts the Deployments of several nodes wrong, and the first that does so no more."""
NEVER_READY = (
    "no route is made: KServe {release} joins the reasons of both Deployments and knows the joined one for none, so a "
    "predictor of several nodes never is ready"
)
VISIBILITY, LOCAL = "networking.kserve.io/visibility", "cluster-local"
"""The label that keeps routes from being made in mode Standard, and its value."""


def made(components: Sequence[Component], services: Mapping[str, Tree]) -> Iterator[Tree]:
    """The routes of an InferenceService.

    Args:
        components: Its components; canaries too.
        services: The Services made of them, by their names.
    """
    found = entry(components, services)
    if found is None or waits_forever(components):
        return
    if not found.predictor.standard:
        yield from virtual_service.made(found)
    elif not inside_only(found):
        by_gateway = found.settings.value(hosts.SECTION, "enableGatewayApi") is True
        yield from http_routes(found) if by_gateway else (ingress(found),)


def waits_forever(components: Sequence[Component]) -> bool:
    """Whether KServe waits for a predictor that it never takes for ready, so that there are no routes.

    Of two Deployments it joins the reasons of their conditions, and asks whether that is NewReplicaSetAvailable (kserve
    v0.16.0 to v0.19.0, pkg/apis/serving/v1beta1/inference_service_status.go, ``PropagateRawStatus``; v0.20.0 doesn't).
    """
    return any(one.standard and one.nodes is not None and MISCOUNTED <= one.release < COUNTED for one in components)


def inside_only(found: Entry) -> bool:
    """Whether nothing of mode Standard is reached from outside: by its label, its domain, or the ConfigMap."""
    if found.labelled(VISIBILITY, LOCAL) or hosts.domain(found.settings) == hosts.CLUSTER_DOMAIN:
        return True
    return found.settings.value(hosts.SECTION, "disableIngressCreation") is True
