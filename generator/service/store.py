"""The service file's part on the store: where releases lie, and by which of its doors pods get them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from generator.decoding.shapes import Choices, Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.service.types import BrokenRules

URL = Pattern(r"[a-z][a-z0-9+]*://[^\s?#]+", "URL with a scheme, such as s3://models/team")
_REGISTRY = r"(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|\[[0-9a-f:]+\]|[a-z0-9-]+:[0-9]{1,5})(:[0-9]{1,5})?"
_FOLDER = r"/[a-z0-9]+([._-]+[a-z0-9]+)*"
REPOSITORY = Pattern(rf"{_REGISTRY}({_FOLDER})*", "registry and folder, such as registry.example.com/models")
"""As distribution/reference has names (reference.go, v0.6.0), with the registry always said."""
PINNED_IMAGE = Pattern(
    rf"{_REGISTRY}({_FOLDER})+(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?@sha256:[0-9a-f]{{64}}",
    "image by its digest, such as docker.io/library/busybox@sha256:…",
)

FETCHES = ("storage-initializer", "rclone", "mount")
"""How a plain Deployment gets its model."""

FILES, IMAGE_VOLUME, MODELCAR, IMAGE_FETCH = "files", "image-volume", "modelcar", "image-fetch"
DOORS = (FILES, IMAGE_VOLUME, MODELCAR, IMAGE_FETCH)
"""Where pods find a release: the files in the store, or its image mounted by the kubelet, run as KServe's sidecar, or
unpacked by KServe's init container."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where releases lie."""

    url: Annotated[str, "What the pods read, such as s3://models.", URL]
    endpoint: Annotated[
        str | None,
        "The address of the store's server where it isn't the cloud's own, such as an S3-compatible one.",
        Pattern(r"https?://\S+", "http address"),
    ] = None
    publish: Annotated[
        str | None,
        "Where `publish` writes, a folder or a URL; without it: url.",
        Pattern(r"[^\x00]+", "folder or URL"),
    ] = None
    key: Annotated[
        str | None,
        "The entry of the platform's storage secret that gives access, for KServe in the Secret storage-config.",
        Pattern(r"[-._a-zA-Z0-9]{1,253}", "key of a Secret"),
    ] = None
    fetch: Annotated[
        str | None, "How a plain Deployment gets its model; without it by the URL's scheme.", Choices(FETCHES)
    ] = None
    oci: Annotated[
        str | None,
        "Where releases are pushed as images too, a repository a service: registry.example.com/models holds "
        "…/digits:3-triton.",
        REPOSITORY,
    ] = None
    base: Annotated[
        str | None,
        "The image, by its digest, that the images are built on: KServe's modelcar runs its sh, ln and sleep. Without "
        "it they hold the model alone.",
        PINNED_IMAGE,
    ] = None
    door: Annotated[
        str,
        "Where pods find a release: its files, or its image as a volume, as KServe's modelcar or fetched by KServe.",
        Choices(DOORS),
    ] = FILES

    @property
    def base_digest(self) -> str | None:
        """The digest of ``base``, ``sha256:…``."""
        return self.base.rpartition("@")[2] if self.base else None

    def images(self, service: str, digests: Mapping[str, str]) -> dict[str, str]:
        """The images of a service's release by layout, ``oci://…``, where pods shall have them; else none."""
        shown = digests.items() if self.door != FILES else ()
        return {layout: f"oci://{self.oci}/{service}@{digest}" for layout, digest in shown}

    def broken_rules(self) -> BrokenRules:
        """A door has something behind it."""
        if not self.oci:
            fix = "Add oci: registry.example.com/models, or take it out."
            if self.door != FILES:
                yield ("door",), "no images are published.", fix
            if self.base:
                yield ("base",), "no images are built.", fix
        elif self.door == MODELCAR and not self.base:
            yield (
                ("door",),
                "KServe's modelcar runs sh, ln and sleep of the image, and images without base hold the model alone.",
                "Add base: docker.io/library/busybox@sha256:…, or write door: image-volume.",
            )
