"""How requests reach an InferenceService in mode Knative: Istio's VirtualService, and a Service that points to it.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/ingress_reconciler.go
(``createIngress``, ``reconcileExternalService``); the same since v0.15.2. Neither is made with
``disableIstioVirtualHost``; from 0.17 no VirtualService is made in a cluster without Istio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.given import named
from generator.outcome.kserve import hosts
from generator.outcome.kserve.entry import NAME_HEADER, NAMESPACE_HEADER, PORT
from generator.outcome.part import Origin, Part
from generator.schemas.kinds import CONFIG_MAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.component import Component
    from generator.outcome.kserve.entry import Entry
    from generator.outcome.part import Tree

MESH = "mesh"
"""Istio's name for all sidecars."""
_CONFIG, _KNATIVE = "config-domain", "knative-serving"
_VISIBILITY, _LOCAL = "networking.knative.dev/visibility", "cluster-local"
_EXPLAIN = r"^/v1/models/[\w-]+:explain$"
_EXPLAIN_BELOW = r"(/v1/models/[\w-]+:explain)$"
_PORT_MATCH = r"(?::\d{1,5})?"


def made(entry: Entry) -> Iterator[Tree]:
    """The VirtualService, and the Service by which other pods reach it under the InferenceService's name."""
    if entry.settings.value(hosts.SECTION, "disableIstioVirtualHost") is True:
        return
    yield _virtual_service(entry)
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": entry.predictor.service, "namespace": entry.predictor.namespace},
        "spec": {
            "externalName": hosts.setting(entry.settings, "localGatewayService"),
            "type": "ExternalName",
            "sessionAffinity": "None",
        },
    }


def knative_domain(entry: Entry) -> Part | None:
    """The domain that Knative gives to Services, as the set's own ``config-domain`` says; None where it isn't there.

    Of several domains that aren't for certain labels, Knative takes the first; the labels aren't looked at here.
    """
    document = named(entry.predictor.given, CONFIG_MAP, _CONFIG, _KNATIVE)
    data = document.data.get("data") if document else None
    found = sorted(name for name in data if name != "_example") if isinstance(data, dict) else []
    return Part(found[0], Origin(document, ("data", found[0]))) if document and found else None


def _outside(entry: Entry) -> Part | None:
    """The host that Knative answers to from outside for the service; None where it isn't known, or there is none."""
    domain = knative_domain(entry)
    if domain is None or domain.value == hosts.CLUSTER_DOMAIN or entry.labelled(_VISIBILITY, _LOCAL):
        return None
    first = entry.first
    found = f"{first.name}.{hosts.namespace_of(entry.root)}.{domain.value}"
    # The host of the Knative Service without its role; a "-default" anywhere makes the controller look for the names
    # of before 0.11, so that a namespace called team-default keeps the role in the host.
    ending = f"-{first.role}-default" if "-default" in found else f"-{first.role}"
    return Part(found.replace(ending, "", 1), domain.origin)


def _virtual_service(entry: Entry) -> Tree:
    settings, service = entry.settings, entry.predictor.service
    inner, outer = hosts.inside(service, entry.root), _outside(entry)
    more = _additional(entry, outer) if outer else []
    local, outward = hosts.setting(settings, "localGateway"), hosts.setting(settings, "ingressGateway")

    def matches(pattern: str | None) -> list[Tree]:
        uri = {"regex": pattern} if pattern else None
        found: list[Tree] = [{"uri": uri, "authority": {"regex": host_pattern(inner)}, "gateways": [local, MESH]}]
        found += [
            {"uri": uri, "authority": {"regex": host_pattern(each.value)}, "gateways": [outward]}
            for each in ([outer, *more] if outer else [])
        ]
        return found

    routes = [_to(entry, entry.explainer, matches(_EXPLAIN))] if entry.explainer else []
    routes.append(_to(entry, entry.first, matches(None)))
    answered: list[Tree] = [inner, *([outer] if outer else [])]
    below = hosts.path(entry.root, settings)
    if below:
        routes += _below(entry, below, outward)
        answered.append(hosts.domain(settings))
    return {
        "apiVersion": "networking.istio.io/v1beta1",
        "kind": "VirtualService",
        "metadata": entry.metadata(service, all_labels=True),
        "spec": {
            "hosts": [*answered, *more],
            "gateways": [local, MESH, *([outward] if outer else [])],
            "http": routes,
        },
    }


def _additional(entry: Entry, outer: Part) -> list[Part]:
    """The host under ``additionalIngressDomains`` too."""
    more = entry.settings.value(hosts.SECTION, "additionalIngressDomains")
    domain = knative_domain(entry)
    if not isinstance(more, list) or domain is None:
        return []
    first = outer.value.removesuffix(domain.value)
    origin = entry.settings.here(hosts.SECTION)
    found = dict.fromkeys(first + each for each in more if isinstance(each, str))
    return [Part(each, origin) for each in found if each != outer.value]


def _to(entry: Entry, component: Component, matches: list[Tree], rewrite: Tree = None) -> Tree:
    """A route to a component by way of Knative's own gateway, which tells Knative Services by the host."""
    settings = entry.settings
    gateway = hosts.setting(settings, "knativeLocalGatewayService")
    if not gateway or not gateway.value:
        gateway = hosts.setting(settings, "localGatewayService")
    headers = {
        "Host": hosts.inside(component.name, entry.root),
        NAME_HEADER: entry.root.get("metadata", "name"),
        NAMESPACE_HEADER: hosts.namespace_of(entry.root),
    }
    return {
        "match": matches,
        "rewrite": rewrite,
        "route": [{"destination": {"host": gateway, "port": {"number": PORT}}, "weight": 100}],
        "headers": {"request": {"set": headers}},
    }


def _below(entry: Entry, path: str, gateway: Tree) -> Iterator[Tree]:
    """The routes under a path of the domain itself."""
    authority = {"regex": host_pattern(hosts.domain(entry.settings))}

    def match(uri: Tree) -> Tree:
        return {"uri": uri, "authority": authority, "gateways": [gateway]}

    if entry.explainer:
        pattern = path + _EXPLAIN_BELOW
        rewrite = {"uriRegexRewrite": {"match": pattern, "rewrite": r"\1"}}
        yield _to(entry, entry.explainer, [match({"regex": pattern})], rewrite)
    yield _to(entry, entry.first, [match({"prefix": f"{path}/"}), match({"exact": path})], {"uri": "/"})


SPECIAL = frozenset("\\.+*?()|[]{}^$")
"""What ``regexp.QuoteMeta`` of Go quotes."""


def host_pattern(host: str) -> str:
    """The pattern of a host with any port (constants.go, ``HostRegExp``).

    Its branch for hosts inside the cluster never holds: it looks for an ending that begins with ``(?i)``.
    """
    return f"^{_quoted(host)}{_PORT_MATCH}$"


def _quoted(text: str) -> str:
    """As Go's ``regexp.QuoteMeta``: fewer characters than Python's ``re.escape``."""
    return "".join(f"\\{each}" if each in SPECIAL else each for each in text)
