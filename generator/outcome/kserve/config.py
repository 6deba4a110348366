"""The settings of KServe's controller: the ConfigMap of the set, or else the one that the release ships.

kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/configmap.go: every key holds JSON, a key that is missing stands for
Go's empty values, and nothing is taken from a release's own ConfigMap where another one is there.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.outcome.facts import facts
from generator.outcome.given import within
from generator.outcome.kserve.mode import said
from generator.outcome.part import Brought, Origin, Part
from generator.schemas.kinds import CONFIG_MAP
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.given import Given

NAME = "inferenceservice-config"
NAMESPACE = "kserve"

_DISALLOWED_ANNOTATIONS = (
    "autoscaling.knative.dev/min-scale",
    "autoscaling.knative.dev/max-scale",
    "internal.serving.kserve.io/storage-initializer-sourceuri",
    "kubectl.kubernetes.io/last-applied-configuration",
)
_DISALLOWED_LABELS = ("networking.knative.dev/visibility",)
FORMAT, FORMAT_ANNOTATED = "modelFormat", Version(0, 17)
"""The annotation by which the webhook tells the model's format, and the first release that does."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the controller is told.

    Attributes:
        texts: The ConfigMap's ``data``: JSON texts; or, for a release's own, what they say.
        origin: Where they stand.
        given: Whether the set holds them.
    """

    texts: Mapping[str, Any]
    origin: Origin
    given: bool

    def section(self, key: str) -> Mapping[str, Any]:
        """What a key says; empty where it isn't there or can't be read."""
        found = self.texts.get(key)
        if isinstance(found, str):
            found = _decoded(found)
        return found if isinstance(found, dict) else {}

    def value(self, key: str, name: str) -> Any:
        """One field of a key's JSON; None where it isn't there."""
        return self.section(key).get(name)

    def text(self, key: str, name: str) -> str:
        """One field of a key's JSON where that is a text; else empty."""
        found = self.section(key).get(name)
        return found if isinstance(found, str) else ""

    def part(self, key: str, name: str) -> Part | None:
        """One field of a key's JSON with its origin, which is the key: JSON in a text has no places of its own."""
        found = self.section(key).get(name)
        return None if found is None else Part(found, self.here(key))

    def here(self, key: str) -> Origin:
        """Where a key stands."""
        return self.origin.below("data", key) if self.given else self.origin.below(key)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """The keys of a given ConfigMap whose text is no JSON: the controller then does nothing at all."""
        if not self.given:
            return ()
        return tuple(key for key in _READ if isinstance(text := self.texts.get(key), str) and _decoded(text) is None)

    @property
    def mode(self) -> str:
        """The mode of what doesn't say one; empty where the ConfigMap names none, which the controller refuses."""
        return said(self.value("deploy", "defaultDeploymentMode")) or ""


_READ = ("deploy", "inferenceService", "ingress", "storageInitializer", "explainers", "autoscaler", "service")


@functools.lru_cache(maxsize=256)
def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def settings(given: Given, release: Version) -> Settings:
    """The settings that hold in a set.

    Args:
        given: The set. Its ConfigMap ``inferenceservice-config`` counts in the namespace kserve, and where it says no
            namespace.
        release: KServe's.
    """
    for document in within(given, CONFIG_MAP, NAMESPACE):
        if document.name == NAME:
            data = document.data.get("data")
            return Settings(data if isinstance(data, dict) else {}, Origin(document), given=True)
    return shipped(release)


@functools.cache
def shipped(release: Version) -> Settings:
    """The settings that a release ships."""
    found = facts("kserve", release)
    words = f"the ConfigMap {NAME} of KServe {release.major}.{release.minor}"
    return Settings(found.part("config"), Origin(Brought(words)), given=False)


@functools.cache
def sizes(release: Version) -> Mapping[str, str]:
    """What the ConfigMap that ships gives containers of the user's own, by resource: the request is the limit.

    The runtimes that ship for one node have the same numbers.
    """
    found = shipped(release).value("inferenceService", "resource")
    pairs = ((name, found[f"{name}Request"], found[f"{name}Limit"]) for name in ("cpu", "memory"))
    return {name: request for name, request, limit in pairs if request == limit}


def disallowed_annotations(settings: Settings, release: Version) -> frozenset[str]:
    """The annotations that don't reach the children.

    From 0.17 the model's format is one of them (constants.go, ``ServiceAnnotationDisallowedList``).
    """
    own = _DISALLOWED_ANNOTATIONS
    return _held_back(
        settings, "serviceAnnotationDisallowedList", own if release < FORMAT_ANNOTATED else (*own, FORMAT)
    )


def disallowed_labels(settings: Settings) -> frozenset[str]:
    """The labels that don't reach a Knative revision; those of a Deployment aren't held back."""
    return _held_back(settings, "serviceLabelDisallowedList", _DISALLOWED_LABELS)


def _held_back(settings: Settings, name: str, own: tuple[str, ...]) -> frozenset[str]:
    """KServe's own list and the ConfigMap's; neither holds without the ConfigMap's key ``inferenceService``."""
    if "inferenceService" not in settings.texts:
        return frozenset()
    found = settings.value("inferenceService", name)
    return (
        frozenset(own).union(item for item in found if isinstance(item, str))
        if isinstance(found, list)
        else frozenset(own)
    )
