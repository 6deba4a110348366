"""What a release of a platform brings: its runtimes, its ConfigMap, its presets; data, imported from its own manifests.

``tests/packs/facts.py`` writes the files, ``<product>/<release>/<part>.json``; nothing in them is typed by hand.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.schemas.versions import parse_version

if TYPE_CHECKING:
    from generator.schemas.versions import Version

_HERE = Path(__file__).parent
"""importlib.resources would be right for archives too; to import it takes longer than to read the facts."""


class Facts(NamedTuple):
    """The facts of a release.

    Attributes:
        product: Whose they are.
        releases: Of which releases they are, the nearest first: the one that was asked for, whatever its patch, and
            the older ones, which stand in for what it hasn't; of one before all others, the oldest.
    """

    product: str
    releases: tuple[Version, ...]

    def of(self, name: str) -> Version:
        """The release whose part it is.

        Args:
            name: As of ``part``.

        Raises:
            FileNotFoundError: There is no such part.
        """
        for release in self.releases:
            if name in _parts(self.product, str(release)):
                return release
        raise FileNotFoundError(f"{self.product}/{name}.json")

    def part(self, name: str) -> Any:
        """One of its files, read once; not to be changed.

        Args:
            name: Such as ``runtimes``.

        Raises:
            FileNotFoundError: There is no such part.
        """
        return _read(self.product, str(self.of(name)), name)


@functools.cache
def known(product: str) -> tuple[Version, ...]:
    """The releases of a product whose facts there are, oldest first."""
    folder = _HERE / product
    if not folder.is_dir():
        return ()
    return tuple(sorted(parse_version(one.name) for one in folder.iterdir() if one.is_dir()))


@functools.cache
def facts(product: str, release: Version) -> Facts:
    """The facts of a release.

    Raises:
        LookupError: The product brings nothing that is known.
    """
    every = known(product)
    if not every:
        raise LookupError(product)
    older = [one for one in every if one[:2] == release[:2] or one <= release]
    return Facts(product, tuple(reversed(older or every[:1])))


@functools.cache
def _parts(product: str, release: str) -> frozenset[str]:
    return frozenset(one.stem for one in (_HERE / product / release).glob("*.json"))


@functools.cache
def _read(product: str, release: str, part: str) -> Any:
    return json.loads((_HERE / product / release / f"{part}.json").read_text(encoding="utf-8"))
