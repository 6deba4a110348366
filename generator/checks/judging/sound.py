"""Whether what a document hands on to pods is beyond doubt, value by value: the words of the fast lane of children."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.subject import keys_of, mapping, sequence
from generator.outcome.kserve.frameworks import FRAMEWORKS
from generator.reading.kind import Kind
from generator.schemas.kinds import INFERENCE_SERVICE, SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from generator.reading.documents import Document

MODE = "serving.kserve.io/deploymentMode"
NAME = re.compile(r"[a-z]([-a-z0-9]{0,50}[a-z0-9])?", re.ASCII)
_EVERYWHERE = ("apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec")
_CONTAINER = ("containers", "image", "imagePullPolicy", "args", "command", "env", "value", "resources")
_DEVICE = "nvidia.com/gpu"
_AMOUNTS = ("requests", "limits", "cpu", "memory", _DEVICE)
_PORTS = ("ports", "containerPort", "protocol")
_MODEL = ("model", "modelFormat", "version", "storageUri", "runtime", "protocolVersion", "runtimeVersion")
_NODES = ("nodes", "routerType", "steps", "serviceName", "serviceUrl", "nodeName", "weight", "condition", "data")
_UNIT = ("graph", "children", "implementation", "modelUri", "type", "endpoint", "parameters", "protocol", "transport")
HARMLESS: Mapping[Kind, frozenset[str]] = {
    INFERENCE_SERVICE: frozenset(
        (
            *(*_EVERYWHERE, *_MODEL, *FRAMEWORKS, *_CONTAINER, *_AMOUNTS, *_PORTS, "predictor", "transformer"),
            *("serviceAccountName", "minReplicas", "maxReplicas", "canaryTrafficPercent", MODE),
        )
    ),
    Kind("serving.kserve.io", "InferenceGraph"): frozenset((*_EVERYWHERE, *_NODES, "dependency")),
    SELDON_DEPLOYMENT: frozenset(
        (*_EVERYWHERE, *_CONTAINER, *_AMOUNTS, *_UNIT, "predictors", "componentSpecs", "replicas", "traffic")
    ),
    Kind("mlops.seldon.io", "Server"): frozenset(
        (*_EVERYWHERE, "serverConfig", "replicas", "minReplicas", "maxReplicas", "capabilities", "extraCapabilities")
    ),
}
"""The keys that bring nothing into a pod but what ``_VALUES`` looks at, or what is judged in the kind itself."""
_AMOUNT = re.compile(r"([0-9]{1,9})(m|Mi|Gi)?", re.ASCII)
_ADDRESS = re.compile(r"(?:s3|gs|https|hf)://[A-Za-z0-9/._-]+", re.ASCII)
_IMAGE = re.compile(r"[A-Za-z0-9/._:@-]+", re.ASCII)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_READ = re.compile(r"kubernetes|k8s|knative|kserve|seldon|istio|prometheus|\A(?:app|component)\Z", re.ASCII)
"""Labels and annotations that somebody reads, or that controllers write themselves."""
_PORT = re.compile(r"[a-z]([a-z0-9]{0,13}[a-z0-9])?", re.ASCII)
_HIGHEST_PORT = 65535
_TIMES = {None: 1000, "m": 1, "Mi": 1000 << 20, "Gi": 1000 << 30}


def sound(document: Document) -> bool:
    """Whether nothing can be wrong with what a document that the API server accepted hands on to pods."""
    keys = HARMLESS.get(Kind(document.api_version.rpartition("/")[0], document.kind))
    if keys is None or not NAME.fullmatch(document.name):
        return False
    found = document.keys if document.keys is not None else keys_of(document.data)
    return (keys >= found or _apart(document.data, keys)) and _valued(document.data.get("spec"))


def _apart(data: Mapping[str, Any], harmless: AbstractSet[str]) -> bool:
    """The same without the user's own words: the keys of labels and annotations, and the names of a graph's nodes."""
    labels, notes = mapping(data, "metadata", "labels"), mapping(data, "metadata", "annotations")
    spec = mapping(data, "spec")
    nodes = mapping(spec, "nodes")
    inside = keys_of({**spec, "nodes": list(nodes.values())} if nodes else spec)
    return harmless >= inside and not any(_READ.search(key) for key in (*labels, *notes) if key != MODE)


def _valued(value: Any) -> bool:
    """Whether each value that a pod gets is of the plainest form."""
    if value.__class__ is dict:
        for key, child in value.items():
            check = _VALUES.get(key)
            if check is None:
                if (child.__class__ is dict or child.__class__ is list) and not _valued(child):
                    return False
            elif not check(child):
                return False
    elif value.__class__ is list:
        return all(_valued(child) for child in value)
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: value.__class__ is str and pattern.fullmatch(value) is not None


def _anything(value: Any) -> bool:
    """No part of a pod; or, as names of formats, none that can be wrong there."""
    del value
    return True


def _containers(value: Any) -> bool:
    """One container with an image: two could share a name, a port, or an autoscaler's question for requests."""
    return value.__class__ is list and len(value) == 1 and "image" in mapping(value, 0) and _valued(value[0])


def _ports(value: Any) -> bool:
    """One port: two could be the same."""
    port = mapping(value, 0)
    number, name = port.get("containerPort"), port.get("name", "http")
    plain = value.__class__ is list and len(value) == 1 and port.keys() <= {"containerPort", "name", "protocol"}
    named = name.__class__ is str and _PORT.fullmatch(name) is not None and port.get("protocol", "TCP") == "TCP"
    return plain and named and number.__class__ is int and 0 < number <= _HIGHEST_PORT


def _texts(value: Any) -> bool:
    return value.__class__ is list and all(each.__class__ is str for each in value)


def _variables(value: Any) -> bool:
    every = sequence({"env": value}, "env")
    return value.__class__ is list and all(
        mapping(each).keys() == {"name", "value"}
        and each["value"].__class__ is str
        and each["name"].__class__ is str
        and _VARIABLE.fullmatch(each["name"])
        for each in every
    )


def _resources(value: Any) -> bool:
    """Amounts of which none is below another that it has to reach."""
    limits, requests = mapping(value, "limits"), mapping(value, "requests")
    if _DEVICE in requests and str(requests[_DEVICE]) != str(limits.get(_DEVICE)):
        return False
    amounts = {side: {name: _amount(one) for name, one in of.items()} for side, of in (("l", limits), ("r", requests))}
    if any(one is None for of in amounts.values() for one in of.values()):
        return False
    return all(one <= amounts["l"].get(name, one) for name, one in amounts["r"].items())  # type: ignore[operator]


def covered(value: Any) -> bool:
    """Whether all amounts at any depth are said on both sides, so that nothing of a runtime's shows below them."""
    if value.__class__ is dict:
        amounts = mapping(value, "resources")
        return mapping(amounts, "limits").keys() == mapping(amounts, "requests").keys() and all(
            covered(child) for child in value.values()
        )
    return value.__class__ is not list or all(covered(child) for child in value)


def _amount(value: Any) -> int | None:
    """An amount in thousandths; None for one that somebody has to look at."""
    found = _AMOUNT.fullmatch(str(value)) if value.__class__ in (str, int) else None
    return int(found[1]) * _TIMES[found[2]] if found else None


_VALUES: Mapping[str, Callable[[Any], bool]] = {
    "name": _matches(NAME),
    "serviceAccountName": _matches(NAME),
    "image": _matches(_IMAGE),
    "storageUri": _matches(_ADDRESS),
    "modelUri": _matches(_ADDRESS),
    "containers": _containers,
    "imagePullPolicy": ("Always", "IfNotPresent", "Never").__contains__,
    "args": _texts,
    "command": _texts,
    "env": _variables,
    "resources": _resources,
    "ports": _ports,
    "modelFormat": _anything,
    "parameters": _anything,
    "nodes": _anything,
}
