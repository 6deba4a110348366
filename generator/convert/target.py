"""The platform that a service file is written for."""

from __future__ import annotations

from dataclasses import dataclass

from generator import platforms
from generator.decoding.exact import nearest
from generator.errors import InputError

OWN = {
    "InferenceService": "kserve",
    "InferenceGraph": "kserve",
    "SeldonDeployment": "seldon-core-1",
    "Model": "seldon-core-2",
    "Experiment": "seldon-core-2",
    "Pipeline": "seldon-core-2",
}
"""Kinds that are services, and the platform of each."""


@dataclass(frozen=True)
class Target:
    """A platform and its release.

    Attributes:
        kind: The platform's name in service files.
        version: Its release by minor; empty where Serinus renders none.
    """

    kind: str
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> Target:
        """``kserve`` or ``kserve@0.20``.

        Raises:
            InputError: The platform or its release isn't known.
        """
        kind, _, version = text.partition("@")
        known = platforms.platforms()
        if kind not in known:
            raise InputError(f"--to {text}: the platform '{kind}' isn't known.", fix=nearest(kind, known))
        releases = known[kind].releases
        if not version:
            return cls(kind, releases[-1])
        minor = next((each for each in releases if version == each or version.startswith(f"{each}.")), None)
        if minor is None:
            listed = ", ".join(f"{kind}@{each}" for each in releases)
            raise InputError(f"--to {text}: the release isn't known.", fix=f"Known: {listed}.")
        return cls(kind, minor)


def own(kind: str) -> Target:
    """The platform of a kind of manifest, in its newest release."""
    platform = platforms.platforms().get(OWN[kind])
    return Target(OWN[kind], platform.releases[-1] if platform else "")
