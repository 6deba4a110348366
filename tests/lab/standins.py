"""Stand-ins for controllers that aren't here: Knative Services are told Ready, routes are told accepted; no more.

KServe writes the routes of an InferenceService only when its Knative Services are ready, and a graph only when the
InferenceServices that it names have a route.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from objects import MERGE

if TYPE_CHECKING:
    from objects import Objects

KNATIVE = "knative-serving"
DOMAIN = "example.com"
SETTINGS = (
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-autoscaler", "namespace": KNATIVE},
        "data": {},
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "config-domain", "namespace": KNATIVE},
        "data": {DOMAIN: ""},
    },
)
"""Its settings, which KServe looks into."""
VISIBILITY, LOCAL = "networking.knative.dev/visibility", "cluster-local"
CONDITIONS = ("ConfigurationsReady", "RoutesReady", "Ready")
ALL = ({"latestRevision": True, "percent": 100},)
NOW = "2026-01-01T00:00:00Z"


def answer(objects: Objects) -> None:
    """Tell each Knative Service and each HTTPRoute that isn't told so that all is well."""
    for version, kind, status in (
        ("serving.knative.dev/v1", "Service", of_knative),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", of_gateway),
    ):
        for one in objects.every(version, kind) if objects.serves(version, kind) else ():
            wanted = status(one)
            if not wanted.items() <= one.get("status", {}).items():
                answered = objects.ask("PATCH", f"{objects.where(one)}/status", {"status": wanted}, kind=MERGE)
                assert answered.status in {200, 404, 409}, answered.message


def of_gateway(data: dict[str, Any]) -> dict[str, Any]:
    """What a gateway's controller would say of a route that it takes."""
    conditions = [
        {
            "type": kind,
            "status": "True",
            "reason": kind,
            "message": "",
            "observedGeneration": data["metadata"]["generation"],
            "lastTransitionTime": NOW,
        }
        for kind in ("Accepted", "ResolvedRefs")
    ]
    parents = data["spec"].get("parentRefs") or ()
    return {
        "parents": [
            {"parentRef": one, "controllerName": "serinus.dev/lab", "conditions": conditions} for one in parents
        ]
    }


def of_knative(data: dict[str, Any]) -> dict[str, Any]:
    """What Knative would say of a Service that is ready; a revision is a template."""
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
        "traffic": [{"revisionName": revision, **one} for one in data["spec"].get("traffic", ALL)],
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": NOW} for kind in CONDITIONS],
    }
