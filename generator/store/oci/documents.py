"""The small documents of an image: its configuration, its manifest, and an index of manifests; no time stands in them.

opencontainers/image-spec v1.1.1: config.md, manifest.md, image-index.md. Media types are OCI's throughout, also where
the image that is built on has Docker's.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
TAR = "application/vnd.oci.image.layer.v1.tar"

LAYOUT, CONTENT = "dev.serinus.layout", "dev.serinus.digest"
"""Annotations of a manifest: whose layout it is, and the digest of its files, as that of a release is made."""

ANYWHERE: Mapping[str, str] = {"architecture": "amd64", "os": "linux"}
"""The platform of an image that holds nothing to run. One has to be said (config.md); of a manifest that isn't chosen
out of an index nobody asks for it (containerd v2, core/images/image.go, ``Manifest``; containers/image,
copy/single.go, ``checkImageDestinationForCurrentRuntime``, only logs), so it is mounted on nodes of every kind."""
KEPT = ("Env", "User", "WorkingDir")
"""What is kept of the configuration of the image that is built on. Its entrypoint isn't: KServe's modelcar gives what
it runs as arguments (kserve/kserve v0.20.0, pkg/utils/storage.go, ``CreateModelcarContainer``)."""


@dataclass(frozen=True)
class Descriptor:
    """What a document says of another one, or of a layer.

    Attributes:
        media_type: Of what.
        digest: ``sha256:…``
        size: Bytes.
    """

    media_type: str
    digest: str
    size: int

    @property
    def mapping(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


@dataclass(frozen=True)
class Document:
    """One of these documents.

    Attributes:
        media_type: Of what.
        content: Its bytes.
    """

    media_type: str
    content: bytes

    @property
    def descriptor(self) -> Descriptor:
        """What others say of it."""
        return Descriptor(self.media_type, f"sha256:{hashlib.sha256(self.content).hexdigest()}", len(self.content))


@dataclass(frozen=True)
class Ground:
    """What an image is built on, for one platform; nothing without its arguments.

    Attributes:
        platform: As an index says it; os and architecture at least.
        config: What a container of it has.
        layers: Its layers, from below.
        diffs: The digests of these layers when they are unpacked.
    """

    platform: Mapping[str, Any] = field(default_factory=lambda: ANYWHERE)
    config: Mapping[str, Any] = field(default_factory=dict)
    layers: tuple[Descriptor, ...] = ()
    diffs: tuple[str, ...] = ()


def config(ground: Ground, layers: Sequence[Descriptor]) -> Document:
    """The configuration of an image.

    Args:
        ground: What it is built on.
        layers: What comes on top, uncompressed.
    """
    kept = {key: ground.config[key] for key in KEPT if ground.config.get(key)}
    diffs = [*ground.diffs, *(layer.digest for layer in layers)]
    return _document(CONFIG, {**ground.platform, "config": kept, "rootfs": {"type": "layers", "diff_ids": diffs}})


def manifest(settings: Document, layers: Sequence[Descriptor], told: Mapping[str, str]) -> Document:
    """The manifest of an image.

    Args:
        settings: Its configuration.
        layers: All of its layers, from below.
        told: Its annotations.
    """
    return _document(
        MANIFEST,
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": settings.descriptor.mapping,
            "layers": [layer.mapping for layer in layers],
            "annotations": dict(told),
        },
    )


def index(manifests: Sequence[tuple[Ground, Document]], told: Mapping[str, str]) -> Document:
    """An index, out of which each node takes the manifest of its kind."""
    listed = [{**each.descriptor.mapping, "platform": dict(ground.platform)} for ground, each in manifests]
    return _document(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed, "annotations": dict(told)})


def _document(media_type: str, content: Mapping[str, Any]) -> Document:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return Document(media_type, text.encode())
