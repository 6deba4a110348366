"""Where a model is read from: one address, or several beside one another.

kserve/kserve v0.15.0 to v0.20.0, pkg/controller/v1beta1/inferenceservice/utils/utils.go (``ValidateStorageURI``);
pkg/apis/serving/v1beta1/inference_service_validation.go for ``storageUris``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.platforms import image_volumes
from generator.platforms.kserve.servers import Named
from generator.service.store import FILES, IMAGE_FETCH, IMAGE_VOLUME, MODELCAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.errors import Place
    from generator.plan.plan import Share
    from generator.platforms.base import Objection
    from generator.platforms.kserve.servers import KServeServer
    from generator.platforms.kserve.setting import Setting

SCHEMES = ("s3", "gs", "hdfs", "webhdfs", "pvc", "oci", "hf", "https", "http", "file")
FETCHED, MODELSCOPE = "oci+fetch", "modelscope"
IMAGES = MappingProxyType({"oci+native": "0.20", FETCHED: "0.21"})
"""Other ways to read an image, and the release: the kubelet mounts it (from Kubernetes 1.33 on), or an init container
fetches it. From 0.21 on the ClusterStorageContainer that ships reads ModelScope's hub too (kserve/kserve aaac4e294,
pkg/utils/storage.go, config/storagecontainers)."""

DOORS = MappingProxyType({IMAGE_VOLUME: "oci+native", MODELCAR: "oci", IMAGE_FETCH: FETCHED})
"""How an address says by which door pods find a release's image. Of ``oci`` itself the cluster's ConfigMap decides,
which ships with the modelcar (pkg/types/config.go, ``ResolveOciModelMode``)."""
NEEDS = MappingProxyType(
    {
        IMAGE_VOLUME: "Kubernetes has to be 1.33 or newer, before 1.35 with the feature gate ImageVolume; "
        f"{image_volumes.RUNTIMES}",
        MODELCAR: "KServe's ConfigMap inferenceservice-config has to have enableModelcar: true in storageInitializer, "
        "as it ships from 0.15.2 on; the model server may start before its model is there",
        IMAGE_FETCH: "an init container of KServe's unpacks the image into each pod",
    }
)

MODEL = "/mnt/models"
LOADING = (Named.VARIABLE, Named.FOLDER)
"""Servers that the controller tells to wait for models where there is no storageUri (inference_service_defaults.go,
``SetMlServerDefaults``, ``SetTritonDefaults``); TorchServe's folder is of the same kind."""


def address(setting: Setting, share: Share, found: KServeServer) -> str:
    """The address of a variant's files; empty where the container brings the model.

    A scheme that KServe doesn't read by itself is one for a ClusterStorageContainer of the cluster (``notes``).

    Raises:
        InputError: Nothing can read it.
    """
    uri = share.files.uri(found.layout) if share.files.base else ""
    if not uri:
        return uri
    if share.files.images:
        return f"{DOORS[setting.service.releases.door]}{uri.removeprefix('oci')}"
    if "://" not in uri:
        raise InputError(
            f"KServe takes {uri} for a folder in its own download container, where nothing of yours lies.",
            fix="Write the whole address, such as s3://models/digits, or pvc://claim/folder for a volume.",
            place=_place(setting, share),
        )
    since = IMAGES.get(scheme_of(uri), setting.release)
    if not setting.since(since):
        raise InputError(
            f"KServe {setting.release} can't read {scheme_of(uri)}://. It can from {since} on.",
            fix=f"Known: {', '.join(SCHEMES)}.",
            place=_place(setting, share),
        )
    return uri


def objections(setting: Setting) -> Iterator[Objection]:
    """A door that the release of KServe hasn't."""
    store = setting.service.store
    scheme = DOORS.get(store.door) if store else None
    since = IMAGES.get(scheme or "", setting.release)
    if store and not setting.since(since):
        yield (
            ("store", "door"),
            f"KServe {setting.release} can't read {scheme}://. It can from {since} on.",
            f"Write door: {FILES}, or door: {MODELCAR} with store.base.",
        )


def notes(setting: Setting, shares: Iterable[Share]) -> Iterator[str]:
    """What the cluster has to have for the images of releases."""
    if any(share.files.images for share in shares):
        yield f"pods read images: {NEEDS[setting.service.releases.door]}."


def scheme_of(uri: str) -> str:
    """What stands before ``://``."""
    return uri.partition("://")[0]


def foreign(setting: Setting, uri: str) -> bool:
    """Whether only a ClusterStorageContainer of the cluster's own can read an address."""
    hub = (MODELSCOPE,) if setting.since("0.21") else ()
    return "://" in uri and scheme_of(uri) not in (*SCHEMES, *IMAGES, *hub)


def entry(setting: Setting, share: Share) -> dict[str, object]:
    """``storage``: the entry of the Secret storage-config that says where the files lie, or who may read them."""
    service = setting.service
    variant = service.variant(share.variant)
    if share.files.images:
        return {}  # the entry opens a bucket
    if variant.storage is None:
        # The key beside the address: it names the credentials. A storage.path instead would leave storageUri empty
        # everywhere, and 0.20 refuses a new predictor.name with the same storageUri.
        return {"key": service.store.key} if service.store and service.store.key else {}
    return variant.storage.mapping


def addresses(setting: Setting, share: Share, found: KServeServer) -> list[dict[str, str]]:
    """``storageUris`` for a variant with files beside its model's own; empty where there are none.

    Raises:
        InputError: The release, the mode or the server can't do it, or a path doesn't fit.
    """
    variant = setting.service.variant(share.variant)
    if not variant.beside:
        return []
    uris = [{"uri": address(setting, share, found), "mountPath": MODEL}]
    uris += [{"uri": each.uri, "mountPath": each.path} for each in variant.beside]
    for message, fix in _wrong(setting, found, uris):
        place = setting.service.place("variants", setting.service.variants.index(variant), "beside")
        raise InputError(message, fix=fix, place=place)
    return uris


def _wrong(setting: Setting, found: KServeServer, uris: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with several addresses, and what to do instead."""
    together = "Put the files into the model's own folder."
    paths = [each["mountPath"] for each in uris]
    if not setting.since("0.16"):
        yield f"KServe {setting.release} fetches one folder a model.", f"It takes more from 0.16 on. {together}"
    if not setting.standard:
        yield "in mode knative nothing is fetched where Knative allows no init containers.", "Use mode standard."
    if setting.canaries_inside:
        yield (
            f"spec.canary of KServe {setting.release} fetches nothing for the canary.",
            "Write strategy.canary.by: gateway.",
        )
    if found.alone or found.named in LOADING:
        yield f"{found.runtime} loads no model without storageUri.", together
    if any(each["uri"].startswith("pvc://") for each in uris):
        yield "of several addresses KServe mounts a claim as a whole, without its path.", together
    if len({each["uri"].startswith(f"{FETCHED}://") for each in uris}) > 1:
        yield f"beside {FETCHED}:// KServe fetches nothing else.", "Name all of them by one scheme."
    if len(set(paths)) < len(paths):
        yield "two addresses have one path.", f"The model's own is {MODEL}."
    if any(not path.startswith("/mnt/") or ".." in path for path in paths):
        yield "the paths have to share a folder with the model's own.", "Write a path below /mnt."


def _place(setting: Setting, share: Share) -> Place:
    """Where the address comes from."""
    if share.files.version is not None:
        return setting.service.place("store", "url")
    index = next(number for number, each in enumerate(setting.service.variants) if each.name == share.variant)
    return setting.service.place("variants", index, "uri")
