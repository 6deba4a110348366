"""Models that a cluster has cached on its nodes: which cache a service takes, and what the webhook notes of it.

kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go (``setLocalModelLabel``),
pkg/apis/serving/v1alpha1/storage_uri_utils.go; caches of one namespace came with v0.18.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from generator.outcome.given import within
from generator.outcome.kserve import annotations as notes
from generator.outcome.part import Part, value_of
from generator.reading.kind import Kind
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Tree

CACHE = Kind("serving.kserve.io", "LocalModelCache")
NAMESPACE_CACHE = Kind("serving.kserve.io", "LocalModelNamespaceCache")
OFF, NODES = "serving.kserve.io/disable-localmodel", "serving.kserve.io/nodegroup"
_OF_NAMESPACES = _BY_HASH = Version(0, 18)


def noted(
    source: Tree, annotations: Mapping[str, Tree], namespace: str, given: Given, settings: Settings, release: Version
) -> tuple[dict[str, Tree], dict[str, Tree]]:
    """The labels and annotations that the webhook adds to an InferenceService whose model is cached.

    Args:
        source: Where its model comes from; None where nothing says it.
        annotations: Its own.
        namespace: Its own; empty where it is open.
        given: The set.
        settings: What the controller is told: nothing is cached unless it says so.
        release: KServe's.
    """
    uri = value_of(source)
    if not isinstance(uri, str) or settings.value("localModel", "enabled") is not True or OFF in annotations:
        return {}, {}
    wanted = value_of(annotations.get(NODES))
    for cache, own in _caches(given, namespace, release):
        groups = [one.value for one in cache.each("spec", "nodeGroups")]
        address = cache.get("spec", "sourceModelUri")
        if address is None or not groups or not matches(str(address.value), uri):
            continue
        if wanted is None or wanted in groups:
            name = cache.text("metadata", "name")
            labels: dict[str, Tree] = {notes.LOCAL_MODEL: cache.get("metadata", "name")}
            if own:
                labels[notes.LOCAL_MODEL_NAMESPACE] = cache.get("metadata", "namespace") or namespace
            claim = f"{name}-{groups[0] if wanted is None else wanted}"
            return labels, {notes.LOCAL_MODEL_SOURCE: address, notes.LOCAL_MODEL_CLAIM: claim}
    return {}, {}


def _caches(given: Given, namespace: str, release: Version) -> Iterator[tuple[Part, bool]]:
    """The caches, those of the namespace first, each with whether it is one of a namespace."""
    if release >= _OF_NAMESPACES:
        for one in within(given, NAMESPACE_CACHE, namespace):
            yield Part.of(one), True
    for one in within(given, CACHE):
        yield Part.of(one), False


def matches(cached: str, uri: str) -> bool:
    """Whether an address is a cached one, or stands for a folder in it."""
    cached, uri = cached.removesuffix("/"), uri.removesuffix("/")
    return uri == cached or uri.startswith(f"{cached}/")


def claimed(source: Tree, labels: Mapping[str, Tree], annotations: Mapping[str, Tree], release: Version) -> Tree:
    """The claim of the nodes from which a cached model is mounted, as an address; else the address as it is.

    Args:
        source: The address.
        labels: The pod's.
        annotations: The pod's.
        release: KServe's: up to 0.17 a cache's folder has its name, from 0.18 it is a hash of its address.
    """
    claim, cached = annotations.get(notes.LOCAL_MODEL_CLAIM), str(value_of(annotations.get(notes.LOCAL_MODEL_SOURCE)))
    name = value_of(labels.get(notes.LOCAL_MODEL))
    if name is None or claim is None:
        return source
    rest = str(value_of(source)).removeprefix(cached)
    folder = hashlib.sha256(cached.encode()).hexdigest()[:16] if release >= _BY_HASH else name
    text = f"pvc://{value_of(claim)}/models/{folder}{rest if rest.startswith('/') else f'/{rest}'}"
    return Part(text, source.origin) if source.__class__ is Part else text
