"""Images that a registry may change behind a manifest's back."""

from __future__ import annotations

from generator.checks.placeholders import filled


def moves(image: str) -> bool:
    """Whether an image is whatever its registry calls latest: it has no digest, and no tag or ``latest``."""
    tag = image.rpartition("/")[2].partition(":")[2]
    return bool(image) and "@" not in image and filled(image) and tag in ("", "latest")
