"""How a model comes into its pod: fetched by an init container, or mounted.

KServe's storage initializer takes the address and the folder as arguments, and credentials from its environment
(kserve/kserve v0.20.0, python/storage/kserve_storage/kserve_storage.py; its image runs as user 1000). rclone knows a
remote by environment variables alone (rclone v1.76.0, docs/content/docs.md, "Environment Variables").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.platforms import image_volumes
from generator.platforms.base import numbers
from generator.platforms.kubernetes.servers.base import MODELS
from generator.platforms.stores import scheme_of
from generator.service.store import FILES, IMAGE_FETCH, IMAGE_VOLUME, MODELCAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.platforms.base import Objection
    from generator.service import Service

INITIALIZER_IMAGE = "kserve/storage-initializer:v0.20.0"
RCLONE_IMAGE = "rclone/rclone:1.76.0"
INITIALIZER, RCLONE, MOUNT = "storage-initializer", "rclone", "mount"

ABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        INITIALIZER: ("s3", "gs", "hf", "https", "http", "hdfs", "webhdfs"),
        RCLONE: ("s3", "gs"),
        MOUNT: ("pvc", "oci"),
    }
)
"""The schemes of each way, in the order in which a way is looked for."""

VOLUME, CREDENTIALS, FETCHER = "model", "store-credentials", "fetch-model"
"""The volume and the init container, by which the service file's ``pod`` can change them."""

SECRET_FILES: Mapping[str, str] = MappingProxyType(
    {"gs": "/var/secrets/gcs", "hdfs": "/var/secrets/kserve-hdfscreds", "webhdfs": "/var/secrets/kserve-hdfscreds"}
)
"""Where a Secret's keys are files, by scheme; elsewhere they are environment variables."""
GCS_FILE = "gcloud-application-credentials.json"
"""The key that KServe asks of a Secret for Google's store."""

FORMS: Mapping[str, tuple[re.Pattern[str], str]] = MappingProxyType(
    {
        "hf": (re.compile(r"hf://[^/:]+/[^/:]+(:[^/:]+)?"), "hf://OWNER/MODEL, with :REVISION behind it if need be"),
        "oci": (re.compile(r"oci://[a-z0-9.:-]+(/[^/]+)+"), "oci://REGISTRY/IMAGE:TAG"),
        "pvc": (re.compile(r"pvc://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/(?!\.\.(/|\Z))[^/]+)*/?"), "pvc://CLAIM/FOLDER"),
    }
)
"""How the downloader and the API server want them, where a wrong one would only fail in the cluster."""

RESOURCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "100Mi"}}
)
"""KServe's for its storage initializer: config/configmap/inferenceservice.yaml."""


@dataclass(frozen=True)
class Source:
    """What a pod needs for its model.

    Attributes:
        volumes: Its volumes.
        mount: Where the server sees the model; None where the container brings it.
        init: The init container that fetches it, None where it is mounted.
        pull_secret: The Secret that opens the registry, for a model in an image.
    """

    volumes: tuple[dict[str, Any], ...] = ()
    mount: dict[str, Any] | None = None
    init: dict[str, Any] | None = None
    pull_secret: str | None = None


@dataclass
class _Fetch:
    """What an init container is made of."""

    env: dict[str, str] = field(default_factory=dict)
    mounts: list[dict[str, Any]] = field(default_factory=list)
    volumes: list[dict[str, Any]] = field(default_factory=list)


def way_of(service: Service, uri: str) -> str:
    """How a model comes into its pod: as the service file says, else by the scheme; empty for an unknown one."""
    wanted = service.store.fetch if service.store else None
    return wanted or next((way for way, schemes in ABLE.items() if scheme_of(uri) in schemes), "")


def source(service: Service, uri: str) -> Source:
    """What a pod needs for the model at an address; nothing for an empty one."""
    if not uri:
        return Source()
    if way_of(service, uri) == MOUNT:
        return _claim(uri) if scheme_of(uri) == "pvc" else _image(service, uri)
    return _fetched(service, uri)


def objections(service: Service, release: str, uris: Mapping[int, str]) -> Iterator[Objection]:
    """What can't be fetched or mounted.

    Args:
        service: The service.
        release: The release of Kubernetes.
        uris: Each variant's index to the address of its model.
    """
    for index, uri in uris.items():
        images = ("store", "door") if service.store and service.store.door != FILES else ("store", "url")
        path = ("variants", index, "uri") if service.variants[index].uri else images
        yield from _address(service, release, uri, path)
    schemes = {scheme_of(uri) for uri in uris.values()}
    store, access = service.store, service.access
    if store and store.door in (MODELCAR, IMAGE_FETCH):
        yield ("store", "door"), f"{store.door} is KServe's; the kubelet mounts images.", f"Write door: {IMAGE_VOLUME}."
    publishes = bool(store and scheme_of(store.publish or ""))
    if store and store.endpoint and store.door == FILES and "s3" not in schemes and not publishes:
        yield (
            ("store", "endpoint"),
            "only what is fetched by s3:// has an endpoint.",
            "Leave it out; for publishing the variables of the store's cloud name one.",
        )
    if store and store.fetch and not uris:
        yield ("store", "fetch"), "no variant has a model to fetch.", "Leave it out."
    if store and store.key:
        yield (
            ("store", "key"),
            "storage-config is KServe's Secret, which nothing reads here.",
            "Name a Secret with the store's environment variables by access.secret.",
        )
    if access.secret and not schemes - {"pvc"}:
        yield ("access", "secret"), "nothing is fetched, so nothing reads the Secret.", "Leave it out."


def _address(service: Service, release: str, uri: str, path: tuple[str | int, ...]) -> Iterator[Objection]:
    scheme, way = scheme_of(uri), way_of(service, uri)
    if not scheme:
        yield (
            path,
            f"{uri} is a folder of a server that runs already, and here each model has pods of its own.",
            "Name a volume claim and the folder in it: pvc://CLAIM/FOLDER.",
        )
    elif not way:
        known = ", ".join(dict.fromkeys(f"{each}://" for schemes in ABLE.values() for each in schemes))
        yield path, f"nothing fetches {scheme}:// into a pod.", f"What can be: {known}."
    elif scheme not in ABLE[way]:
        able = ", ".join(f"{each}://" for each in ABLE[way])
        yield ("store", "fetch"), f"{way} takes {able}, and {uri} is none.", "Leave fetch out: the scheme decides then."
    if path != ("store", "door"):
        yield from _form(uri, path)
    if scheme == "oci" and numbers(release) < image_volumes.SINCE:
        yield (
            path,
            f"Kubernetes {release} can't mount a folder of an image.",
            "That is there from 1.33 on; before, use a bucket or a volume claim (pvc://).",
        )


def _form(uri: str, path: tuple[str | int, ...]) -> Iterator[Objection]:
    """Addresses that can be read by nobody."""
    for scheme, (form, said) in FORMS.items():
        if scheme_of(uri) == scheme and not form.fullmatch(uri):
            yield path, f"{uri} names nothing that could be had.", f"It has the form {said}."


def notes(service: Service, release: str, uris: Mapping[int, str]) -> Iterator[str]:
    """What the person who renders should know."""
    if "oci" not in map(scheme_of, uris.values()):
        return
    yield f"{service.name}: {image_volumes.RUNTIMES}."
    if numbers(release) < image_volumes.BY_THEMSELVES:
        yield (
            f"{service.name}: in Kubernetes {release} image volumes work only where the feature gate ImageVolume is on."
        )


def _claim(uri: str) -> Source:
    name, _, folder = uri.removeprefix("pvc://").partition("/")
    folder = folder.strip("/")
    volume = {"name": VOLUME, "persistentVolumeClaim": {"claimName": name, "readOnly": True}}
    return Source((volume,), _mount(subPath=folder) if folder else _mount())


def _image(service: Service, uri: str) -> Source:
    """An image volume; as on KServe the model lies in the image's folder /models."""
    reference = uri.removeprefix("oci://")
    tag = reference.rpartition("/")[2].partition(":")[2]
    # The API server's own choice, written out.
    policy = "IfNotPresent" if "@" in reference or tag not in ("", "latest") else "Always"
    volume = {"name": VOLUME, "image": {"reference": reference, "pullPolicy": policy}}
    return Source((volume,), _mount(subPath="models"), pull_secret=service.access.secret)


def _mount(**more: str) -> dict[str, Any]:
    return {"name": VOLUME, "mountPath": MODELS, "readOnly": True, **more}


def _fetched(service: Service, uri: str) -> Source:
    """An init container that fills a volume of the pod's own.

    The volume has no limit of size, for nothing here knows the model's: a pod over its limit is evicted.
    """
    scheme, secret = scheme_of(uri), service.access.secret
    fetch = _Fetch(mounts=[{"name": VOLUME, "mountPath": MODELS}, {"name": "tmp", "mountPath": "/tmp"}])  # noqa: S108
    way = way_of(service, uri)
    fetch.env |= _rclone(service, scheme) if way == RCLONE else _initializer(service, scheme)
    fetch.env["HOME"] = "/tmp"  # noqa: S108 (caches go there; a volume of the pod's own)
    folder = SECRET_FILES.get(scheme)
    if secret and folder:
        fetch.volumes.append({"name": CREDENTIALS, "secret": {"secretName": secret}})
        fetch.mounts.append({"name": CREDENTIALS, "mountPath": folder, "readOnly": True})
        if scheme == "gs":
            fetch.env["GOOGLE_APPLICATION_CREDENTIALS"] = f"{folder}/{GCS_FILE}"
    image, args = (INITIALIZER_IMAGE, [uri, MODELS])
    if way == RCLONE:
        image, args = RCLONE_IMAGE, ["copy", f"{VOLUME}:{uri.partition('://')[2]}", MODELS]
    init = {
        "name": FETCHER,
        "image": image,
        "args": args,
        "env": [{"name": name, "value": value} for name, value in sorted(fetch.env.items())],
        **({"envFrom": [{"secretRef": {"name": secret}}]} if secret and not folder else {}),
        "resources": {key: dict(value) for key, value in RESOURCES.items()},
        # Why the model couldn't be fetched then stands in the pod's status.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsUser": 1000,
        },
        "volumeMounts": fetch.mounts,
    }
    return Source(({"name": VOLUME, "emptyDir": {}}, *fetch.volumes), _mount(), init)


def _initializer(service: Service, scheme: str) -> dict[str, str]:
    endpoint = service.store.endpoint if service.store and scheme == "s3" else None
    return {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}


def _rclone(service: Service, scheme: str) -> dict[str, str]:
    """The remote ``model``: rclone/rclone v1.76.0, docs/content/s3.md and googlecloudstorage.md."""
    name = f"RCLONE_CONFIG_{VOLUME.upper()}"
    if scheme == "gs":
        return {f"{name}_TYPE": "google cloud storage", f"{name}_ENV_AUTH": "true"}
    endpoint = service.store.endpoint if service.store else None
    known = {f"{name}_TYPE": "s3", f"{name}_ENV_AUTH": "true", f"{name}_PROVIDER": "Other" if endpoint else "AWS"}
    return known | ({f"{name}_ENDPOINT": endpoint} if endpoint else {})
