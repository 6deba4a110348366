"""Releases of products as values that compare as numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

_STAGES = ("alpha", "beta", "rc", "")
_FINAL = 3
_FORM = re.compile(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:-?(alpha|beta|rc)\.?(\d{1,9})?)?", re.ASCII)


class Version(NamedTuple):
    """A release; a release candidate is less than its release.

    Attributes:
        major: First number.
        minor: Second number.
        patch: Third number; 0 where it is left out.
        stage: 0 alpha, 1 beta, 2 release candidate, 3 release.
        number: The number of the alpha, beta or release candidate; 0 for a release.
    """

    major: int
    minor: int
    patch: int = 0
    stage: int = _FINAL
    number: int = 0

    def __str__(self) -> str:
        """As packs are named: ``0.20.0``, ``2.7.0-rc1``."""
        suffix = "" if self.stage == _FINAL else f"-{_STAGES[self.stage]}{self.number}"
        return f"{self.major}.{self.minor}.{self.patch}{suffix}"

    @property
    def final(self) -> bool:
        """Whether it is a release, not a candidate for one."""
        return self.stage == _FINAL


def parse_version(text: str) -> Version:
    """The inverse of ``str``; also ``0.20`` and ``v0.20.0``.

    Raises:
        ValueError: No release.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(f"'{text}' is no release; one looks like 0.20 or 0.20.0")
    major, minor, patch, stage, number = found.groups()
    return Version(int(major), int(minor), int(patch or 0), _STAGES.index(stage or ""), int(number or 0))


def names_patch(text: str) -> bool:
    """Whether a release is named in full, so that no other patch is meant."""
    found = _FORM.fullmatch(text.strip())
    return bool(found and found[3])
