"""Which packs there are, shipped ones and the user's own, and how a release is named.

The user's packs lie in ``$SERINUS_SCHEMAS``, else in ``$XDG_DATA_HOME/serinus/schemas``, else in
``~/.local/share/serinus/schemas``: ``<product>/<release>.pack``. A kind in an imported pack wins over the shipped pack
of the same release; the shipped pack's other kinds stay.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from generator.errors import InputError, OutsideError
from generator.schemas import pack as packs
from generator.schemas.products import PRODUCTS, owned_groups
from generator.schemas.versions import Version, names_patch, parse_version
from generator.text.files import home as own_folder

SUFFIX = ".pack"
SHIPPED = Path(__file__).parent / "packs"


class Target(NamedTuple):
    """A release to judge by.

    Attributes:
        product: The product's name.
        version: A release of which there is a pack.
        exact: False where another release was asked for, and this one stands in for it.
    """

    product: str
    version: Version
    exact: bool = True

    def __str__(self) -> str:
        """As ``--platform`` takes it."""
        return f"{self.product}@{self.version}"


def user_folder() -> Path:
    """Where imported packs lie."""
    variables = os.environ
    return _user_folder(variables.get("SERINUS_SCHEMAS"), variables.get("XDG_DATA_HOME"), variables.get("HOME"))


@cache
def _user_folder(named: str | None, data: str | None, home: str | None) -> Path:
    """The folder by what the environment says; asked for with every document, so it is made once."""
    if named:
        return Path(named)
    share = Path(data) if data else Path(home or own_folder(), ".local", "share")
    return share / "serinus" / "schemas"


def _version_of(file: Path) -> Version | None:
    try:
        return parse_version(file.name.removesuffix(SUFFIX))
    except ValueError:
        return None


@cache
def _listed(folders: tuple[Path, ...]) -> dict[str, tuple[Version, ...]]:
    found: dict[str, set[Version]] = {}
    for folder in folders:
        try:
            files = sorted(folder.glob(f"*/*{SUFFIX}"))
        except OSError as error:
            raise OutsideError(
                f"can't read the schema packs in {folder}: {error.strerror or error}.",
                fix="$SERINUS_SCHEMAS names another folder.",
            ) from error
        for file in files:
            version = _version_of(file)
            if version is not None:
                found.setdefault(file.parent.name, set()).add(version)
    return {product: tuple(sorted(found[product])) for product in sorted(found)}


def available() -> dict[str, tuple[Version, ...]]:
    """Every product with its releases, oldest first; imported ones are among them."""
    return _listed((SHIPPED, user_folder()))


def _file(folder: Path, product: str, version: Version) -> Path:
    return folder / product / f"{version}{SUFFIX}"


def _bytes(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutsideError(f"can't read the schema pack {file}: {error.strerror or error}.") from error


@cache
def _read(file: Path, product: str, version: Version) -> packs.Pack | None:
    content = _bytes(file)
    if content is None:
        return None

    def beside(release: str) -> bytes:
        return _bytes(file.with_name(f"{release}{SUFFIX}")) or b""

    return packs.read(content, product, version, owned_groups(product), str(file), beside)


@cache
def _merged(folder: Path, product: str, version: Version) -> packs.Pack | None:
    found = [
        pack
        for pack in (_read(_file(place, product, version), product, version) for place in (SHIPPED, folder))
        if pack is not None
    ]
    if len(found) < 2:  # noqa: PLR2004 (nothing to merge)
        return found[0] if found else None
    kinds = {key: kind for pack in found for key, kind in pack.kinds.items()}
    return packs.Pack(product, version, found[0].owned, kinds)


def load(product: str, version: Version) -> packs.Pack:
    """The pack of a release; read once a process.

    Raises:
        InputError: There is none, or the file is no pack.
        OutsideError: The file can't be read.
    """
    pack = _merged(user_folder(), product, version)
    if pack is None:
        raise InputError(f"there is no schema pack {product}@{version}.", fix=_known(product))
    return pack


def _known(product: str) -> str:
    releases = available().get(product)
    if releases is None:
        return f"Known products: {', '.join(available())}."
    known = ", ".join(f"{product}@{release}" for release in releases)
    return f"Known releases: {known}; or import one: serinus schema import."


def resolve(text: str) -> Target:
    """The release that ``product@release`` names; ``product`` alone means its newest.

    A minor (``kserve@0.20``) means its newest patch; a patch that we lack is judged by its minor's pack, and the target
    is not exact then.

    Raises:
        InputError: An unknown product or minor; the message lists the known ones.
    """
    product, at, wanted = text.strip().partition("@")
    releases = available().get(product)
    if releases is None:
        raise InputError(f"'{product}' is no product that Serinus knows.", fix=_known(product))
    if not at:
        return Target(product, newest(product))
    try:
        version = parse_version(wanted)
    except ValueError as error:
        raise InputError(f"{error}.", fix=_known(product)) from error
    if version in releases and names_patch(wanted):
        return Target(product, version)
    minor = [release for release in releases if release[:2] == version[:2]]
    if not minor:
        raise InputError(f"there is no schema pack for {product}@{wanted}.", fix=_known(product))
    best = max(minor)
    return Target(product, best, exact=not names_patch(wanted) and best.final)


def newest(product: str) -> Version:
    """The newest release of a product that is no candidate, if there is one."""
    releases = available()[product]
    return max(releases, key=lambda release: (release.final, release))


def defaults() -> tuple[Target, ...]:
    """The newest release of each product that no other replaces on request."""
    return tuple(
        Target(product, newest(product))
        for product in available()
        if not (product in PRODUCTS and PRODUCTS[product].replaces)
    )


def serving(group: str, version: str, kind: str) -> tuple[Target, ...]:
    """Every release that serves a kind in a version; an empty version means any."""
    return tuple(
        Target(product, release)
        for product, releases in available().items()
        for release in releases
        if any(
            (group, kind) == (found, name) and version in ("", served)
            for found, served, name in load(product, release).kinds
        )
    )
