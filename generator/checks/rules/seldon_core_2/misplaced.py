"""Where the fields belong that people write into Seldon Core 2's objects by another platform's habits."""

from __future__ import annotations

from generator.checks.misplaced import Misplaced
from generator.checks.rules.seldon_core_2.spec import EXPERIMENT, MODEL, PIPELINE, SERVER

_SERVER = "A Model is loaded by a Server that others share: set {field} on a container of the Server's podSpec."
_OF_SERVERS = ("resources", "env", "envFrom", "image", "ports", "volumeMounts", "livenessProbe", "readinessProbe")
_OF_PODS = ("containers", "podSpec", "nodeSelector", "tolerations", "affinity", "volumes", "imagePullSecrets")
_NAMES_OF_URI = ("modelUri", "uri", "modelURI", "storage", "artifactUri")

MODELS = Misplaced(
    MODEL,
    {
        **{("spec", field): _SERVER.format(field=field) for field in _OF_SERVERS},
        **{("spec", field): f"Move it to a Server: {field} belongs to its podSpec." for field in _OF_PODS},
        **{("spec", name): "Write storageUri." for name in _NAMES_OF_URI},
        **{
            ("replicas", name): "Write minReplicas and maxReplicas beside replicas, and a number for replicas."
            for name in ("min", "max", "minReplicas", "maxReplicas")
        },
        ("spec", "protocol"): "Remove it: Seldon Core 2 speaks the Open Inference Protocol (v2) only.",
        ("spec", "protocolVersion"): "Remove it: Seldon Core 2 speaks the Open Inference Protocol (v2) only.",
        ("spec", "ingress"): "Remove it: all Models answer behind the Service seldon-mesh; write a route to that.",
        ("spec", "modelFormat"): "Write requirements: [sklearn] or another capability of a server.",
        ("spec", "implementation"): "Write requirements: [sklearn] or another capability of a server.",
        ("spec", "runtime"): "Write server: the name of a Server, or requirements.",
        ("spec", "serviceAccountName"): "Set serviceAccountName in the Server's podSpec, or secretName here.",
        ("spec", "envSecretRefName"): "Write secretName; the Secret has one key with type, name and parameters.",
        ("spec", "traffic"): "Write an Experiment with candidates and weights.",
        ("spec", "autoscaling"): "Write minReplicas and maxReplicas.",
        ("spec", "modelSource"): "Write storageUri.",
    },
)

EXPERIMENTS = Misplaced(
    EXPERIMENT,
    {
        ("mirror", "percentage"): "Write percent.",
        ("mirror", "weight"): "Write percent: the part of the requests to copy.",
        ("candidates", "percent"): "Write weight.",
        ("candidates", "traffic"): "Write weight.",
        ("spec", "models"): "Write candidates, each with name and weight.",
        ("spec", "defaultModel"): "Write default.",
    },
)

PIPELINES = Misplaced(
    PIPELINE,
    {
        ("steps", "model"): "Write name: a step has the name of its Model.",
        ("steps", "modelName"): "Write name: a step has the name of its Model.",
        ("spec", "outputs"): "Write output: {steps: [...]}.",
        ("spec", "inputs"): "Write input: {externalInputs: [...]}, or nothing: requests come from the caller.",
    },
)

SERVERS = Misplaced(
    SERVER,
    {
        **{("spec", field): f"Move it to a container of podSpec.containers[]: {field}." for field in _OF_SERVERS},
        **{("spec", field): f"Move it to podSpec.{field}." for field in _OF_PODS if field != "podSpec"},
        ("spec", "requirements"): "Write capabilities; requirements are what a Model asks for.",
    },
)
