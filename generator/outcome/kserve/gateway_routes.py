"""KServe's HTTPRoutes in mode Standard, where the ConfigMap says ``enableGatewayApi``.

kserve/kserve, pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/httproute_reconciler.go at v0.15.2, v0.17.0,
v0.18.0, v0.20.0 and, for 0.21, at aaac4e294 with pull request 5944 (canaries leave the rules of a transformer and an
explainer alone).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import hosts, names
from generator.outcome.kserve.entry import NAME_HEADER, NAMESPACE_HEADER, PORT
from generator.outcome.kserve.values import derived, whole
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.component import Component
    from generator.outcome.kserve.entry import Entry
    from generator.outcome.part import Part, Tree

TWO_PROTOCOLS = Version(0, 18, 0)
"""The first release whose routes tell gRPC from HTTP where a Service has ports for both, and read
``disableHTTPRouteTimeout``."""
CANARIES = Version(0, 21, 0)
"""The first release whose routes give canaries their share, and whose names leave ``predictor.name`` out."""
_TIMEOUT = 60
"""Seconds that a route waits where the component says nothing."""
_ALL = "^/.*$"
_EXPLAIN = r"^/v1/models/[\w-]+:explain$"
_EXPLAIN_BELOW = r"(/v1/models/[\w-]+:explain)$"
_GRPC = {
    "path": {"type": "RegularExpression", "value": r"^/inference\.GRPCInferenceService/.*$"},
    "headers": [{"type": "RegularExpression", "name": "content-type", "value": "^application/grpc.*"}],
}


def http_routes(entry: Entry) -> Iterator[Tree]:
    """One route for each component under its own host, and one for the service under its own."""
    gateway = hosts.setting(entry.settings, "kserveIngressGateway")
    namespace, slash, name = (gateway.value if gateway else "").partition("/")
    if not slash or "/" in name:
        return  # The controller refuses the ConfigMap.
    parent = {
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "namespace": derived(gateway, namespace),
        "name": derived(gateway, name),
    }
    for component in (entry.predictor, entry.transformer, entry.explainer):
        if component is not None:
            route = _route_name(component)
            rules = _component_rules(entry, component)
            yield _route(entry, route, [hosts.host(route, entry.root, entry.settings)], rules, parent)
    yield _top(entry, parent)


def _route_name(component: Component) -> str:
    """A component's route and host are called as its Service is; from 0.21 a predictor's without its own name."""
    if component.role == names.PREDICTOR and component.release >= CANARIES:
        return names.component(component.service, component.role)
    return component.name


def _route(entry: Entry, name: str, answered: list[Part | None], rules: list[Tree], parent: Tree) -> Tree:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": entry.metadata(name),
        "spec": {"parentRefs": [parent], "hostnames": [each for each in answered if each], "rules": rules},
    }


def _top(entry: Entry, parent: Tree) -> Tree:
    """The service's own route: ``:explain`` to the explainer, all else to who takes requests first."""
    service = entry.predictor.service
    host = hosts.host(service, entry.root, entry.settings)
    answered: list[Part | None] = [host, *(hosts.additional(host, entry.settings) if host else [])]
    rules = [_rule(entry, entry.explainer, _matched(_EXPLAIN), PORT)] if entry.explainer else []
    rules += _component_rules(entry, entry.first)
    below = hosts.path(entry.root, entry.settings)
    if below:
        answered.append(entry.settings.part(hosts.SECTION, "ingressDomain"))
        if entry.explainer:
            rules.append(_rule(entry, entry.explainer, _matched(below + _EXPLAIN_BELOW), PORT))
        rules.append(_rule(entry, entry.first, _matched(f"{below}/"), PORT))
    return _route(entry, service, answered, rules, parent)


def _component_rules(entry: Entry, component: Component) -> list[Tree]:
    rest, grpc = entry.ports(component.name) if entry.release >= TWO_PROTOCOLS else (0, 0)
    if rest and grpc:
        return [_rule(entry, component, _GRPC, grpc), _rule(entry, component, _matched(_ALL), rest)]
    return [_rule(entry, component, _matched(_ALL), PORT)]


def _matched(pattern: str) -> Tree:
    return {"path": {"type": "RegularExpression", "value": pattern}}


def _rule(entry: Entry, component: Component, match: Tree, port: int) -> Tree:
    root = entry.root
    headers = [
        {"name": NAME_HEADER, "value": root.get("metadata", "name")},
        {"name": NAMESPACE_HEADER, "value": root.get("metadata", "namespace") or hosts.UNSAID_NAMESPACE},
    ]
    return {
        "matches": [match],
        "filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": headers}}],
        "backendRefs": _backends(entry, component, port),
        "timeouts": _timeouts(entry, component),
    }


def _timeouts(entry: Entry, component: Component) -> Tree:
    off = entry.release >= TWO_PROTOCOLS and entry.settings.value(hosts.SECTION, "disableHTTPRouteTimeout") is True
    if off:
        return None
    said = component.extension.get("timeout")
    seconds = whole(said)
    return {"request": f"{_TIMEOUT}s" if seconds is None else derived(said, f"{seconds}s")}


def _backends(entry: Entry, component: Component, port: int) -> list[Tree]:
    """Who gets the requests: one Service, or from 0.21 the stable predictor's and its canaries' by their shares.

    Canaries count as ready, since routes are shown as they are when all is: one that isn't gets nothing.
    """
    shared = entry.release >= CANARIES and entry.canaries and component is entry.predictor
    if not shared:
        return [_backend(component, port)]
    shares = [each.canary.get("trafficPercent") if each.canary else None for each in entry.canaries]
    rest = 100 - sum(whole(share) or 0 for share in shares)
    canaries = [
        {**_backend(each, port), "weight": 0 if share is None else share}
        for each, share in zip(entry.canaries, shares, strict=True)
    ]
    return [{**_backend(component, port), "weight": rest}, *canaries]


def _backend(component: Component, port: int) -> dict[str, Tree]:
    return {"kind": "Service", "name": component.name, "namespace": component.namespace, "port": port}
