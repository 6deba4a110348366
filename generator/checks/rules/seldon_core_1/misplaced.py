"""Where the fields belong that people write into a SeldonDeployment by another platform's habits."""

from __future__ import annotations

from generator.checks.misplaced import Misplaced
from generator.schemas.kinds import SELDON_DEPLOYMENT

CONTAINER = "spec.predictors[].componentSpecs[].spec.containers[]"

FIELDS_OF_CONTAINERS = ("resources", "image", "env", "envFrom", "ports", "volumeMounts")
FIELDS_OF_PODS = ("containers", "volumes", "nodeSelector", "tolerations", "affinity", "imagePullSecrets")

PLACES = ("spec", "predictors", "graph", "children", "componentSpecs")

MISPLACED = Misplaced(
    SELDON_DEPLOYMENT,
    {
        **{
            (place, field): f"Move it to the unit's container: {CONTAINER}.{field}."
            for place in PLACES
            for field in FIELDS_OF_CONTAINERS
        },
        **{
            (place, field): f"Move it into the pod: spec.predictors[].componentSpecs[].spec.{field}."
            for place in PLACES
            for field in FIELDS_OF_PODS
        },
        ("componentSpecs", "container"): "Write componentSpecs[].spec.containers, a list.",
        **{
            (place, name): "Write modelUri, beside implementation in the graph."
            for place in ("spec", "predictors", "graph", "children")
            for name in ("storageUri", "storage_uri", "modelURI", "model_uri", "modelUri", "uri")
        },
        **{
            (place, name): "Write serviceAccountName beside modelUri in the graph, or in componentSpecs[].spec."
            for place in ("spec", "predictors")
            for name in ("serviceAccountName", "serviceAccount")
        },
        **{
            (place, name): "Write protocol: v2 under spec; it is one for all predictors."
            for place in ("spec", "predictors", "graph", "children")
            for name in ("protocol", "protocolVersion", "protocolversion")
        },
        ("predictors", "canaryTrafficPercent"): "Write traffic: a number on each predictor, 100 together.",
        ("predictors", "weight"): "Write traffic: a number on each predictor, 100 together.",
        ("spec", "traffic"): "Write traffic on each predictor, 100 together.",
        ("predictors", "minReplicas"): "Write componentSpecs[].hpaSpec.minReplicas and maxReplicas.",
        ("predictors", "maxReplicas"): "Write componentSpecs[].hpaSpec.minReplicas and maxReplicas.",
        ("predictors", "hpaSpec"): "Move it into a componentSpec: spec.predictors[].componentSpecs[].hpaSpec.",
        ("volumes", "volumeSource"): "Drop the level: write what stands below it beside the volume's name.",
    },
)
"""What real manifests get refused for, and the names that other platforms have for the same thing."""
