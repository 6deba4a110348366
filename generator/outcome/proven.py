"""The releases whose children are held against the real controller, and what is said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.schemas.products import title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.schemas.versions import Version

PROVEN: Mapping[str, frozenset[str]] = {
    "kserve": frozenset(("0.15", "0.16", "0.17", "0.19", "0.20")),
    "seldon-core-1": frozenset(("1.16",)),
}
"""By product. What runs is under ``tests/lab/servers``; a test holds the two together."""
ALIKE: Mapping[str, Mapping[str, str]] = {"seldon-core-1": {"1.17": "1.16", "1.18": "1.16"}}
"""Releases whose controller can't be had, and the proven one whose code is the same but for images."""


def unproven(product: str, release: Version) -> str:
    """A sentence without its full stop about a release whose controller never ran; empty for the others."""
    minor = f"{release.major}.{release.minor}"
    if minor in PROVEN.get(product, ()):
        return ""
    name = f"{title(product).removesuffix(' 1').removesuffix(' 2')} {minor}"  # Seldon Core's number is in its release
    alike = ALIKE.get(product, {}).get(minor)
    if alike:
        return (
            f"what {name} makes is held against the operator of {alike}, which is the same but for "
            "the images that it starts"
        )
    return f"what {name} makes is computed by its sources; no controller of that release was asked"
