"""Which product and release a CRD is of: as the user says, by the folders it lies in, or by what it says itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.schemas.catalog import available, load
from generator.schemas.versions import Version, parse_version

if TYPE_CHECKING:
    from pathlib import Path

    from generator.reading.documents import Document

_SAYS_RELEASE = ("gateway.networking.k8s.io/bundle-version", "app.kubernetes.io/version")
_SAYS_CHANNEL = "gateway.networking.k8s.io/channel"


def named(text: str) -> tuple[str, Version]:
    """What ``--as`` says.

    Raises:
        InputError: It is no ``product@release``.
    """
    product, _, release = text.partition("@")
    try:
        version = parse_version(release)
    except ValueError as error:
        raise InputError(f"{error}.", fix="Write --as PRODUCT@RELEASE, such as kserve@0.20.1.") from error
    if not product or "/" in product or product.startswith("."):
        raise InputError(f"'{product}' is no product's name.", fix="Write --as PRODUCT@RELEASE, such as kserve@0.20.1.")
    return product, version


def belongs(crd: Document, product: str) -> bool:
    """Whether a CRD is one of a product's: of one of its API groups, and no kind that only another product has.

    Raises:
        InputError: There is no pack of this product, so its groups aren't known.
    """
    kinds = _newest_kinds()
    if product not in kinds:
        raise InputError(
            f"which API groups {product} has is not known.", fix="Name them: --group GROUP, once for each group."
        )
    key = _key(crd)
    others = any(key in found for name, found in kinds.items() if name != product)
    return key in kinds[product] or (not others and key[0] in {each for each, _ in kinds[product]})


def _key(crd: Document) -> tuple[str, str]:
    spec = crd.data.get("spec") or {}
    return str(spec.get("group")), str((spec.get("names") or {}).get("kind"))


def _newest_kinds() -> dict[str, frozenset[tuple[str, str]]]:
    """By product, the groups and kinds in its newest pack."""
    return {
        product: frozenset((group, kind) for group, _, kind in load(product, releases[-1]).kinds)
        for product, releases in available().items()
    }


def by_folders(file: Path) -> tuple[str, Version] | None:
    """Product and release by ``<product>/<release>/<file>``."""
    try:
        return file.parent.parent.name or "crds", parse_version(file.parent.name)
    except ValueError:
        return None


def by_itself(crd: Document) -> tuple[str, Version] | None:
    """Product and release by a CRD's group and by what its labels and annotations say."""
    metadata = crd.data.get("metadata") or {}
    said = {**(metadata.get("labels") or {}), **(metadata.get("annotations") or {})}
    product = _product(crd)
    if product == "gateway-api" and said.get(_SAYS_CHANNEL) == "experimental":
        product = "gateway-api-experimental"
    for key in _SAYS_RELEASE:
        if product and isinstance(said.get(key), str):
            try:
                return product, parse_version(said[key])
            except ValueError:
                continue
    return None


def _product(crd: Document) -> str | None:
    """The product that a CRD belongs to, the first in their order; some groups have kinds of several."""
    return next((product for product in available() if belongs(crd, product)), None)


def unclear(crd: Document) -> InputError:
    """The error for a CRD of which nothing tells the release."""
    return InputError(
        "it is not clear which release this is of.",
        fix="Name it: serinus schema import PATH --as PRODUCT@RELEASE.",
        place=crd.place(("spec", "group")),
    )
