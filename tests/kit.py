"""What several test modules use: a service file, and pins for it."""

from __future__ import annotations

from pathlib import Path

from generator import lock

ROOT = Path(__file__).resolve().parents[1]

SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: models
platform: {kind: kserve, version: "0.20", mode: standard}
store: {url: s3://models, publish: ./build/store}
model:
  format: savedmodel
  train: {task: image-classification, data: digits, epochs: 12, seed: 7}
  gate: {accuracy: ">= 0.95"}
variants:
  - {name: stable, release: "1"}
  - {name: canary, release: latest}
strategy: {canary: {stable: stable, variant: canary, steps: [5, 25, 50, 100], step: 1}}
gateway: {name: models, namespace: gateways, host: digits.example.com}
replicas: {min: 2, max: 6, metric: cpu, target: 70}
resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: "2", memory: 2Gi}}
serviceAccount: models-reader
environments:
  staging: {namespace: staging, replicas: {min: 1, max: 4}}
  prod: {namespace: prod}
"""
"""A canary on KServe; each line is a number that tests count on."""

ROLLING = SERVICE.replace("  - {name: canary, release: latest}\n", "").replace(
    "strategy: {canary: {stable: stable, variant: canary, steps: [5, 25, 50, 100], step: 1}}", "strategy: {rolling: {}}"
)


def pin(requested: str, version: int, digit: str, **changes: object) -> lock.Pin:
    """A pin whose digest is one digit, 64 times."""
    values: dict[str, object] = {
        "requested": requested,
        "version": version,
        "digest": f"sha256:{digit * 64}",
        "path": f"digits/{version}/{digit * 16}",
        "format": "savedmodel",
        "layouts": ("tensorflow-serving",),
        "runtimes": {"tensorflow-serving": "2.20"},
    }
    return lock.Pin(**{**values, **changes})  # type: ignore[arg-type]


def locked(**pins: lock.Pin) -> lock.Lock:
    """A lock with the section ``digits``; without pins: stable at release 1, canary at release 2."""
    return lock.Lock().with_section("digits", pins or {"stable": pin("1", 1, "a"), "canary": pin("latest", 2, "b")})
