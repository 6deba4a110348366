"""Services on plain Kubernetes, for the golden files and for what asks real servers about them."""

from __future__ import annotations

from typing import Any

import yaml

from generator.decoding.nodes import parse
from generator.loading.load import build
from generator.rendering.render import render
from kit import fitting, locked, owned, pin

GATEWAY = "gateway: {name: models, namespace: gateways, host: digits.example.com}\n"
BASE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: kubernetes, version: "1.35"}
"""
STORE = "store: {url: s3://models}\n"
TWO = 'variants:\n  - {name: stable, release: "1"}\n  - {name: canary, release: latest}\n'
ONE = "variants:\n  - {name: stable, release: latest}\n"
RESOURCES = 'resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "2", memory: 2Gi}}\n'
CANARY = "strategy: {canary: {stable: stable, variant: canary, steps: [5, 25, 50, 100], step: 1}}\n"
ROLLING = BASE + STORE + ONE + RESOURCES
SPLIT = BASE + STORE + TWO + RESOURCES + GATEWAY
SCALED = "replicas: {min: 2, max: 6, metric: cpu, target: 70}\n"
BLUE_GREEN = "strategy: {blueGreen: {active: stable, preview: canary}}\n"
NAMES = {"stable": pin("latest", 1, "a")}


def of(model: str, runtime: str = "") -> str:
    """A service with one release of another format."""
    return ROLLING + f"model: {{format: {model}{', runtime: ' + runtime if runtime else ''}}}\n"


def brought(uri: str, more: str = "") -> str:
    """A service whose one variant names its files."""
    return BASE + f"variants:\n  - {{name: stable, uri: '{uri}'}}\n" + more


def holding(model: str, layout: str, **variants: int) -> Any:
    """A lock whose releases hold one layout."""
    pins = variants or {"stable": 1}
    return locked(
        **{
            name: pin("latest", version, f"{version}", format=model, layouts=(layout,), runtimes={})
            for name, version in pins.items()
        }
    )


CUSTOM = BASE + (
    "model: {format: custom}\n"
    "variants:\n"
    "  - name: stable\n"
    "    container:\n"
    "      image: registry.example.com/digits:1\n"
    "      ports: [{containerPort: 9090}]\n"
    "      readinessProbe: {httpGet: {path: /ready, port: http}}\n"
    "      securityContext: {runAsUser: 2000}\n"
)
CASES: dict[str, dict[str, Any]] = {
    "rolling": {"text": ROLLING, "lock": locked(**NAMES)},
    "rolling-gateway-scaled": {"text": ROLLING + GATEWAY + SCALED, "lock": locked(**NAMES)},
    "minimal": {
        "text": "apiVersion: serinus/v1\nkind: ModelService\nname: digits\nplatform: {kind: kubernetes}\n"
        + STORE
        + ONE,
        "lock": locked(**NAMES),
    },
    "canary": {"text": SPLIT + CANARY + SCALED},
    "canary-step-0": {"text": SPLIT + CANARY + SCALED, "sets": ["strategy.canary.step=0"]},
    "canary-last-step": {"text": SPLIT + CANARY + SCALED, "sets": ["strategy.canary.step=4"]},
    "canary-one-release": {
        "text": SPLIT + CANARY,
        "lock": locked(stable=pin("1", 1, "a"), canary=pin("latest", 1, "a")),
    },
    "canary-istio": {"text": SPLIT + CANARY, "sets": ["gateway.api=istio"]},
    "canary-grpc": {"text": SPLIT + CANARY, "sets": ["model.protocol=grpc-v1"]},
    "canaries": {
        "text": SPLIT.replace("release: latest}\n", "release: latest}\n  - {name: other, release: latest}\n")
        + "strategy: {canary: {stable: stable, variant: canary, steps: [10, 80], alongside: [{variant: other, percent: 10}]}}\n",
        "lock": locked(stable=pin("1", 1, "a"), canary=pin("latest", 2, "b"), other=pin("latest", 3, "c")),
    },
    "ab-weight": {"text": SPLIT + "strategy: {ab: {split: {stable: 33.3, canary: 66.7}}}\n"},
    "ab-match": {
        "text": SPLIT
        + "strategy: {ab: {match: [{variant: canary, headers: {x-tester: 'yes'}}, {variant: canary, cookies: {beta: on.1}}], default: stable}}\n"
    },
    "ab-sticky": {
        "text": SPLIT + "strategy: {ab: {split: {stable: 50, canary: 50}, sticky: arm}}\n",
        "sets": ["gateway.channel=experimental"],
    },
    "shadow": {"text": SPLIT + "strategy: {shadow: {stable: stable, variant: canary}}\n"},
    "shadow-percent": {
        "text": SPLIT + "strategy: {shadow: {stable: stable, variant: canary, percent: 10, replicas: 1}}\n"
    },
    "blue-green": {"text": SPLIT.replace(GATEWAY, "") + BLUE_GREEN},
    "blue-green-and-a-gateway": {"text": SPLIT + BLUE_GREEN},
    "blue-green-by-gateway": {"text": SPLIT + BLUE_GREEN, "sets": ["strategy.blueGreen.by=gateway"]},
    "blue-green-host": {"text": SPLIT + BLUE_GREEN, "sets": ["strategy.blueGreen.host=preview.example.com"]},
    "tensorflow-batching": {
        "text": ROLLING + "batcher: {maxSize: 32, maxLatency: 5}\nmodel: {parameters: {enable_model_warmup: 'true'}}\n",
        "lock": locked(**NAMES),
    },
    "tensorflow-gpu": {
        "text": ROLLING.replace("memory: 2Gi}", 'memory: 2Gi, nvidia.com/gpu: "1"}'),
        "lock": locked(**NAMES),
    },
    "triton-onnx": {"text": of("onnx"), "lock": holding("onnx", "triton")},
    "mlserver-onnx": {"text": of("onnx", "mlserver"), "lock": holding("onnx", "mlserver")},
    "triton-savedmodel": {
        "text": of("savedmodel", "triton"),
        "lock": holding("savedmodel", "triton"),
    },
    "triton-torchscript": {"text": of("torchscript"), "lock": holding("torchscript", "triton")},
    "triton-repository": {"text": brought("s3://models/repository", "model: {format: triton}\n")},
    "torchserve": {"text": of("torchserve"), "lock": holding("torchserve", "torchserve")},
    "torchserve-v2": {
        "text": brought(
            "s3://models/mar", "model: {format: torchserve, protocol: v2, parameters: {job_queue_size: '20'}}\n"
        )
    },
    "sklearn": {"text": of("sklearn"), "lock": holding("sklearn", "plain")},
    "sklearn-v2": {"text": of("sklearn"), "lock": holding("sklearn", "plain"), "sets": ["model.protocol=v2"]},
    "mlserver-sklearn": {"text": of("sklearn", "mlserver"), "lock": holding("sklearn", "mlserver")},
    "mlserver-mlflow-uri": {
        "text": brought("gs://models/wine", "model: {format: mlflow, name: wine}\naccess: {secret: gcs}\n")
    },
    "xgboost": {"text": of("xgboost"), "lock": holding("xgboost", "plain")},
    "lightgbm": {"text": of("lightgbm"), "lock": holding("lightgbm", "plain")},
    "pmml": {"text": of("pmml"), "lock": holding("pmml", "plain")},
    "paddle": {"text": of("paddle"), "lock": holding("paddle", "plain")},
    "huggingface": {"text": brought("hf://Qwen/Qwen3-0.6B", "model: {format: huggingface}\naccess: {secret: hf}\n")},
    "vllm": {
        "text": brought(
            "hf://Qwen/Qwen3-0.6B",
            "model: {format: huggingface, runtime: vllm, parameters: {max-model-len: '4096'}}\n"
            'resources: {limits: {nvidia.com/gpu: "1"}}\n',
        )
    },
    "vllm-cpu": {"text": brought("pvc://llm/qwen", "model: {format: huggingface, runtime: vllm}\n")},
    "custom": {"text": CUSTOM},
    "custom-with-files": {
        "text": CUSTOM.replace(
            "  - name: stable\n", "  - name: stable\n    uri: https://models.example.com/a/model.bin\n"
        )
    },
    "rclone": {
        "text": ROLLING.replace(
            "{url: s3://models}", "{url: s3://models/team, endpoint: http://minio.models:9000, fetch: rclone}"
        )
        + "access: {secret: s3}\n",
        "lock": locked(**NAMES),
    },
    "rclone-gs": {
        "text": ROLLING.replace("{url: s3://models}", "{url: gs://models, fetch: rclone}") + "access: {secret: gcs}\n",
        "lock": locked(**NAMES),
    },
    "endpoint-and-secret": {
        "text": ROLLING.replace("{url: s3://models}", "{url: s3://models, endpoint: https://minio.example.com}")
        + "access: {secret: s3}\n",
        "lock": locked(**NAMES),
    },
    "claim": {"text": ROLLING.replace("s3://models", "pvc://models/published"), "lock": locked(**NAMES)},
    "whole-claim": {"text": brought("pvc://digits")},
    "image": {"text": brought("oci://registry.example.com/team/digits:3", "access: {secret: registry}\n")},
    "external-secret": {
        "text": ROLLING + "access: {secret: s3, external: {store: vault, keys: {AWS_ACCESS_KEY_ID: s3#id}}}\n",
        "lock": locked(**NAMES),
    },
    "identity-aws": {
        "text": ROLLING + "access: {identity: {aws: 'arn:aws:iam::123456789012:role/reader'}}\n",
        "lock": locked(**NAMES),
    },
    "identity-azure": {
        "text": ROLLING.replace("s3://models", "https://acme.blob.core.windows.net/models")
        + "access: {identity: {azure: 01234567-89ab-cdef-0123-456789abcdef}}\n",
        "lock": locked(**NAMES),
    },
    "keda-cpu": {
        "text": ROLLING + "replicas: {min: 2, max: 6, metric: memory, target: 60, scaler: keda}\n",
        "lock": locked(**NAMES),
    },
    "keda-prometheus": {
        "text": SPLIT
        + CANARY
        + "replicas: {min: 0, max: 6, metric: prometheus, target: 40, query: 'sum(rate(requests[1m]))', server: 'http://prometheus:9090'}\n",
    },
    "budget": {
        "text": SPLIT + CANARY + "replicas: {min: 3, available: 50%}\n",
        "sets": ["strategy.canary.replicas=1"],
    },
    "network-policy": {
        "text": SPLIT
        + CANARY
        + "network: {callers: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}}], ports: [15008]}\n",
    },
    "network-policy-anyone": {"text": ROLLING + "network: {}\n", "lock": locked(**NAMES)},
    "users-own-words": {
        "text": ROLLING
        + (
            "labels: {team: vision}\n"
            "annotations: {example.com/owner: vision}\n"
            "rollout: {maxSurge: '1', maxUnavailable: '1', deadline: 120}\n"
            "container:\n"
            "  env: [{name: TF_CPP_MIN_LOG_LEVEL, value: '1'}]\n"
            "  args: [--tensorflow_session_parallelism=2]\n"
            "  volumeMounts: [{name: model, mountPath: /other}, {name: tmp, mountPath: /tmp, subPath: a}]\n"
            "  lifecycle: {preStop: {exec: {command: [sleep, '5']}}}\n"
            "  livenessProbe: {httpGet: {path: /v1/models/digits, port: http}, failureThreshold: 9}\n"
            "pod:\n"
            "  nodeSelector: {pool: models}\n"
            "  tolerations: [{key: models, operator: Exists}]\n"
            "  volumes: [{name: model, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]\n"
            "  initContainers: [{name: fetch-model, env: [{name: AWS_DEFAULT_REGION, value: eu-central-1}]}]\n"
            "  topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}]\n"
        ),
        "lock": locked(**NAMES),
    },
}


def rendered(text=SPLIT + CANARY, lock=None, **options):
    service = build(parse(text, "serinus.yaml"), "serinus.yaml", **options)
    return render(service, fitting(service, owned(text, lock or locked())))


def documents(*args, **options):
    return list(yaml.safe_load_all(rendered(*args, **options).text))
