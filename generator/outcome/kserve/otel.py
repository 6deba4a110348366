"""The OpenTelemetry collector that KServe puts beside pods which are scaled by metrics of their own.

kserve/kserve at v0.15.2, v0.16.0 and v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers:
otel/otel_reconciler.go and raw/raw_kube_reconciler.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.outcome.kserve.keda import AS_WRITTEN
from generator.outcome.kserve.values import words
from generator.outcome.part import Part
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.part import Tree

_PORT_ANNOTATION = "prometheus.kserve.io/port"
_PORT = "8080"
_SECTION = "opentelemetryCollector"
_RESOURCES = (("requests", "cpuRequest", "memoryRequest"), ("limits", "cpuLimit", "memoryLimit"))

_UNSAID: Mapping[str, Tree] = {
    "daemonSetUpdateStrategy": {},
    "deploymentUpdateStrategy": {},
    "ingress": {"route": {}},
    "observability": {"metrics": {}},
    "podDnsConfig": {},
    "targetAllocator": {
        "observability": {"metrics": {}},
        "prometheusCR": {},
        "resources": {},
    },
}
"""What the collector's Go type writes of what nobody says."""


def made(component: Component) -> Iterator[Tree]:
    """The collector of a component with metrics of the backend ``opentelemetry``, one for all of them.

    Up to 0.15 there is one even without names of metrics, and it drops the named ones instead of keeping them alone.
    """
    said = component.extension.get("autoScaling")
    if not isinstance(said, Part):
        return
    ours = [one for one in said.each("metrics") if one.text("type") == "PodMetric"]
    ours = [one for one in ours if one.text("podmetric", "metric", "backend") == "opentelemetry"]
    if not ours:
        return
    names = [list(one.each("podmetric", "metric", "metricNames")) for one in ours]
    if component.release < AS_WRITTEN:
        yield _collector(component, _dropping(names[-1]), None)
    elif any(names):
        yield _collector(component, _keeping([name for group in names for name in group]), dict(component.annotations))


def _dropping(names: list[Part]) -> Mapping[str, Tree]:
    if not names:
        return {}
    filters = [f'name != "{words(name)}"' for name in names]
    return {"filter/ottl": {"error_mode": "ignore", "metrics": {"metric": filters}}}


def _keeping(names: list[Part]) -> Mapping[str, Tree]:
    attributes = (("namespace", "namespace"), ("deployment", "deployment"), ("pod", "pod"))
    set_to = [f'set(attributes["{name}"], resource.attributes["k8s.{source}.name"])' for name, source in attributes]
    return {
        "resourcedetection/env": {"detectors": ["env"], "timeout": "2s", "override": False},
        "transform": {"metric_statements": [{"context": "datapoint", "statements": set_to}]},
        "filter/metrics": {"metrics": {"include": {"match_type": "strict", "metric_names": names}}},
    }


def _collector(component: Component, processors: Mapping[str, Tree], annotations: Mapping[str, Tree] | None) -> Tree:
    settings = component.settings
    port = words(component.annotations.get(_PORT_ANNOTATION)) or _PORT
    scraped = {
        "job_name": "otel-collector",
        "scrape_interval": settings.part(_SECTION, "scrapeInterval"),
        "static_configs": [{"targets": [f"localhost:{port}"]}],
    }
    sent = {
        "endpoint": settings.part(_SECTION, "metricReceiverEndpoint"),
        "compression": "none",
        "tls": {"insecure": True},
    }
    pipeline = {"receivers": ["prometheus"], "processors": list(processors), "exporters": ["otlp"]}
    return {
        "apiVersion": "opentelemetry.io/v1beta1",
        "kind": "OpenTelemetryCollector",
        "metadata": {"name": component.name, "namespace": component.namespace, "annotations": annotations},
        "spec": {
            "mode": "sidecar",
            "config": {
                "receivers": {"prometheus": {"config": {"scrape_configs": [scraped]}}},
                "processors": dict(processors),
                "exporters": {"otlp": sent},
                "service": {"pipelines": {"metrics": pipeline}},
            },
            "resources": _resources(component) if annotations is not None else {},
            **_UNSAID,
        },
    }


def _resources(component: Component) -> Tree:
    said = component.settings.value(_SECTION, "resource")
    if not isinstance(said, dict):
        return None
    origin = component.settings.here(_SECTION)
    found: dict[str, dict[str, Tree]] = {}
    for group, cpu, memory in _RESOURCES:
        for name, key in (("cpu", cpu), ("memory", memory)):
            amount: Any = quantity.read(said.get(key))
            if said.get(key) and amount is not None:
                found.setdefault(group, {})[name] = Part(str(amount), origin)
    return found or None
