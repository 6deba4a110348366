"""By which releases a document is judged: the command's, else the file's own, else the newest (CONTRACT)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.schemas import Target, defaults, resolve, user_folder
from generator.schemas.products import KUBERNETES, PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """What ``--platform`` said, and what the repository says.

    Attributes:
        targets: In the order given; a product may stand there with several releases.
        fallback: For documents that neither the command nor their own comment gives a release of a product.
        remarks: A line for each release that another one stands in for.
    """

    targets: tuple[Target, ...] = ()
    fallback: tuple[Target, ...] = ()
    remarks: tuple[str, ...] = ()


def asked(texts: Iterable[str], fallback: Iterable[str] = ()) -> Asked:
    """Resolve what the user asked for.

    Args:
        texts: What the command names.
        fallback: What the repository's ``serinus.toml`` names.

    Raises:
        InputError: A product or minor that nobody knows.
    """
    remarks: list[str] = []
    return Asked(_resolved(texts, remarks), _resolved(fallback, remarks), tuple(remarks))


def of_kubernetes(releases: Iterable[str]) -> list[str]:
    """What ``--kubernetes`` says, as ``--platform`` takes it: ``1.34`` is ``kubernetes@1.34``."""
    return [f"{KUBERNETES}@{release}" for release in releases]


def _resolved(texts: Iterable[str], remarks: list[str]) -> tuple[Target, ...]:
    targets: dict[Target, None] = {}
    for text in texts:
        target = resolve(text)
        if not target.exact:
            remarks.append(f"there is no schema pack for {text}; {target} stands in for it.")
        targets[target] = None
    return tuple(targets)


def named(header: str | None) -> tuple[Target, ...]:
    """What a file's comment ``# serinus: platform …`` names; unknown words are left to the rule that tells of them."""
    return tuple(target for word in (header or "").split() if (target := _known(word, user_folder())) is not None)


def unknown(header: str | None) -> list[str]:
    """The words of such a comment that name no release."""
    return [word for word in (header or "").split() if _known(word, user_folder()) is None]


@lru_cache(maxsize=256)
def _known(word: str, folder: Path) -> Target | None:
    """The release that a word names; asked once as long as packs lie in the same folder."""
    del folder
    try:
        return resolve(word)
    except InputError:
        return None


def chosen(command: tuple[Target, ...], header: str | None, fallback: tuple[Target, ...] = ()) -> tuple[Target, ...]:
    """Every release that judges a document: each product's as the first that names it says.

    The command, else the document's comment, else the repository (``fallback``), else the newest.

    A product that replaces another on request (gateway-api-experimental) takes its place.
    """
    result = list(command)
    for source in (named(header), fallback, defaults()):
        taken = {_slot(target.product) for target in result}
        result += [target for target in source if _slot(target.product) not in taken]
    return tuple(result)


def _slot(product: str) -> str:
    known = PRODUCTS.get(product)
    return known.replaces or product if known else product
