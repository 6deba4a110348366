"""The image of a layout, built: what has to be in the registry for it, and its digest, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.errors import InputError, OutsideError
from generator.store.oci import documents, layers
from generator.store.oci.documents import Descriptor, Document, Ground
from generator.store.oci.layers import Layer, Member
from generator.store.release import SHORT, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from generator.store.collect import Content
    from generator.store.crew import Crew
    from generator.store.disk import Local
    from generator.store.objects import Store
    from generator.store.oci.layers import Pieces
    from generator.store.release import Release

    Contents = Callable[[str], Pieces]

PIECE = 2**20
AT_ONCE = 4  # layers that are read, asked for or sent


@dataclass(frozen=True)
class Image:
    """An image, ready to be pushed.

    Attributes:
        layers: The model's, each with what the manifest says of it.
        grounds: What it is built on, one a kind of node.
        configs: One a ground.
        manifests: One a ground, and an index of them where they are several; the last one is the image.
    """

    layers: tuple[tuple[Descriptor, Layer], ...]
    grounds: tuple[Ground, ...]
    configs: tuple[Document, ...]
    manifests: tuple[Document, ...]

    @property
    def digest(self) -> str:
        """The image's, ``sha256:…``."""
        return self.manifests[-1].descriptor.digest


def build(release: Release, layout: str, contents: Contents, grounds: tuple[Ground, ...], crew: Crew) -> Image:
    """Build the image of a layout: each of its files is read once, for the digests of the layers.

    Args:
        release: Whose.
        layout: Which of its folders.
        contents: Gives the content of a file by its path in the release.
        grounds: What to build on, at least one.
        crew: Who reads.

    Raises:
        InputError: The layout has no files.
        OutsideError: A file can't be read, or isn't what the release says.
    """
    top = f"{release.digest[:SHORT]}/{layout}/"
    members = [
        Member(file.path.removeprefix(top), file.size, file.sha256, contents(file.path))
        for file in release.files
        if file.path.startswith(top)
    ]
    found = layers.plan(members)
    if not found:
        raise InputError(f"the layout '{layout}' holds no files, so there is no image of it.")
    digests = crew.each(lambda layer: layer.digest(crew.go_on), (found, AT_ONCE))
    blobs = [Descriptor(documents.TAR, digest, layer.size) for layer, digest in zip(found, digests, strict=True)]
    told = {
        documents.LAYOUT: layout,
        documents.CONTENT: f"sha256:{digest_of((f'{layout}/{each.path}', each.sha256) for each in members)}",
    }
    configs = tuple(documents.config(each, blobs) for each in grounds)
    manifests = _manifests(grounds, configs, blobs, told)
    return Image(tuple(zip(blobs, found, strict=True)), grounds, configs, manifests)


def _manifests(
    grounds: tuple[Ground, ...], configs: tuple[Document, ...], blobs: Sequence[Descriptor], told: dict[str, str]
) -> tuple[Document, ...]:
    made = tuple(
        documents.manifest(config, [*ground.layers, *blobs], told)
        for ground, config in zip(grounds, configs, strict=True)
    )
    return made if len(made) == 1 else (*made, documents.index(list(zip(grounds, made, strict=True)), told))


def local(content: Content) -> Contents:
    """The content of the files of an artifact, read from this disk."""
    top = content.digest[:SHORT]
    sources = {f"{top}/{source.path}": source.local for source in content.files}
    return lambda path: _read(sources[path])


def stored(store: Store, release: Release) -> Contents:
    """The content of the files of a published release, read from the store."""
    sizes = {file.path: file.size for file in release.files}
    return lambda path: lambda: store.pieces(f"{release.folder}/{path}", sizes[path])


def _read(source: Local | bytes) -> Pieces:
    """A file in pieces."""

    def pieces() -> Iterator[bytes]:
        if isinstance(source, bytes):
            yield source
            return
        try:
            with source.opened() as file:
                while piece := file.read(PIECE):
                    yield piece
        except OSError as error:
            raise OutsideError(f"can't read {source.path}: {error.strerror or error}.") from error

    return pieces
