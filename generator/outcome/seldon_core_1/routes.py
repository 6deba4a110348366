"""Istio's routes to the predictors, where the operator writes them.

seldondeployment_controller.go, ``createIstioResources``; seldondeployment_explainers.go. It does so where its
environment has ``ISTIO_ENABLED``, which no manifest of a model says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.seldon_core_1 import names
from generator.outcome.seldon_core_1.executor import annotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.outcome.part import Part, Tree
    from generator.outcome.seldon_core_1.predictor import Predictor
    from generator.outcome.seldon_core_1.settings import Settings

API = "networking.istio.io/v1alpha3"
GRPC_PATHS = ".*tensorflow.*|.*seldon.protos.*|.*inference.*"
RETRIED = "gateway-error,connect-failure,refused-stream"
IDLE = "60s"

Ports = tuple[int, int]


def made(root: Part, each: Sequence[tuple[Predictor, Ports]], settings: Settings) -> Iterator[Tree]:
    """The VirtualService that shares out the traffic, and a DestinationRule for each predictor.

    Args:
        root: The SeldonDeployment.
        each: The predictors with the ports where they answer HTTP and gRPC.
        settings: What the operator is told.
    """
    name, namespace = root.text("metadata", "name"), root.text("metadata", "namespace")
    rest: dict[str, Tree] = {
        "match": [{"uri": {"prefix": f"/seldon/{namespace}/{name}/"}}],
        "rewrite": {"uri": "/"},
    }
    headers = {"seldon": {"exact": name}, "namespace": {"exact": namespace}}
    grpc: dict[str, Tree] = {"match": [{"uri": {"regex": GRPC_PATHS}, "headers": headers}]}
    for number, rule in enumerate((rest, grpc)):
        rule["retries"] = _retries(root)
        rule["route"] = [
            {"destination": _destination(root, predictor, ports[number]), "weight": _share(predictor)}
            for predictor, ports in each
            if not predictor.shadow
        ]
        for predictor, ports in each:
            if predictor.shadow:
                rule["mirror"] = _destination(root, predictor, ports[number])
                share = _share(predictor)
                if share is not None:
                    rule["mirrorPercentage"] = {"value": share}
    yield {
        "apiVersion": API,
        "kind": "VirtualService",
        "metadata": {"name": names.fitting(name), "namespace": root.get("metadata", "namespace")},
        "spec": {"hosts": [_host(root)], "gateways": [_gateway(root, settings)], "http": [rest, grpc]},
    }
    for predictor, _ in each:
        service = names.predictor(name, predictor.part)
        yield _rule(root, predictor, service, _fqdn(root, service), idle=True)


def of_explainer(root: Part, predictor: Predictor, port: int, settings: Settings) -> Iterator[Tree]:
    """The VirtualService and the DestinationRule of an explainer."""
    name, namespace = root.text("metadata", "name"), root.text("metadata", "namespace")
    service = names.explainer(name, predictor.name)
    destination = {"host": service, "subset": predictor.part.get("name"), "port": {"number": port}}
    yield {
        "apiVersion": API,
        "kind": "VirtualService",
        "metadata": {
            "name": f"{service}-http"[: names.LONGEST].removesuffix("-"),
            "namespace": root.get("metadata", "namespace"),
        },
        "spec": {
            "hosts": [_host(root)],
            "gateways": [_gateway(root, settings)],
            "http": [
                {
                    "match": [{"uri": {"prefix": f"/seldon/{namespace}/{name}-explainer/{predictor.name}/"}}],
                    "rewrite": {"uri": "/"},
                    "route": [{"destination": destination, "weight": 100}],
                }
            ],
        },
    }
    yield _rule(root, predictor, service, service, idle=False)


def _rule(root: Part, predictor: Predictor, name: str, host: str, *, idle: bool) -> Tree:
    subset = {"name": predictor.part.get("name"), "labels": {"version": predictor.labels["version"]}}
    policy = {"connectionPool": {"http": {"idleTimeout": IDLE}}} if idle else None
    return {
        "apiVersion": API,
        "kind": "DestinationRule",
        "metadata": {"name": name, "namespace": root.get("metadata", "namespace")},
        "spec": {"host": host, "subsets": [subset], "trafficPolicy": policy},
    }


def _destination(root: Part, predictor: Predictor, port: int) -> Tree:
    host = _fqdn(root, names.predictor(root.text("metadata", "name"), predictor.part))
    return {"host": host, "subset": predictor.part.get("name"), "port": {"number": port}}


def _share(predictor: Predictor) -> Part | None:
    """The share in percent; nought isn't written, as protocol buffers have it."""
    share = predictor.part.get("traffic")
    return share if share is not None and share.value else None


def _fqdn(root: Part, service: str) -> str:
    return f"{service}.{root.text('metadata', 'namespace')}.svc.cluster.local"


def _host(root: Part) -> Tree:
    return annotation(root, "seldon.io/istio-host") or "*"


def _gateway(root: Part, settings: Settings) -> Tree:
    return annotation(root, "seldon.io/istio-gateway") or settings.environment["ISTIO_GATEWAY"]


def _retries(root: Part) -> Tree:
    count = _number(annotation(root, "seldon.io/istio-retries"))
    if count <= 0:
        return None
    patience = annotation(root, "seldon.io/istio-retries-timeout")
    return {"attempts": count, "perTryTimeout": f"{_number(patience) if patience else 1}s", "retryOn": RETRIED}


def _number(part: Part | None) -> int:
    text = str(part.value) if part else ""
    return int(text) if text.isascii() and text.isdigit() else 0
