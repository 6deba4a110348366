"""The graph as KServe hands it to the router: its spec as Go writes JSON, with the addresses of the steps' services.

kserve/kserve v0.20.0: pkg/apis/serving/v1alpha1/inference_graph.go, pkg/controller/v1alpha1/inferencegraph. Affinity
and tolerations, of Kubernetes' own types, stay in the order in which the user wrote them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.outcome.child import Gap
from generator.outcome.given import named
from generator.outcome.kserve import address
from generator.outcome.part import Part
from generator.schemas.kinds import INFERENCE_SERVICE
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings

_FIELDS = (
    "nodes",
    "resources",
    "affinity",
    "timeout",
    "routerTimeouts",
    "minReplicas",
    "maxReplicas",
    "scaleTarget",
    "scaleMetric",
    "tolerations",
    "nodeSelector",
    "nodeName",
    "serviceAccountName",
)
_STEP = (
    "name",
    "nodeName",
    "serviceName",
    "serviceUrl",
    "data",
    "mapPredictionsToInstances",
    "weight",
    "condition",
    "dependency",
)
_ROUTER_TIMEOUTS = Version(0, 16)
"""The first release whose graphs have them."""
_TIMEOUTS = ("serverRead", "serverWrite", "serverIdle", "serviceClient")
_RESOURCES = ("limits", "requests", "claims")
_POINTERS = frozenset(("weight", "timeout", "minReplicas", "scaleTarget", "scaleMetric", "resources"))
"""The fields that are written even where they say nothing."""
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def text(root: Part, given: Given, settings: Settings, release: Version) -> tuple[str, list[Gap]]:
    """The router's argument, and which addresses aren't known.

    Args:
        root: The graph.
        given: The set, in which the services are looked for.
        settings: What the controller is told.
        release: KServe's.
    """
    gaps: list[Gap] = []
    spec = {name: part.value for name, part in root.fields("spec").items()}
    nodes = {
        name: {"routerType": node.text("routerType"), "steps": list(_steps(root, node, given, settings, release, gaps))}
        for name, node in sorted(root.fields("spec", "nodes").items())
    }
    spec["nodes"] = {
        name: node if node["steps"] else {"routerType": node["routerType"]} for name, node in nodes.items()
    }
    spec["resources"] = _resources(spec.get("resources"))
    if release < _ROUTER_TIMEOUTS:
        spec.pop("routerTimeouts", None)
    if isinstance(spec.get("routerTimeouts"), dict):
        spec["routerTimeouts"] = _kept(spec["routerTimeouts"], _TIMEOUTS, frozenset(_TIMEOUTS))
    found = json.dumps(_kept(spec, _FIELDS), separators=(",", ":"), ensure_ascii=False)
    for character, escaped in _ESCAPED.items():
        if character in found:
            found = found.replace(character, escaped)
    return found, gaps


def _kept(fields: dict[str, Any], order: tuple[str, ...], pointers: frozenset[str] = _POINTERS) -> dict[str, Any]:
    return {name: fields[name] for name in order if name in fields and (fields[name] or name in pointers)}


def _resources(said: object) -> dict[str, Any]:
    """Resources as Go writes them: by name, quantities in their canonical form."""
    fields = said if isinstance(said, dict) else {}
    return {
        name: {key: _quantity(one) for key, one in sorted(fields[name].items())}
        if isinstance(fields[name], dict)
        else fields[name]
        for name in _RESOURCES
        if fields.get(name)
    }


def _quantity(said: object) -> object:
    """A quantity in its canonical form; what is none stays, and null is Go's nought."""
    return quantity.stored(said)


def _steps(
    root: Part, node: Part, given: Given, settings: Settings, release: Version, gaps: list[Gap]
) -> Iterator[dict[str, Any]]:
    for step in node.each("steps"):
        fields = {name: part.value for name, part in step.fields().items()}
        service = step.text("serviceName")
        if service and not step.text("serviceUrl"):
            document = named(given, INFERENCE_SERVICE, service, root.text("metadata", "namespace"))
            if document is None:
                path = step.origin.below("serviceName").path
                gaps.append(Gap(path, f"the InferenceService {service} isn't given, so its address isn't known"))
            else:
                found = Part.of(document)
                host = address.address(_in_namespace(found, root), settings, release)
                fields["serviceUrl"] = host + address.path(found, given, release) if host else ""
        yield _kept(fields, _STEP)


def _in_namespace(service: Part, graph: Part) -> Part:
    """The service in the namespace of its graph, where it doesn't say one of its own."""
    namespace = graph.text("metadata", "namespace")
    if service.text("metadata", "namespace") or not namespace:
        return service
    metadata = {**service.value["metadata"], "namespace": namespace}
    return Part({**service.value, "metadata": metadata}, service.origin)
