"""The tokenizer of an LLMInferenceService's scheduler, from 0.21 on: a Deployment and a Service beside it.

kserve/kserve aaac4e294, pkg/controller/v1alpha2/llmisvc/tokenizer.go. It fetches the whole model, weights included:
less is fetched for a container named ``tokenizer`` only (workload_storage.go), and this one isn't.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.child import Gap
from generator.outcome.kserve import hosts
from generator.outcome.kserve.llm import filling, naming, plugins, storage
from generator.outcome.kserve.llm.trees import dig, editable, finished, there
from generator.outcome.kserve.values import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.kserve.llm.combined import Combined
    from generator.outcome.part import Tree

PORT, PORT_NAME = 8000, "render-http"
_SCHEDULER = ("router", "scheduler")
_TEMPLATE = (*_SCHEDULER, "tokenizer", "template")


def wanted(service: Combined) -> bool:
    """Whether there is one: not so where the scheduler is another's."""
    scheduler = dig(service.spec, *_SCHEDULER)
    return not words(dig(scheduler, "pool", "ref", "name")) and plugins.tokenized(scheduler, service.release)


def url(service: Combined) -> str:
    """Where the scheduler asks it."""
    scheme = "https" if filling.encrypted(service.settings) else "http"
    host = f"{service.child(naming.TOKENIZER)}.{hosts.namespace_of(service.root)}.{hosts.CLUSTER_DOMAIN}"
    return f"{scheme}://{host}:{PORT}"


def gaps(service: Combined) -> Iterator[Gap]:
    """What isn't known of it."""
    if wanted(service) and not there(service.spec, *_TEMPLATE):
        path = ("spec", *_SCHEDULER, "config")
        yield Gap(
            path,
            "the plugins ask for a tokenizer, and KServe lays its config under the service before it has read the "
            "ConfigMap, so it isn't known what pods it has",
        )


def made(service: Combined) -> Iterator[Tree]:
    """Its Deployment and its Service."""
    if not wanted(service):
        return
    labels = {**naming.labels(service.name, ""), naming.COMPONENT: "tokenizer"}
    metadata = service.metadata(naming.TOKENIZER, "", labels=labels)
    if there(service.spec, *_TEMPLATE):
        pod = editable(dig(service.spec, *_TEMPLATE))
        storage.attach(service, pod, "main", f"{storage.MODEL}/base", adapters=False)
        yield {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": dict(labels)},
                "template": {"metadata": {"labels": dict(labels)}, "spec": finished(pod)},
            },
        }
    port = {"name": PORT_NAME, "port": PORT, "targetPort": PORT_NAME, "protocol": "TCP"}
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": dict(labels), "ports": [port]},
    }
