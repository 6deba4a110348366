"""The lock file (``serinus.lock``): which release each variant of each service is, so that rendering needs no network.

It lies beside the service files and holds a section a service, and one an environment for the variants that are another
release there. ``serinus lock`` writes it; people commit and read it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from generator.decoding import plain
from generator.decoding.exact import Decoder
from generator.decoding.nodes import parse
from generator.decoding.plain import DoubtError
from generator.decoding.shapes import Bounds, Pattern
from generator.errors import InputError, OutsideError, Place, not_utf8
from generator.service.store import FILES
from generator.text import files
from generator.text.files import write_atomically
from generator.text.yaml import block

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from generator.service import Service
    from generator.service.model import Variant

FILE = "serinus.lock"
HEADER = "# Written by `serinus lock`: which release each variant is. Commit it; rendering asks nothing else.\n"
MOST_CHARACTERS = 64 << 20
ANEW = "Take it away and pin anew: serinus lock."
RELEASE = Pattern(
    r"[a-z]([-a-z0-9]*[a-z0-9])?/[1-9][0-9]{0,8}/[0-9a-f]{16}", "release's folder: SERVICE/VERSION/DIGEST"
)


DIGEST = Pattern(r"sha256:[0-9a-f]{64}", "digest")


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A variant's release. What the lock says of it in several ways has to be the same release each time.

    Attributes:
        requested: What the service file asked for when this was pinned, a number or ``latest``.
        path: The release's folder below the store's URL.
        formats: The format of a layout, where it isn't ``format``.
        runtimes: The oldest release of a server that loads the files, by layout.
        written_by: What wrote the files, library to version; lock files of old releases don't say it.
        golden: By layout, the files with which its model is asked and warmed up.
        source: What an alias of a registry or a branch of the hub was when the release was published, such as
            ``models:/digits/7``; empty for what came from a path, or was trained.
        images: Layout to the digest of its image, for all layouts or for none.
        base: The digest of the image that they are built on; None where they hold the model alone.
    """

    requested: str
    version: Annotated[int, Bounds(1)]
    digest: Annotated[str, DIGEST]
    path: Annotated[str, RELEASE]
    format: str
    layouts: tuple[str, ...]
    formats: dict[str, str] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)
    written_by: dict[str, str] = field(default_factory=dict)
    golden: dict[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    images: dict[str, Annotated[str, DIGEST]] = field(default_factory=dict)
    base: Annotated[str | None, DIGEST] = None

    @property
    def owner(self) -> str:
        """The service whose release it is."""
        return self.path.split("/", 1)[0]

    def broken_rules(self) -> Iterator[tuple[tuple[str], str, str]]:
        """The request, the version and the digest are those of the path, the images those of the layouts."""
        fix = "A hand or a merge mixed two releases. Take this variant out of the lock and pin it again: serinus lock."
        _, version, digest = self.path.split("/")
        if self.requested not in ("latest", str(self.version)):
            yield ("requested",), f"release {self.requested} was asked for, and {self.version} is pinned.", fix
        if version != str(self.version):
            yield ("path",), f"the path is release {version}'s, and the version is {self.version}.", fix
        if digest != self.digest.removeprefix("sha256:")[: len(digest)]:
            yield ("path",), f"the path is that of digest {digest}…, and the digest is {self.digest[:23]}….", fix
        if strange := sorted(set(self.formats) - set(self.layouts)):
            yield ("formats",), f"the format of {strange[0]} is told, and the release has no such layout.", fix
        if self.images and set(self.images) != set(self.layouts):
            yield ("images",), "the images aren't those of the layouts.", fix
        if self.base and not self.images:
            yield ("base",), "there are no images that could be built on it.", fix


@dataclass(frozen=True, kw_only=True)
class Lock:
    """All sections of a lock file.

    Attributes:
        services: Service name to variant name to pin: the service files as they stand.
        environments: Environment to service to variant to pin, where that differs from ``services``.
    """

    version: Annotated[int, Bounds(1, 1)] = 1
    services: dict[str, dict[str, Pin]] = field(default_factory=dict)
    environments: dict[str, dict[str, dict[str, Pin]]] = field(default_factory=dict)

    def section(self, service: str, environment: str | None = None) -> dict[str, Pin]:
        """The pins of a service in an environment, or of its file as it stands."""
        return {**self.services.get(service, {}), **self.own(service, environment)}

    def own(self, service: str, environment: str | None) -> dict[str, Pin]:
        """What an environment pins otherwise than the file as it stands."""
        return self.environments.get(environment or "", {}).get(service, {})

    def with_section(
        self,
        service: str,
        pins: Mapping[str, Pin],
        environments: Mapping[str, Mapping[str, Pin]] | None = None,
    ) -> Lock:
        """The same with all that is pinned for one service replaced.

        Args:
            service: Its name.
            pins: Those of its file as it stands.
            environments: What each of its environments pins otherwise.
        """
        others = {
            name: {key: own for key, own in one.items() if key != service} for name, one in self.environments.items()
        }
        for name, own in (environments or {}).items():
            others[name] = others.get(name, {}) | ({service: dict(own)} if own else {})
        return dataclasses.replace(
            self,
            services={**self.services, service: dict(pins)},
            environments={name: sections for name, sections in others.items() if sections},
        )

    def to_yaml(self) -> str:
        """The file's text: sections and variants by name, so that the same pins are the same bytes."""
        told: dict[str, object] = {"version": self.version, "services": _sections(self.services)}
        if self.environments:
            told["environments"] = {name: _sections(one) for name, one in sorted(self.environments.items())}
        return f"{HEADER}{block(told, 0)}\n"


def _sections(sections: Mapping[str, Mapping[str, Pin]]) -> dict[str, object]:
    return {
        service: {variant: _as_mapping(pin) for variant, pin in sorted(pins.items())}
        for service, pins in sorted(sections.items())
    }


def _as_mapping(pin: Pin) -> dict[str, object]:
    return {
        "requested": pin.requested,
        "version": pin.version,
        "digest": pin.digest,
        "path": pin.path,
        "format": pin.format,
        "layouts": list(pin.layouts),
        **({"formats": dict(sorted(pin.formats.items()))} if pin.formats else {}),
        "runtimes": dict(sorted(pin.runtimes.items())),
        **({"writtenBy": dict(sorted(pin.written_by.items()))} if pin.written_by else {}),
        **({"golden": {layout: list(files) for layout, files in sorted(pin.golden.items())}} if pin.golden else {}),
        **({"source": pin.source} if pin.source else {}),
        **({"images": dict(sorted(pin.images.items()))} if pin.images else {}),
        **({"base": pin.base} if pin.base else {}),
    }


def path_of(service: Service) -> Path:
    """The lock file beside a service file."""
    return service.directory / FILE


def read(path: Path) -> Lock:
    """Read a lock file; an absent one is an empty lock.

    Raises:
        InputError: It isn't a lock file of ours.
        OutsideError: It can't be read.
    """
    try:
        text = files.read_text(path)
    except FileNotFoundError:
        return Lock()
    except UnicodeDecodeError as error:
        raise not_utf8(error, str(path)) from None
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None
    try:
        return plain.decode(plain.read(text, most_characters=MOST_CHARACTERS), Lock)
    except DoubtError:
        top = parse(text, str(path), most_characters=MOST_CHARACTERS, instead=ANEW)
    return Decoder().decode_object(top, Lock, ())


def write(path: Path, lock: Lock) -> bool:
    """Write a lock file where it differs from what is there.

    Returns:
        Whether anything was written.

    Raises:
        OutsideError: It can't be written; what was there is unchanged.
    """
    content = lock.to_yaml().encode()
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        pass
    except OSError as error:
        raise OutsideError(f"can't be read: {error.strerror}.", place=Place(str(path))) from None
    write_atomically(path, content)
    return True


def all_pins(lock: Lock) -> Iterator[Pin]:
    """Every pin of every section, those of environments too."""
    for sections in (lock.services, *lock.environments.values()):
        for pins in sections.values():
            yield from pins.values()


def pins_of(service: Service, lock: Lock) -> dict[str, Pin]:
    """The pins of a service's variants; one that names its files by a uri has none.

    Raises:
        InputError: A variant isn't pinned, or was pinned for another request or to a release of another service.
    """
    place = Place(str(path_of(service)))
    named = f" -e {service.environment}" if service.environment else ""
    fix = f"Pin it: serinus lock {service.file}{named}"
    section = lock.section(service.name, service.environment)
    pins = {}
    for variant in service.variants:
        if variant.release is None:
            continue
        pin = section.get(variant.name)
        if pin is None:
            raise InputError(f"the variant '{variant.name}' of {service.name} isn't pinned.", fix=fix, place=place)
        if pin.requested != variant.release:
            raise InputError(
                f"the variant '{variant.name}' of {service.name} is pinned for release {pin.requested}, "
                f"and the service file asks for {variant.release}.",
                fix=fix,
                place=place,
            )
        if variant.service and pin.owner != variant.service:
            raise InputError(
                f"the variant '{variant.name}' of {service.name} is pinned to a release of {pin.owner}, "
                f"and the service file asks for one of {variant.service}.",
                fix=fix,
                place=place,
            )
        _demand_images(service, variant, pin, fix, place)
        pins[variant.name] = pin
    return pins


def _demand_images(service: Service, variant: Variant, pin: Pin, fix: str, place: Place) -> None:
    """Where pods shall have the image of a release, it is pinned, on the ground that the service file names.

    Raises:
        InputError: It isn't.
    """
    store = service.releases
    if store.door == FILES:
        return
    if not pin.images:
        raise InputError(
            f"the variant '{variant.name}' of {service.name} is pinned without images, and store.door is {store.door}.",
            fix=fix,
            place=place,
        )
    if pin.base != store.base_digest:
        built = f"on {pin.base[:23]}…" if pin.base else "on nothing"
        raise InputError(
            f"the images of the variant '{variant.name}' of {service.name} are pinned as built {built}, and the "
            "service file names another store.base.",
            fix=fix,
            place=place,
        )


def owner_of(service: Service, variant: Variant) -> str:
    """The service whose release a variant asks for: its own, unless it names another."""
    return variant.service or service.name
