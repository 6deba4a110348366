"""Istio's own route: a VirtualService, for meshes without Gateway API.

Fields and their limits: istio/api at 1.30, networking/v1/virtual_service.proto. The weights of one route sum to 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.plan.traffic import HUNDRED, apportion
from generator.platforms.backends import cookie_pattern
from generator.platforms.base import Composition, Sheet
from generator.platforms.labels import own_labels, preview_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.plan.traffic import Rule, Traffic
    from generator.platforms.backends import Backend
    from generator.platforms.base import Objection
    from generator.service import Gateway, Service

RELEASE = "1.30"


def objections(service: Service, _: Gateway, *, shares: bool) -> Iterator[Objection]:
    """What a VirtualService can't do."""
    test = service.strategy.ab if shares else None
    if test and test.sticky:
        yield (
            ("strategy", "ab", "sticky"),
            "Istio chooses anew between weighted destinations for each request.",
            "Split by header or cookie (match:), or write api: gateway-api with channel: experimental.",
        )
    if test and any(share.denominator != 1 for share in test.split.values()):
        yield (
            ("strategy", "ab", "split"),
            "Istio's weights are whole percentages.",
            "Write whole numbers that sum to 100.",
        )
    if test and any(len(each.cookies) > 1 for each in test.match):
        yield (
            ("strategy", "ab", "match"),
            "Istio matches the Cookie header once a rule, so two cookies can't both be asked for.",
            "Name one cookie.",
        )


def compose(plan: Plan, gateway: Gateway, backends: Mapping[str, Backend]) -> Composition:
    """The VirtualService ``<service>-split``, and one for the preview's host."""
    service, traffic = plan.service, plan.traffic
    rules = [
        *(
            _rule([_destination(service, backends[rule.variant], HUNDRED)], gateway, _matched(rule))
            | _mirror(service, traffic, backends)
            for rule in traffic.rules
        ),
        _rule(_shared(service, traffic, backends), gateway) | _mirror(service, traffic, backends),
    ]
    sheets = [_sheet(service, gateway, f"{service.name}-split", gateway.host, rules)]
    if traffic.preview:
        host, variant = traffic.preview
        alone = _rule([_destination(service, backends[variant], HUNDRED)], gateway)
        sheets.append(_sheet(service, gateway, preview_name(service), host, [alone]))
    return Composition(tuple(sheets), (("istio", RELEASE),))


def _sheet(service: Service, gateway: Gateway, name: str, host: str, rules: list[dict[str, Any]]) -> Sheet:
    context = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "gateway": f"{gateway.namespace}/{gateway.name}" if gateway.namespace else gateway.name,
        "host": host,
        "rules": rules,
    }
    return Sheet("istio/virtualservice.yaml.j2", "VirtualService", name, service.namespace, context)


def _rule(destinations: list[dict[str, Any]], gateway: Gateway, match: dict[str, Any] | None = None) -> dict[str, Any]:
    """A rule; a path's prefix is taken off, since no model server knows it. Istio compares it letter by letter."""
    ways: list[dict[str, Any]] = [match] if match else []
    rule: dict[str, Any] = {}
    if gateway.path:
        paths = ({"prefix": f"{gateway.path}/"}, {"exact": gateway.path})
        ways = [{"uri": path, **each} for each in ways or [{}] for path in paths]
        rule["rewrite"] = {"uri": "/"}
    if ways:
        rule = {"match": ways, **rule}
    rule["route"] = destinations
    if gateway.timeout:
        rule["timeout"] = gateway.timeout
    return rule


def _shared(service: Service, traffic: Traffic, backends: Mapping[str, Backend]) -> list[dict[str, Any]]:
    shares = apportion(list(traffic.split.values()), HUNDRED)
    return [_destination(service, backends[name], weight) for name, weight in zip(traffic.split, shares, strict=True)]


def _host(service: Service, backend: Backend) -> dict[str, Any]:
    """The Service by its whole name: Istio reads a short one in the VirtualService's own namespace."""
    namespace = backend.namespace or service.namespace
    host = f"{backend.service}.{namespace}.svc.cluster.local" if namespace else backend.service
    return {"host": host, "port": {"number": backend.port}}


def _destination(service: Service, backend: Backend, weight: int) -> dict[str, Any]:
    made: dict[str, Any] = {"destination": _host(service, backend), "weight": weight}
    headers = {**({"Host": backend.hostname} if backend.hostname else {}), **backend.headers}
    if headers:
        made["headers"] = {"request": {"set": headers}}
    return made


def _mirror(service: Service, traffic: Traffic, backends: Mapping[str, Backend]) -> dict[str, Any]:
    if not traffic.mirror:
        return {}
    variant, percent = traffic.mirror
    return {"mirror": _host(service, backends[variant]), "mirrorPercentage": {"value": percent}}


def _matched(rule: Rule) -> dict[str, Any]:
    headers: dict[str, Any] = {name.lower(): {"exact": value} for name, value in rule.headers.items()}
    for name, value in rule.cookies.items():
        headers["cookie"] = {"regex": cookie_pattern(name, value)}
    return {"headers": headers}
