"""Images among the addresses of ``storageUris``: what each release mounts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.spec import V0_16, V0_19, V0_20, addresses
from generator.checks.rules.kserve.storage_containers import takes
from generator.checks.rules.kserve.storage_forms import INJECTOR, SEVERAL
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.spec import Address
    from generator.checks.subject import Subject

IMAGE = "oci://"
LISTED = frozenset({"storageUris"})


def _lists(subject: Subject) -> Iterator[list[Address]]:
    """The addresses of each list, in their order."""
    found: dict[str, list[Address]] = {}
    for one in addresses(subject):
        if one.listed:
            found.setdefault(".".join(map(str, one.component.path)), []).append(one)
    yield from found.values()


@rule(
    id="KSV503",
    name="image-in-a-list",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=LISTED,
    since=V0_16,
    until=V0_19,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="before 0.19 KServe mounts no image that stands in storageUris: {outcome}",
    fix="Write the image as storageUri, which is mounted as a modelcar, or update to KServe 0.19.",
    source=INJECTOR,
    bad=SEVERAL.replace("'hf://acme/digits:v1'", "'oci://registry.example.com/digits:1'"),
    good=SEVERAL,
)
def image_in_a_list(subject: Subject) -> Iterator[Hit]:
    """The injector steps back where the first address is an image, in the belief that a modelcar is put in elsewhere.

    That looks at storageUri only. So the pod starts with an empty folder, and what else the list has isn't fetched
    either; an image further down is handed to the downloader, which knows no such scheme.
    """
    for several in _lists(subject):
        first = several[0].uri.startswith(IMAGE)
        nothing = "the server starts without a model" + (", also without the others" if len(several) > 1 else "")
        for _, path, uri, _ in several:
            if uri.startswith(IMAGE) and (first or not takes(subject.index, uri)):
                yield Hit(path, {"outcome": nothing if first else "the download fails on it"})


@rule(
    id="KSV504",
    name="address-beside-an-image",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=LISTED,
    since=V0_19,
    until=V0_20,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="KServe 0.19 mounts the first image of storageUris and nothing else: '{uri}' isn't there",
    fix="Put all models into one image, take none of them from an image, or update to KServe 0.20.",
    source=INJECTOR,
    bad=SEVERAL.replace("'hf://acme/digits:v1'", "'oci://registry.example.com/digits:1'"),
    good=SEVERAL,
)
def address_beside_an_image(subject: Subject) -> Iterator[Hit]:
    """As soon as one address is an image, the injector is done: it neither downloads nor mounts a claim.

    A second image gets a mount and no container to fill it, since a pod had one modelcar until 0.20.
    """
    for several in _lists(subject):
        images = [one.path for one in several if one.uri.startswith(IMAGE)]
        for _, path, uri, _ in several:
            if images and path != images[0]:
                yield Hit(path, {"uri": uri})
