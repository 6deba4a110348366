"""KServe's Ingress in mode Standard, where the ConfigMap doesn't say ``enableGatewayApi``.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/kube_ingress_reconciler.go
(``createRawIngress``); the same since v0.15.2. It knows neither timeouts nor canaries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.kserve import hosts
from generator.outcome.kserve.config import FORMAT, FORMAT_ANNOTATED
from generator.outcome.kserve.entry import PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.entry import Entry
    from generator.outcome.part import Part, Tree


def ingress(entry: Entry) -> Tree:
    """The one Ingress of an InferenceService, with all its hosts."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": entry.predictor.service,
            "namespace": entry.predictor.namespace,
            "annotations": _annotations(entry) or None,
        },
        "spec": {
            "ingressClassName": hosts.setting(entry.settings, "ingressClassName"),
            "rules": [_rule(host, backend) for name, backend in _pairs(entry) if (host := _host(entry, name))],
        },
    }


def _annotations(entry: Entry) -> dict[str, Tree]:
    """All of the InferenceService's, those of the webhook among them; it holds none back."""
    form = entry.root.get("spec", "predictor", "model", "modelFormat", "name")
    named = {FORMAT: form} if form is not None and entry.release >= FORMAT_ANNOTATED else {}
    return {**named, **entry.root.fields("metadata", "annotations"), **entry.predictor.added_annotations}


def _host(entry: Entry, name: str) -> Part | None:
    return hosts.host(name, entry.root, entry.settings)


def _pairs(entry: Entry) -> Iterator[tuple[str, str]]:
    """Which name's host leads to which Service.

    The transformer's own host leads to the predictor, and beside a transformer the explainer's Service answers under
    the transformer's host too: so the source has it.
    """
    service, predictor = entry.predictor.service, entry.predictor.name
    if entry.transformer:
        if entry.explainer:
            yield entry.transformer.name, entry.explainer.name
        yield service, entry.transformer.name
        yield entry.transformer.name, predictor
    elif entry.explainer:
        yield service, predictor
        yield entry.explainer.name, entry.explainer.name
    else:
        yield service, predictor
    yield predictor, predictor


def _rule(host: Part, backend: str) -> Tree:
    service = {"name": backend, "port": {"number": PORT}}
    return {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": service}}]}}
