"""The service files of a roll-out: what a user writes for each of its steps, with the lock beside it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.plan import lock
from kit import pin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KSERVE = '{kind: kserve, version: "0.20", mode: standard}'
KUBERNETES = '{kind: kubernetes, version: "1.35"}'
ROLLING = "{rolling: {}}"
SERVICE = """\
apiVersion: serinus/v1
kind: ModelService
name: digits
namespace: {namespace}
platform: {platform}
store: {{url: s3://models, publish: ./build/store}}
model: {{format: savedmodel}}
variants: [{variants}]
strategy: {strategy}
gateway: {{name: models, namespace: gateways, host: {host}{gateway}}}
replicas: {replicas}
resources: {{requests: {{cpu: 100m, memory: 64Mi}}, limits: {{cpu: "2", memory: 2Gi}}}}
"""
ADDRESS = re.compile(r"s3://models/digits/(\d+)/")
"""Where a pod's model lies: the release is a part of it on every platform."""


def canary(step: int, more: str = "") -> str:
    """The strategy of a canary with the steps 5, 25, 50 and 100 %, as YAML."""
    return f"{{canary: {{stable: stable, variant: canary, steps: [5, 25, 50, 100], step: {step}{more}}}}}"


def blue_green(active: str, preview: str) -> str:
    """The strategy of blue-green, as YAML."""
    return f"{{blueGreen: {{active: {active}, preview: {preview}}}}}"


def release_of(pod: Mapping[str, Any]) -> str:
    """Which release a pod serves."""
    found = ADDRESS.search(json.dumps(pod))
    return found[1] if found else "?"


@dataclass(frozen=True)
class Setting:
    """What stays the same through a story.

    Attributes:
        namespace: The namespace, one a story.
        platform: ``platform`` of the service file, as YAML.
        replicas: ``replicas``, likewise.
        gateway: More of ``gateway``.
    """

    namespace: str
    platform: str
    replicas: str = "{min: 2}"
    gateway: str = ""

    @property
    def host(self) -> str:
        """The host of its route; two routes of one host would get one another's requests."""
        return f"{self.namespace}.example.com"

    def write(self, folder: Path, strategy: str, releases: Mapping[str, int]) -> Path:
        """A service file and its lock in a folder of their own."""
        folder.mkdir(parents=True, exist_ok=True)
        variants = ", ".join(f'{{name: {name}, release: "{release}"}}' for name, release in releases.items())
        file = folder / "serinus.yaml"
        file.write_text(
            SERVICE.format(
                namespace=self.namespace,
                platform=self.platform,
                variants=variants,
                strategy=strategy,
                host=self.host,
                gateway=self.gateway,
                replicas=self.replicas,
            )
        )
        pins = {name: pin(str(release), release, f"{release:x}") for name, release in releases.items()}
        lock.write(folder / lock.FILE, lock.Lock().with_section("digits", pins))
        return file
