"""The operator's own way in: annotations that bind its routes, and what of the gateway they can't honour.

Source: SeldonIO/seldon-core v1.17.1, operator/controllers/istio.go, operator/controllers/ambassador/v1.go,
operator/controllers/utils/controller_utils.go (``GetAnnotation``: spec.annotations first, then metadata.annotations).
What stands under spec.annotations is copied to the pods of all predictors: only what their engine reads stands there.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.platforms.seldon_core_1.cells import AMBASSADOR, ISTIO, NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.traffic import Rule
    from generator.platforms.base import Objection
    from generator.service import Service

ISTIO_GATEWAY, ISTIO_HOST = "seldon.io/istio-gateway", "seldon.io/istio-host"
HEADER, SERVICE_NAME = "seldon.io/ambassador-header", "seldon.io/ambassador-service-name"
TIMEOUTS = ("seldon.io/grpc-timeout", "seldon.io/rest-timeout")

RESERVED = MappingProxyType(
    {
        ISTIO_GATEWAY: "gateway",
        ISTIO_HOST: "gateway.host",
        HEADER: "strategy.ab.match",
        SERVICE_NAME: "strategy.ab.match",
        TIMEOUTS[0]: "gateway.timeout",
        TIMEOUTS[1]: "gateway.timeout",
    }
)
"""What a service's own annotations can't say, since two places would say it, and what says it."""

MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
LONGEST_TIMEOUT = 2**31 - 1
"""The engine reads 32 bits of milliseconds."""


def objections(service: Service, mode: str, way: str) -> Iterator[Objection]:
    """What two places would say, and what the operator's routes can't do."""
    for key, instead in RESERVED.items():
        if key in service.annotations:
            yield ("annotations", key), f"Serinus writes {key} itself.", f"Say it by {instead}."
    if service.gateway and service.gateway.timeout and _milliseconds(service.gateway.timeout) > LONGEST_TIMEOUT:
        yield ("gateway", "timeout"), "Seldon's engine reads at most 24 days.", "Write less."
    if mode == AMBASSADOR and way == "native" and service.strategy.ab:
        yield from _headers(service)


def _headers(service: Service) -> Iterator[Objection]:
    """One SeldonDeployment has one header in its annotation, written ``name: value``."""
    test = service.strategy.ab
    if test is None:
        return
    elsewhere = {*test.split, *([test.default] if test.default else ())}
    seen: set[str] = set()
    fix = "Write by: gateway with a gateway that matches it."
    for index, match in enumerate(test.match):
        at = ("strategy", "ab", "match", index)
        if match.variant in elsewhere or match.variant in seen:
            message = f"Ambassador matches one header for '{match.variant}', which then gets nothing else."
            yield (*at, "variant"), message, fix
        seen.add(match.variant)
        if len(match.headers) != 1:
            yield (*at, "headers"), "seldon.io/ambassador-header holds one header.", fix
        for name, value in match.headers.items():
            if ":" in value or value != value.strip() or not value:
                message = f"the operator splits seldon.io/ambassador-header at every ':' and trims '{value}'."
                yield (*at, "headers", name), message, fix


def bound(service: Service, mode: str, way: str) -> dict[str, str]:
    """On the object itself: the Istio Gateway and the host, where the operator's route is the way in."""
    gateway = service.gateway
    if gateway is None or mode != ISTIO or way != "native":
        return {}
    name = f"{gateway.namespace}/{gateway.name}" if gateway.namespace else gateway.name
    return {ISTIO_GATEWAY: name, ISTIO_HOST: gateway.host}


def matching(service: Service, rule: Rule) -> dict[str, str]:
    """On a SeldonDeployment that gets the requests with one header, at the path of the service."""
    ((name, value),) = rule.headers.items()
    return {HEADER: f"{name}: {value}", SERVICE_NAME: service.name}


def timeouts(service: Service, mode: str, way: str) -> dict[str, str]:
    """Under spec: how long the engine waits for a model, and Ambassador for the engine."""
    if service.gateway is None or service.gateway.timeout is None or mode == NONE or way != "native":
        return {}
    return dict.fromkeys(TIMEOUTS, str(_milliseconds(service.gateway.timeout)))


def _milliseconds(duration: str) -> int:
    return sum(int(number) * MILLISECONDS[unit] for number, unit in re.findall(r"([0-9]+)(ms|h|m|s)", duration))


def notes(service: Service, mode: str, way: str) -> Iterator[str]:
    """What a gateway means here."""
    gateway = service.gateway
    if gateway is None or mode == NONE:
        return
    if way == "gateway":
        yield f"{service.name}: the operator's own path /seldon/<namespace>/{service.name}/ leads past {gateway.host}."
    elif mode == AMBASSADOR:
        yield (
            f"{service.name}: gateway isn't used in mode ambassador but for its timeout: the operator's Mappings "
            f"answer at every host, under /seldon/<namespace>/{service.name}/."
        )
    elif gateway.api != "istio":
        yield (
            f"{service.name}: gateway {gateway.name} has to be Istio's (networking.istio.io), since the operator's "
            "VirtualService is bound to it, and version and channel mean nothing then; api: istio says the same."
        )
