"""The images of a release: built, pushed beside the files, and found again.

In which order, and what a kill between two steps leaves:

1. the store says whether the release has its images already (``record``), and the registry whether they are there:
   then nothing is sent;
2. layers and configurations go into the registry, each only if it isn't there; then the manifest of each layout, by
   its digest. A kill leaves what no tag names, which the next try uses and a registry may clear away;
3. the record of them goes into the store, beside the files. Only now comes ``release.json``, and with it the release;
4. each image gets the tag ``<version>-<layout>``. Pods are told the digest and never the tag: it is for people, and
   keeps the registry from clearing the image away. A kill before it is mended by the next ``publish``.

A tag of ours never moves. One that names another image means that two stores share a repository, which is refused
before anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import AnswerIsNoError
from generator.store.crew import Crew
from generator.store.oci import ground, record, reference
from generator.store.oci.build import AT_ONCE, build, local, stored
from generator.store.oci.documents import Ground
from generator.store.oci.registry import Registry
from generator.store.sending import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from generator.store.collect import Content
    from generator.store.objects import Store
    from generator.store.oci.build import Contents, Image
    from generator.store.oci.documents import Descriptor
    from generator.store.oci.layers import Pieces
    from generator.store.release import Release
    from generator.store.sending import Draw

    Say = Callable[[str], None]


class Images:
    """The second door of a store.

    Args:
        store: Where the files lie, and the records of images.
        oci: The folder of repositories, as ``store.oci`` has it.
        base: What images are built on, as ``store.base`` has it.
        say: Told in sentences what happens.
        draw: Told the bytes that are settled, and all there are; None where nobody watches.
    """

    def __init__(self, store: Store, oci: str, base: str | None, say: Say, draw: Draw | None = None) -> None:
        self._store, self._oci, self._base, self._say, self._draw = store, oci, base, say, draw
        self._base_digest = base.rpartition("@")[2] if base else None
        self._crew = Crew()

    def ready(self, service: str) -> None:
        """Ask a service's repository something, so that a registry that is shut is told before the work begins.

        Raises:
            InputError: The credentials for it can't be used.
            OutsideError: It can't be asked.
        """
        self._repository(service).digest_of("latest")

    def push(self, release: Release, contents: Contents) -> Mapping[str, str]:
        """Have the images of a release in the registry, and their record in the store.

        Args:
            release: Which; it needs no ``release.json`` yet.
            contents: Gives the content of each of its files, by its path in the release.

        Returns:
            Layout to digest.

        Raises:
            InputError: The credentials, or what is built on, can't be used.
            AnswerIsNoError: A tag of this release is another image.
            OutsideError: The registry or the store failed.
        """
        registry = self._repository(release.service)
        if known := self._known(registry, release):
            self._say(f"the images of {release.service} {release.version} are in {registry.repository} already")
            return known
        tagged = {layout: registry.digest_of(self.tag(release, layout)) for layout in release.layouts}
        grounds, source = self._grounds()
        built = {layout: build(release, layout, contents, grounds, self._crew) for layout in release.layouts}
        for layout, image in built.items():
            self._demand_free(registry, self.tag(release, layout), tagged[layout], image.digest)
        self._send(registry, _wanted(built.values(), source))
        for image in built.values():
            for document in image.manifests:
                registry.put(document.descriptor.digest, document)
        images = {layout: image.digest for layout, image in built.items()}
        record.create(self._store, release, record.Record(release.digest, self._base_digest, images))
        return images

    def settle(self, release: Release) -> None:
        """Have the images of a release that exists, with their tags; what is missing is read from the store.

        Raises:
            InputError, AnswerIsNoError, OutsideError: As ``push``.
        """
        registry = self._repository(release.service)
        images = self._known(registry, release) or self.push(release, stored(self._store, release))
        for layout, digest in sorted(images.items()):
            tag = self.tag(release, layout)
            there = registry.digest_of(tag)
            self._demand_free(registry, tag, there, digest)
            if there is None:
                registry.put(tag, registry.document(digest))
                self._say(f"{registry.repository}:{tag} is {digest}")

    def beside(self, release: Release, content: Content) -> None:
        """``push`` what lies on this disk, for ``generator.store.publish``."""
        self.push(release, local(content))

    def tag(self, release: Release, layout: str) -> str:
        """The tag of an image; on another ground it is another image, so the ground's digest is part of it."""
        on = f"-{self._base_digest.removeprefix('sha256:')[:8]}" if self._base_digest else ""
        return f"{release.version}-{layout}{on}"

    def _known(self, registry: Registry, release: Release) -> Mapping[str, str] | None:
        """The images, if the store knows them and the registry has them."""
        known = record.find(self._store, release, self._base_digest)
        if known and all(registry.digest_of(digest) == digest for digest in known.images.values()):
            return known.images
        return None

    def _repository(self, service: str) -> Registry:
        return Registry(reference.parse(f"{self._oci}/{service}"))

    def _grounds(self) -> tuple[tuple[Ground, ...], Registry | None]:
        """What to build on, and where its layers lie."""
        if not self._base:
            return (Ground(),), None
        repository, digest = reference.parse_pinned(self._base)
        source = Registry(repository)
        return ground.read(source, digest, self._base), source

    @staticmethod
    def _demand_free(registry: Registry, tag: str, there: str | None, ours: str) -> None:
        if there not in (None, ours):
            raise AnswerIsNoError(
                f"{registry.repository}:{tag} is another image already ({there[:23]}…, ours is {ours[:23]}…); no tag "
                "was changed.",
                fix="Another store publishes into this repository: give each store its own by store.oci.",
            )

    def _send(self, registry: Registry, wanted: Mapping[Descriptor, Pieces]) -> None:
        """Have layers and configurations there."""
        there = self._crew.each(registry.has, ([blob.digest for blob in wanted], AT_ONCE))
        missing = [blob for blob, known in zip(wanted, there, strict=True) if not known]
        total, waiting = (sum(blob.size for blob in blobs) for blobs in (wanted, missing))
        self._say(
            f"pushing {len(missing)} of {len(wanted)} layers and settings ({waiting / 1e6:.1f} of {total / 1e6:.1f} "
            f"MB) to {registry.repository}"
        )
        meter = Meter(total, self._draw)
        meter.add(total - waiting)

        def sent(done: int) -> None:
            meter.add(done)
            self._crew.go_on()  # before a layer is begun anew, too

        self._crew.each(lambda blob: registry.send(blob, wanted[blob], sent), (missing, AT_ONCE))


def _wanted(images: Iterable[Image], source: Registry | None) -> dict[Descriptor, Pieces]:
    """What the manifests name, each once, and its bytes."""
    wanted: dict[Descriptor, Pieces] = {}
    for image in images:
        wanted |= {blob: layer.stream for blob, layer in image.layers}
        wanted |= {config.descriptor: _bytes(config.content) for config in image.configs}
        if source:
            wanted |= {blob: _read(source, blob) for each in image.grounds for blob in each.layers}
    return wanted


def _read(source: Registry, blob: Descriptor) -> Pieces:
    return lambda: source.read(blob)


def _bytes(content: bytes) -> Pieces:
    return lambda: iter((content,))
