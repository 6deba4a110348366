"""Gateway API: HTTPRoutes that share traffic between Services, for every platform that can't by itself.

Which release has which field in which channel: kubernetes-sigs/gateway-api at v1.2.1 … v1.7.0,
config/crd/{standard,experimental}/gateway.networking.k8s.io_httproutes.yaml.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.plan.traffic import HUNDRED, weights
from generator.platforms.backends import Backend, cookie_pattern
from generator.platforms.base import Composition, Sheet, numbers
from generator.platforms.labels import own_labels, preview_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.plan.traffic import Rule, Traffic
    from generator.platforms.base import Objection
    from generator.service import Gateway, Service

RELEASES = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
MIRROR_PERCENT_SINCE = (1, 3)
"""``requestMirror.percent`` in the standard channel; in the experimental one since 1.2."""
COOKIE_OBJECT_SINCE = (1, 7)
"""``sessionPersistence`` holds a ``cookie`` with its name, where it held ``sessionName``: no form is valid in both."""

Shares = list[tuple[Backend, int | None]]
"""The Services of a rule and their weights."""


def objections(service: Service, gateway: Gateway, *, shares: bool) -> Iterator[Objection]:
    """What the named release and channel lack."""
    strategy, standard = service.strategy, gateway.channel == "standard"
    if ".".join(map(str, numbers(gateway.version))) not in RELEASES:
        listed = ", ".join(f'"{each}"' for each in RELEASES)
        yield ("gateway", "version"), f"Gateway API {gateway.version} isn't known.", f"Known: {listed}."
    if not shares:
        return
    if strategy.ab and strategy.ab.sticky and standard:
        yield (
            ("strategy", "ab", "sticky"),
            "session persistence is in the experimental channel of Gateway API only.",
            "Write gateway.channel: experimental, or split by header or cookie (match:), which is sticky by itself.",
        )
    small = strategy.shadow is not None and strategy.shadow.percent < HUNDRED
    if small and standard and numbers(gateway.version) < MIRROR_PERCENT_SINCE:
        yield (
            ("strategy", "shadow", "percent"),
            f"Gateway API {gateway.version} mirrors all requests or none.",
            "Write percent: 100, or gateway.version 1.3 or newer.",
        )


def compose(plan: Plan, gateway: Gateway, backends: Mapping[str, Backend]) -> Composition:
    """The HTTPRoute ``<service>-split``, a name that no controller uses for a route of its own, and the preview's."""
    service, traffic, everything = plan.service, plan.traffic, _everything(gateway)
    rules = [
        *(
            _rule([{**everything, **_matched(rule)}], [(backends[rule.variant], None)], traffic, gateway, backends)
            for rule in traffic.rules
        ),
        _rule([everything], _shared(traffic, backends), traffic, gateway, backends, sticky=traffic.sticky),
    ]
    sheets = [_sheet(service, gateway, f"{service.name}-split", gateway.host, rules)]
    if traffic.preview:
        host, variant = traffic.preview
        alone = _rule([everything], [(backends[variant], None)], None, gateway, backends)
        sheets.append(_sheet(service, gateway, preview_name(service), host, [alone]))
    product = "gateway-api" if gateway.channel == "standard" else "gateway-api-experimental"
    return Composition(tuple(sheets), ((product, gateway.version),))


def _sheet(service: Service, gateway: Gateway, name: str, host: str, rules: list[dict[str, Any]]) -> Sheet:
    context = {
        "name": name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "gateway": gateway,
        "host": host,
        "rules": rules,
    }
    return Sheet("gateway-api/httproute.yaml.j2", "HTTPRoute", name, service.namespace, context)


def _rule(
    matches: list[dict[str, Any]],
    shares: Shares,
    traffic: Traffic | None,
    gateway: Gateway,
    backends: Mapping[str, Backend],
    *,
    sticky: str | None = None,
) -> dict[str, Any]:
    """One rule, every default of the API written out, so that nobody sees a change that nobody made."""
    rule: dict[str, Any] = {"matches": matches}
    mirror = traffic.mirror if traffic else None
    # A filter of a whole rule is core or extended; one of a single backendRef is extended for headers, and hardly any
    # gateway has it for a host name (Istio refuses such a route, Envoy Gateway takes it from 1.7 on). A mirror gets
    # what the rule says as well: another host name, which no pod reads, but never the headers of another model.
    alone = shares[0][0] if len(shares) == 1 else None
    if alone and mirror:
        alone = replace(alone, headers={})
    said = _said(alone) if alone else []
    filters = [*([_mirror(*mirror, backends)] if mirror else []), *_with_path(said, gateway)]
    if filters:
        rule["filters"] = filters
    rule["backendRefs"] = [_reference(backend, weight, besides=said) for backend, weight in shares]
    if sticky:
        rule["sessionPersistence"] = _persistence(sticky, gateway)
    if gateway.timeout:
        rule["timeouts"] = {"request": gateway.timeout}
    return rule


def _everything(gateway: Gateway) -> dict[str, Any]:
    """A match that takes every request of the service's."""
    return {"path": {"type": "PathPrefix", "value": gateway.path or "/"}}


def _with_path(said: list[dict[str, Any]], gateway: Gateway) -> list[dict[str, Any]]:
    """Filters of a rule that take the path's prefix off besides: no model server knows it. A rule has one rewrite."""
    if not gateway.path:
        return said
    path = {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}
    others = [each for each in said if each["type"] != "URLRewrite"]
    ours: dict[str, Any] = next((each["urlRewrite"] for each in said if each["type"] == "URLRewrite"), {})
    return [*others, {"type": "URLRewrite", "urlRewrite": {**ours, **path}}]


def _persistence(sticky: str, gateway: Gateway) -> dict[str, Any]:
    """The session's cookie, all defaults written out; from 1.7 on its path isn't taken from the match any more."""
    if numbers(gateway.version) < COOKIE_OBJECT_SINCE:
        return {"sessionName": sticky, "type": "Cookie"}
    return {"type": "Cookie", "cookie": {"name": sticky, "path": gateway.path or "/", "lifetimeType": "Session"}}


def _shared(traffic: Traffic, backends: Mapping[str, Backend]) -> Shares:
    """The Services of the split, each with its weight."""
    shares = weights(list(traffic.split.values()))
    return [(backends[name], weight) for name, weight in zip(traffic.split, shares, strict=True)]


def _reference(backend: Backend, weight: int | None, *, besides: list[dict[str, Any]]) -> dict[str, Any]:
    """A Service of a rule.

    Args:
        backend: The Service.
        weight: Its weight, None where it is the only one.
        besides: What the rule says already of all that the Service has to be told.
    """
    reference = {**_object(backend), "weight": 1 if weight is None else weight}
    filters = [each for each in _said(backend) if each not in besides]
    if filters:
        reference["filters"] = filters
    return reference


def _said(backend: Backend) -> list[dict[str, Any]]:
    """The filters that tell a Service which model is meant, and under which host name it is known."""
    filters = _headers(backend.headers)
    if backend.hostname:
        filters.append({"type": "URLRewrite", "urlRewrite": {"hostname": backend.hostname}})
    return filters


def _headers(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The filter that sets request headers; none where there is nothing to set."""
    values = [{"name": name, "value": value} for name, value in headers.items()]
    return [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": values}}] if values else []


def _object(backend: Backend) -> dict[str, Any]:
    reference: dict[str, Any] = {"group": "", "kind": "Service", "name": backend.service}
    if backend.namespace:
        reference["namespace"] = backend.namespace
    return {**reference, "port": backend.port}


def _mirror(variant: str, percent: int, backends: Mapping[str, Backend]) -> dict[str, Any]:
    share = {} if percent == HUNDRED else {"percent": percent}
    return {"type": "RequestMirror", "requestMirror": {"backendRef": _object(backends[variant]), **share}}


def _matched(rule: Rule) -> dict[str, Any]:
    """Headers by their exact value; a cookie by a regular expression on the header that holds it."""
    headers = [{"type": "Exact", "name": name, "value": value} for name, value in rule.headers.items()]
    cookies = [
        {"type": "RegularExpression", "name": "cookie", "value": cookie_pattern(name, value)}
        for name, value in rule.cookies.items()
    ]
    return {"headers": [*headers, *cookies]}
