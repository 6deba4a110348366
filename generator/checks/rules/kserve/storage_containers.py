"""ClusterStorageContainers: what teaches a cluster to fetch models in ways of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.subject import mapping, sequence, text
from generator.schemas.kinds import STORAGE_CONTAINER
from generator.text.regex import MalformedError, UnknownError, compiled

if TYPE_CHECKING:
    from generator.checks.subject import Index

FOR_PODS, FOR_CACHES = "initContainer", "localModelDownloadJob"
"""What a container is for; the schema's own default is the former (storage_container_types.go, WorkloadType)."""

INITIALIZER = "storage-initializer"
"""The init container that downloads. A pod that brings one of that name gets no second
(storage_initializer_injector.go, CommonStorageInitialization)."""


def takes(index: Index, uri: str, workload: str = FOR_PODS) -> bool:
    """Whether a ClusterStorageContainer of the given set takes an address.

    An address has to begin with a prefix, or to match an expression anywhere (storage_container_types.go,
    IsStorageUriSupported). A pattern that can't be tried here counts as one that fits: then nothing is claimed.
    """
    for one in index.by_kind.get(STORAGE_CONTAINER, ()):
        purpose = text(one.data, "spec", "workloadType") or FOR_PODS
        if mapping(one.data).get("disabled") is True or purpose != workload:
            continue
        for entry in sequence(one.data, "spec", "supportedUriFormats"):
            prefix, pattern = text(entry, "prefix"), text(entry, "regex")
            if (prefix and uri.startswith(prefix)) or (pattern and _matches(pattern, uri)):
                return True
    return False


def _matches(pattern: str, uri: str) -> bool:
    try:
        return compiled(pattern).matches(uri)
    except (MalformedError, UnknownError):
        return True
