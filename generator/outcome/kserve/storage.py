"""Which addresses KServe can fetch models from, and by which container.

kserve/kserve v0.20.0: pkg/apis/serving/v1alpha1/storage_container_types.go, pkg/webhook/admission/pod/
storage_initializer_injector.go (``GetStorageContainerSpec``), pkg/controller/v1beta1/inferenceservice/utils/utils.go
(``ValidateStorageURI``).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from generator.outcome.facts import facts
from generator.outcome.given import derived
from generator.outcome.part import Brought, Origin, Part, value_of
from generator.schemas.kinds import STORAGE_CONTAINER
from generator.schemas.versions import Version
from generator.text.regex import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.outcome.given import Given

_SCHEMES = ("gs://", "s3://", "pvc://", "file://", "https://", "http://", "hdfs://", "webhdfs://", "oci://", "hf://")
_NATIVE, _FETCHED = Version(0, 20), Version(0, 21)
OCI = "oci://"


def containers(given: Given, release: Version) -> Mapping[str, Part]:
    """The ClusterStorageContainers of a set and of a release, by name; the set's take the place of the release's."""
    return derived(given, _containers, release) if STORAGE_CONTAINER in given else _shipped(release)


def _containers(given: Given, release: Version) -> Mapping[str, Part]:
    return {**_shipped(release), **{one.name: Part.of(one) for one in given.get(STORAGE_CONTAINER, ())}}


@functools.cache
def _shipped(release: Version) -> Mapping[str, Part]:
    words = f"the ClusterStorageContainer %s of KServe {release.major}.{release.minor}"
    return {
        name: Part(data, Origin(Brought(words % name)))
        for name, data in facts("kserve", release).part("storage").items()
    }


def container_for(given: Given, release: Version, uri: str, name: str = "") -> Part | None:
    """The ClusterStorageContainer that fetches from an address; None where there is none.

    Args:
        given: The set.
        release: KServe's.
        uri: The address.
        name: The one that is asked for; empty where the address decides.
    """
    every = containers(given, release)
    fit: Sequence[Part] = [every[name]] if name in every else [] if name else list(every.values())
    return next((one for one in fit if _serves(one) and any(_takes(one, uri))), None)


def _serves(container: Part) -> bool:
    kind = container.text("spec", "workloadType")
    return value_of(container.get("disabled")) is not True and kind in ("", "initContainer")


def _takes(container: Part, uri: str) -> Iterator[bool]:
    for form in container.each("spec", "supportedUriFormats"):
        prefix, pattern = form.text("prefix"), form.text("regex")
        yield uri.startswith(prefix) if prefix else bool(pattern) and compiled(pattern).matches(uri)


def supported(given: Given, release: Version, uri: str) -> bool:
    """Whether the controller goes on with an address; one without a scheme is a folder of the image."""
    scheme, found, _ = uri.partition("://")
    if uri.startswith(_SCHEMES) or not found or not scheme[-1:].isalnum():
        return True
    native = release >= _NATIVE and uri.startswith("oci+native://")
    fetched = release >= _FETCHED and uri.startswith("oci+fetch://")
    return native or fetched or container_for(given, release, uri) is not None


def image_mode(uri: str, settings: Mapping[str, object], release: Version) -> str:
    """How a model inside an image is brought: ``modelcar``, ``native``, or not at all (empty).

    Args:
        uri: The address.
        settings: ``storageInitializer`` of the ConfigMap.
        release: KServe's. From 0.20 the scheme or the ConfigMap may name the way.
    """
    plus, found, _ = uri.partition("://")
    if release >= _NATIVE and found and plus.startswith("oci+"):
        return plus.removeprefix("oci+")
    if not uri.startswith(OCI):
        return ""
    said = settings.get("ociModelMode") if release >= _NATIVE else None
    if isinstance(said, str) and said:
        return said
    newer = release >= _NATIVE and settings.get("enableOciModelSupport") is True
    return "modelcar" if newer or settings.get("enableModelcar") is True else ""


def image_of(uri: str) -> str:
    """The image that an address names."""
    return uri.partition("://")[2]
