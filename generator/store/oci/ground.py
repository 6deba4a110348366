"""What images are built on, where KServe's modelcar shall run them: a small image with a shell, such as busybox.

A modelcar is a container of the image itself, in which KServe runs ``sh -c "ln -sf /proc/$$/root/models … && sleep
infinity"``, and before it one that looks into ``/models`` (kserve/kserve v0.20.0, pkg/utils/storage.go,
``CreateModelcarContainer``, ``CreateModelcarInitContainer``). So the image needs these programs, built for the node:
where the ground is an index, ours is one too, with a manifest for each kind of node that it has.
"""

from __future__ import annotations

import io
import tarfile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.errors import InputError, OutsideError
from generator.store.oci import documents
from generator.store.oci.documents import Descriptor, Ground
from generator.store.oci.registry import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.store.oci.registry import Registry

INDEXES = (documents.INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFESTS = (documents.MANIFEST, "application/vnd.docker.distribution.manifest.v2+json")
LAYERS: Mapping[str, str] = MappingProxyType(
    {
        documents.TAR: documents.TAR,
        f"{documents.TAR}+gzip": f"{documents.TAR}+gzip",
        "application/vnd.docker.image.rootfs.diff.tar": documents.TAR,
        "application/vnd.docker.image.rootfs.diff.tar.gzip": f"{documents.TAR}+gzip",
    }
)
"""What every reader of ours unpacks: KServe's own takes no zstd."""
RUN = ("ln", "sh", "sleep")
UNKNOWN = "unknown"
"""The platform of what is no image: build tools put their attestations into an index so (moby/buildkit)."""
MOST_LAYERS = 24
BIGGEST_CONFIG = 2**20


def read(registry: Registry, digest: str, name: str) -> tuple[Ground, ...]:
    """The grounds that an image gives, one a kind of node.

    Args:
        registry: Where it lies.
        digest: Its own.
        name: As the service file has it, for messages.

    Raises:
        InputError: Nothing can be built on it.
        OutsideError: It can't be read.
    """
    top = registry.document(digest)
    content = parsed(top.content, registry.repository)
    kind = top.media_type or content.get("mediaType")
    found: tuple[Ground, ...]
    try:
        if kind in MANIFESTS:
            found = (_ground(registry, content, None, name),)
        elif kind in INDEXES:
            found = tuple(_of_index(registry, content, name))
        else:
            raise InputError(f"store.base {name} is no image.", fix="Name one such as docker.io/library/busybox.")
    except (KeyError, TypeError, AttributeError):
        raise OutsideError(f"the image {name} has a manifest that can't be read.", fix="Name another one.") from None
    if not found:
        raise InputError(f"store.base {name} has nothing for linux.", fix="Name an image that has.")
    _demand_programs(registry, found[0], name)
    return found


def _of_index(registry: Registry, content: Mapping[str, Any], name: str) -> Iterator[Ground]:
    for entry in content["manifests"]:
        platform = entry.get("platform") or {}
        if platform.get("os") != "linux" or platform.get("architecture", UNKNOWN) == UNKNOWN:
            continue
        manifest = registry.document(str(entry["digest"]))
        yield _ground(registry, parsed(manifest.content, registry.repository), platform, name)


def _ground(registry: Registry, manifest: Mapping[str, Any], platform: Mapping[str, Any] | None, name: str) -> Ground:
    """The ground of a manifest; without an index its configuration says for which kind of node it is."""
    config = parsed(_whole(registry, _descriptor(manifest["config"])), registry.repository)
    layers = []
    for layer in manifest["layers"]:
        media_type = LAYERS.get(layer["mediaType"])
        if media_type is None:
            raise InputError(
                f"store.base {name} has a layer of the type {layer['mediaType']}, which KServe can't unpack.",
                fix="Name an image whose layers are tar or tar+gzip.",
            )
        layers.append(Descriptor(media_type, str(layer["digest"]), int(layer["size"])))
    diffs = tuple(str(each) for each in config["rootfs"]["diff_ids"])
    if len(diffs) != len(layers):
        raise OutsideError(f"the image {name} has {len(layers)} layers, and its configuration knows {len(diffs)}.")
    if len(layers) > MOST_LAYERS:
        raise InputError(
            f"store.base {name} has {len(layers)} layers, and there is room for {MOST_LAYERS} below the model's.",
            fix="Name a smaller image.",
        )
    own = platform or {key: config[key] for key in ("architecture", "os", "variant") if config.get(key)}
    return Ground(own, config.get("config") or {}, tuple(layers), diffs)


def _descriptor(raw: Mapping[str, Any]) -> Descriptor:
    return Descriptor(str(raw["mediaType"]), str(raw["digest"]), int(raw["size"]))


def _whole(registry: Registry, blob: Descriptor) -> bytes:
    if blob.size > BIGGEST_CONFIG:
        raise OutsideError(f"a configuration of {blob.size} bytes in {registry.repository} is none.")
    return b"".join(registry.read(blob))


def _demand_programs(registry: Registry, ground: Ground, name: str) -> None:
    """Make sure that there are the programs that KServe runs, for pods would only say it.

    Raises:
        InputError: One is missing.
        OutsideError: A layer can't be read.
    """
    missing = set(RUN)
    for layer in ground.layers:
        mode = "r|gz" if layer.media_type.endswith("gzip") else "r|"
        try:
            with tarfile.open(fileobj=_Reader(registry.read(layer)), mode=mode) as archive:  # type: ignore[call-overload]
                for member in archive:
                    folder, _, program = member.name.rpartition("/")
                    if folder.endswith("bin"):
                        missing.discard(program)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise OutsideError(f"a layer of the image {name} can't be unpacked.", fix="Name another one.") from error
    if missing:
        raise InputError(
            f"store.base {name} has no {' and no '.join(sorted(missing))}, which KServe's modelcar runs.",
            fix="Name an image with a shell, such as docker.io/library/busybox@sha256:…",
        )


class _Reader(io.RawIOBase):
    """What comes in pieces, as a file that is read from its start to its end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        while size is None or size < 0 or len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece
        end = len(self._rest) if size is None or size < 0 else size
        found, self._rest = self._rest[:end], self._rest[end:]
        return found
