"""The pods of a component as the cluster has them: after KServe's pod webhook.

kserve/kserve v0.20.0, pkg/webhook/admission/pod/mutator.go. In mode Knative Knative's own container is beside them,
which isn't made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import container as containers
from generator.outcome.kserve import local_model, pod_agent, pod_storage
from generator.outcome.kserve.deployment import with_defaults
from generator.outcome.kserve.draft import Draft
from generator.outcome.kserve.service_view import view as view_of
from generator.outcome.part import Part, opened, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Tree

ACCELERATOR = "serving.kserve.io/gke-accelerator"
FETCHER = "serving.kserve.io/storage-initializer-uid"
AGGREGATION = "serving.kserve.io/enable-metric-aggregation"
SCRAPING = "serving.kserve.io/enable-prometheus-scraping"
_METRICS = "metricsAggregator"
_PORT_TOGETHER, _PORT = "9088", "9091"


def pods(component: Component) -> Iterator[Tree]:
    """A pod of a component, and one of its other nodes."""
    view = view_of(component.root, component.given, component.release, component.settings)
    spec = with_defaults(component.pod) if component.standard else component.pod
    yield _pod(component.name, component.labels, component.annotations, spec, component, view)
    nodes = component.nodes
    if nodes is not None:
        yield _pod(nodes.name, nodes.labels, nodes.annotations, with_defaults(nodes.pod), component, view)


def _pod(
    name: str,
    labels: Mapping[str, Tree],
    annotations: Mapping[str, Tree],
    spec: Mapping[str, Tree],
    component: Component,
    view: ServiceView,
) -> Tree:
    draft = Draft(spec)
    _accelerated(draft, annotations)
    source = annotations.get(notes.SOURCE)
    if source is not None:
        source = local_model.claimed(source, labels, annotations, view.release)
        pod_storage.single(draft, annotations, view, source)
    _owned(draft, annotations)
    pod_agent.inject(draft, labels, annotations, view)
    metadata = {
        "generateName": f"{name}-",
        "namespace": component.namespace,
        "labels": dict(labels),
        "annotations": {**annotations, **_metrics(annotations, view)},
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": draft.spec()}


def _accelerated(draft: Draft, annotations: Mapping[str, Tree]) -> None:
    """On Google's clusters an annotation chooses the nodes of pods with Nvidia's GPUs."""
    wanted = annotations.get(ACCELERATOR)
    limits = (opened(opened(one.get("resources") or {}).get("limits") or {}) for one in draft.containers)
    if wanted is not None and any("nvidia.com/gpu" in each for each in limits):
        chosen = draft.get("nodeSelector")
        draft.put(
            "nodeSelector", {**(chosen if isinstance(chosen, dict) else {}), "cloud.google.com/gke-accelerator": wanted}
        )


def _owned(draft: Draft, annotations: Mapping[str, Tree]) -> None:
    """Who fetches the model beside Istio's sidecar, where an annotation says it; of itself Istio's webhook tells it."""
    said = annotations.get(FETCHER)
    place = containers.named(draft.inits, pod_storage.INITIALIZER)
    text = value_of(said)
    if place is None or not isinstance(text, str) or not text.lstrip("+-").isdecimal():
        return
    one = draft.inits[place]
    user = Part(int(text), said.origin) if said.__class__ is Part else int(text)
    one["securityContext"] = {**opened(one.get("securityContext") or {}), "runAsUser": user}


def _metrics(annotations: Mapping[str, Tree], view: ServiceView) -> dict[str, Tree]:
    """What tells Prometheus whether, and where, to look; the switches are written even where they are empty."""
    found: dict[str, Tree] = {}
    for key, name in ((AGGREGATION, "enableMetricAggregation"), (SCRAPING, "enablePrometheusScraping")):
        if key not in annotations:
            found[key] = Part(view.settings.text(_METRICS, name), view.settings.here(_METRICS))
    said = {**annotations, **found}
    if value_of(said[SCRAPING]) == "true":
        together = value_of(said[AGGREGATION]) == "true"
        found["prometheus.io/port"] = _PORT_TOGETHER if together else _PORT
        found["prometheus.io/path"] = "/metrics"
    return found
