"""Seldon Core 2 after it changed its licence: the last Apache-2.0 release, and what came later as our own entries.

The CRDs of 2.7.0-rc1 (2023-08-24) and before are under the Apache License 2.0, those from 2.7.0 on under the BSL 1.1;
no text of the latter is here. The entries say which fields exist from which release on, as Seldon documents
its API. Pod specifications are Kubernetes' own types (k8s.io/api, Apache-2.0), see ``kubernetes-types/``.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

BASE = "2.7.0-rc1"
STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
INT32: Schema = {"type": "integer", "format": "int32"}
TEXTS: Schema = {"type": "object", "additionalProperties": STRING}
INT_OR_STRING: Schema = {"anyOf": [{"type": "integer"}, STRING], "x-kubernetes-int-or-string": True}
JOINS = ["inner", "outer", "any"]


def fields(**properties: Schema) -> Schema:
    """A mapping with these fields."""
    return {"type": "object", "properties": properties}


CLEANUP = fields(cleanTopicsOnDelete=BOOLEAN)
SCALING = fields(
    models=fields(enabled=BOOLEAN),
    pipelines=fields(maxShardCountMultiplier=INT32),
    servers=fields(enabled=BOOLEAN, scaleDownPackingEnabled=BOOLEAN, scaleDownPackingPercentage=INT32),
)
TOPICS: Schema = {"type": "object", "additionalProperties": INT_OR_STRING}
JOIN: Schema = {"type": "string", "enum": JOINS, "default": "inner"}

RELEASES: dict[str, tuple[str, dict[str, Schema]]] = {
    "2.8.5": (
        "0.29",
        {
            "Model.status.selector": STRING,
            "Pipeline.spec.input.joinType": JOIN,
            "Pipeline.spec.input.triggersJoinType": JOIN,
            "Pipeline.spec.output.stepsJoin": JOIN,
            "Pipeline.spec.steps[].inputsJoinType": JOIN,
            "Pipeline.spec.steps[].triggersJoinType": {"type": "string", "enum": JOINS},
            "SeldonConfig.spec.components[].annotations": TEXTS,
            "SeldonConfig.spec.components[].labels": TEXTS,
            "SeldonConfig.spec.config.tracingConfig.otelExporterProtocol": STRING,
            "SeldonRuntime.spec.config.tracingConfig.otelExporterProtocol": STRING,
            "Server.spec.statefulSetPersistentVolumeClaimRetentionPolicy": fields(
                whenDeleted=STRING, whenScaled=STRING
            ),
        },
    ),
    "2.9.1": (
        "0.33",
        {
            "Model.spec.dataflow": CLEANUP,
            "Model.spec.llm": fields(modelRef=STRING, pipelineRef=STRING),
            "Model.status.availableReplicas": INT32,
            "Pipeline.spec.allowCycles": BOOLEAN,
            "Pipeline.spec.dataflow": CLEANUP,
            "Pipeline.spec.maxStepRevisits": INT32,
        },
    ),
    "2.10.2": (
        "0.33",
        {
            "Model.status.modelgwReady": STRING,
            "SeldonConfig.spec.config.kafkaConfig.topics": TOPICS,
            "SeldonConfig.spec.config.scalingConfig": SCALING,
            "SeldonRuntime.spec.config.kafkaConfig.topics": TOPICS,
            "SeldonRuntime.spec.config.scalingConfig": SCALING,
            "Server.spec.deploymentStrategy": fields(
                type=STRING, rollingUpdate=fields(maxSurge=INT_OR_STRING, maxUnavailable=INT_OR_STRING)
            ),
        },
    ),
}
"""By release: the Kubernetes release of its pod specifications, and the fields that are new or changed in it."""

OPTIONAL_SINCE = {"2.10.2": ("ServerConfig.spec", "volumeClaimTemplates")}

POD_SPECS = ("ServerConfig.spec.podSpec", "SeldonConfig.spec.components[].podSpec")
CLAIMS = ("ServerConfig.spec.volumeClaimTemplates[].spec", "SeldonConfig.spec.components[].volumeClaimTemplates[].spec")
CONTAINERS = ("Server.spec.imageOverrides.agent", "Server.spec.imageOverrides.rclone")
PARTIAL_POD_SPECS = ("Server.spec.podSpec", "SeldonRuntime.spec.overrides[].podSpec")
"""Pod specifications that are merged over another: nothing is required, lists have no keys, some fields don't exist."""
NOT_IN_PARTIAL = (
    "ephemeralContainers",
    "hostUsers",
    "os",
    "resourceClaims",
    "resources",
    "schedulingGates",
    "serviceAccount",
)
KEYED_IN_PARTIAL = ("topologySpreadConstraints",)


def partial(pod_spec: Schema) -> Schema:
    """A pod specification that is merged over another."""
    kept = {name: dict(field) for name, field in pod_spec["properties"].items() if name not in NOT_IN_PARTIAL}
    for name, field in kept.items():
        if name not in KEYED_IN_PARTIAL:
            for key in [key for key in field if key.startswith(("x-kubernetes-list", "x-kubernetes-map"))]:
                del field[key]
    return {"type": "object", "properties": kept}


def place(roots: dict[str, Schema], path: str, schema: Schema) -> None:
    """Put a schema at a path such as ``Pipeline.spec.steps[].inputsJoinType``."""
    kind, *parts = path.split(".")
    node = roots[kind]
    for part in parts[:-1]:
        node = node["properties"][part.removesuffix("[]")]
        node = node["items"] if part.endswith("[]") else node
    node["properties"][parts[-1]] = copy.deepcopy(schema)


def releases(base: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The CRDs of each later release.

    Args:
        base: The CRDs of BASE.
    """
    result, crds = {}, copy.deepcopy(base)
    for release, (kubernetes, entries) in RELEASES.items():
        crds = copy.deepcopy(crds)
        roots = {crd["spec"]["names"]["kind"]: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for crd in crds}
        types = json.loads((Path(__file__).parent / "kubernetes-types" / f"{kubernetes}.json").read_text())
        for paths, schema in (
            (POD_SPECS, types["PodSpec"]),
            (CLAIMS, types["PersistentVolumeClaimSpec"]),
            (CONTAINERS, types["Container"]),
            (PARTIAL_POD_SPECS, partial(types["PodSpec"])),
        ):
            for path in paths:
                place(roots, path, schema)
        for path, schema in entries.items():
            place(roots, path, schema)
        for since, (path, field) in OPTIONAL_SINCE.items():
            if since == release:
                kind, parent = path.split(".")
                roots[kind]["properties"][parent]["required"].remove(field)
        for crd in crds:
            scale = crd["spec"]["versions"][0].get("subresources", {}).get("scale")
            if scale and crd["spec"]["names"]["kind"] == "Model":
                scale["labelSelectorPath"] = ".status.selector"
        result[release] = crds
    return result
