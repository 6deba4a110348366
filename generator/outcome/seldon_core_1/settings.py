"""What the operator is told: its ConfigMap ``seldon-config`` and its environment."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.outcome.facts import facts
from generator.outcome.given import named
from generator.outcome.part import Brought, Origin, Part
from generator.schemas.kinds import CONFIG_MAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.given import Given
    from generator.schemas.versions import Version

NAME = "seldon-config"
V2 = ("v2", "kfserving")
"""Two names of one protocol."""


class Settings(NamedTuple):
    """What a cluster's operator is told.

    Attributes:
        config: The ConfigMap's parts, each with its origin.
        environment: The operator's environment, as its manifests have it.
    """

    config: Mapping[str, Part]
    environment: Mapping[str, str]

    def image(self, implementation: str, protocol: str) -> Part | None:
        """The image of a prepackaged server for a protocol; None where the configuration has none."""
        servers = self.config.get("predictor_servers")
        found = servers.get(implementation, "protocols") if servers else None
        for name in (protocol, *V2) if protocol in V2 else (protocol or "seldon",):
            entry = found.get(name) if found else None
            if entry is not None:
                version = entry.text("defaultImageVersion")
                return Part(entry.text("image") + (f":{version}" if version else ""), entry.origin)
        return None


def settings(given: Given, release: Version) -> Settings:
    """What holds for a set: its own ConfigMap part by part, else what ships."""
    shipped = facts("seldon-core-1", release)
    words = f"the ConfigMap {NAME} of Seldon Core {shipped.of('config')}"
    parts = {name: Part(value, Origin(Brought(words), (name,))) for name, value in shipped.part("config").items()}
    own = named(given, CONFIG_MAP, NAME)
    data = own.data.get("data") if own else None
    if own and isinstance(data, dict):
        for name, text in data.items():
            found = _parsed(text)
            if isinstance(found, dict):
                parts[name] = Part(found, Origin(own, ("data", name)))
    return Settings(parts, shipped.part("manager"))


def _parsed(text: object) -> Any:
    """JSON as it is; None where it is none, which the operator itself doesn't survive."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
