"""A stand-in for Knative's controllers: each Knative Service is told Ready, with an address; nothing else becomes of it.

KServe writes the routes of an InferenceService only when its Knative Services are ready.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from objects import MERGE

if TYPE_CHECKING:
    from objects import Objects

NAMESPACE = "knative-serving"
DOMAIN = "example.com"
SETTINGS = (
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-autoscaler", "namespace": NAMESPACE},
        "data": {},
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-domain", "namespace": NAMESPACE},
        "data": {DOMAIN: ""},
    },
)
"""Its settings, which KServe looks into."""
VERSION, KIND = "serving.knative.dev/v1", "Service"
VISIBILITY, LOCAL = "networking.knative.dev/visibility", "cluster-local"
CONDITIONS = ("ConfigurationsReady", "RoutesReady", "Ready")
NOW = "2026-01-01T00:00:00Z"


def answer(objects: Objects) -> None:
    """Tell each Knative Service that isn't told so that it is ready."""
    if objects.serves(VERSION, KIND) is None:
        return
    for one in objects.every(VERSION, KIND):
        if one.get("status", {}).get("observedGeneration") != one["metadata"]["generation"]:
            path = f"{objects.where(one)}/status"
            answered = objects.ask("PATCH", path, {"status": status(one)}, kind=MERGE)
            assert answered.status in {200, 404, 409}, answered.message


def status(data: dict[str, Any]) -> dict[str, Any]:
    """What Knative would say of a Service whose newest revision gets all requests; a revision is a template."""
    name, namespace = data["metadata"]["name"], data["metadata"]["namespace"]
    template = json.dumps(data["spec"].get("template"), sort_keys=True).encode()
    revision = f"{name}-{zlib.crc32(template) % 100000:05}"
    inside = f"{name}.{namespace}.svc.cluster.local"
    local = (data["metadata"].get("labels") or {}).get(VISIBILITY) == LOCAL
    return {
        "observedGeneration": data["metadata"]["generation"],
        "latestCreatedRevisionName": revision,
        "latestReadyRevisionName": revision,
        "url": f"http://{inside}" if local else f"http://{name}.{namespace}.{DOMAIN}",
        "address": {"url": f"http://{inside}"},
        "traffic": [{"revisionName": revision, "latestRevision": True, "percent": 100}],
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": NOW} for kind in CONDITIONS],
    }
