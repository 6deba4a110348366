"""What several test modules use: a service file, and pins for it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.plan import lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.service import Service

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


def owned(text: str, locks: lock.Lock) -> lock.Lock:
    """The lock with other services' releases for the variants of a service file that name one."""
    pins = dict(locks.services.get("digits", {}))
    for name, owner in re.findall(r"name: (\w+),[^}]*service: (\w+)", text):
        if name not in pins:
            continue
        path = pins[name].path.partition("/")[2]
        pins[name] = dataclasses.replace(pins[name], path=f"{owner}/{path}")
    return dataclasses.replace(locks, services={**locks.services, "digits": pins}) if pins else locks


def fitting(service: Service, locks: lock.Lock) -> lock.Lock:
    """The lock with releases of the formats that a service's variants ask for, in every layout that they have."""
    asked = {each.name: each.format or service.model.format for each in service.variants}
    pins = {
        name: dataclasses.replace(one, format=asked.get(name) or one.format)
        for name, one in locks.services.get("digits", {}).items()
    }
    return dataclasses.replace(locks, services={**locks.services, "digits": pins}) if pins else locks


def changed(written: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where what came back lacks what was written, or has another value there; more fields may have come."""
    if isinstance(written, dict) and isinstance(found, dict):
        for key, value in written.items():
            yield from changed(value, found[key], f"{path}.{key}") if key in found else [f"{path}.{key} is gone"]
    elif isinstance(written, list) and isinstance(found, list) and len(written) == len(found):
        for index, value in enumerate(written):
            yield from changed(value, found[index], f"{path}[{index}]")
    elif type(written) is not type(found) or written != found:
        yield f"{path}: {written!r} became {found!r}"
