"""Gateway API: the route that shares traffic between Services by weight, for every platform that can't by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.platforms.base import Sheet
from generator.platforms.labels import own_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.service import Gateway, Service


@dataclass(frozen=True)
class Backend:
    """A Service and its share; the weights of one route sum to 100, so that a weight is a percentage."""

    service: str
    port: int
    weight: int


def route(service: Service, gateway: Gateway, backends: Sequence[Backend]) -> Sheet:
    """The HTTPRoute ``<service>-split``, a name that no controller uses for a route of its own."""
    name = f"{service.name}-split"
    context = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "gateway": gateway,
        "backends": backends,
    }
    return Sheet("gateway-api/httproute.yaml.j2", "HTTPRoute", name, service.namespace, context)
