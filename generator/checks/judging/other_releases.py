"""What another supported release knows: an unknown field is most often no slip but a matter of the release."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from generator.schemas import available, load
from generator.schemas.products import PRODUCTS

if TYPE_CHECKING:
    from generator.reading.documents import Path
    from generator.schemas import KindSchema, Schema, Target, Version


class Elsewhere(NamedTuple):
    """Who knows a field that a release doesn't.

    Attributes:
        hint: The end of the message, such as ``; kserve has it since 0.16``.
        advice: What to do.
    """

    hint: str
    advice: str


def knowing(target: Target, kind: KindSchema, path: Path) -> Elsewhere | None:
    """Who else knows the field at a path of a kind: another release, else the product's other channel.

    Args:
        target: The release that doesn't know it.
        kind: The kind in that release.
        path: The field.
    """
    return _knowing(target.product, target.version, kind.kind[:3], _plain(path), None)


def allowing(target: Target, kind: KindSchema, path: Path, value: str) -> Elsewhere | None:
    """Who else takes a word at a place that takes some words only; as ``knowing``."""
    return _knowing(target.product, target.version, kind.kind[:3], _plain(path), value)


def _plain(path: Path) -> Path:
    return tuple(part if isinstance(part, str) else 0 for part in path)


@cache
def _knowing(
    product: str, version: Version, kind: tuple[str, str, str], path: Path, value: str | None
) -> Elsewhere | None:
    releases = [release for release in available()[product] if _has(product, release, kind, path, value)]
    later = [release for release in releases if release > version]
    name = value or path[-1]
    if later:
        first = _short(product, later[0])
        return Elsewhere(
            f"; {product} has it since {first}",
            f"Remove {name}, or upgrade to {product} {first}: --platform {product}@{first} checks by that release.",
        )
    if releases:
        last = _short(product, releases[-1])
        return Elsewhere(
            f"; {product} had it up to {last}", f"Remove {name}; what took its place depends on the field."
        )
    for other in _channels(product):
        found = [release for release in available()[other] if _has(other, release, kind, path, value)]
        near = [release for release in found if release[:2] == version[:2]] or found
        if near:
            shown = f"{other}@{_short(other, near[-1])}"
            advice = f"Install that channel's CRDs and check by them with --platform {shown}, or remove {name}."
            return Elsewhere(f"; {shown} has it", advice)
    return None


def _channels(product: str) -> list[str]:
    """The products that take the place of one on request, such as its experimental channel."""
    return [name for name, each in PRODUCTS.items() if each.replaces == product and name in available()]


def _has(product: str, release: Version, kind: tuple[str, str, str], path: Path, value: str | None) -> bool:
    found = load(product, release).kind(*kind)
    node: Schema | None = found.schema if found else None
    for part in path if value else path[:-1]:
        node = node.child(part) if node else None
    if node is None:
        return False
    return value in node.bounds.get("enum", ()) if value else path[-1] in node.properties


def _short(product: str, release: Version) -> str:
    """A release by its minor, where that is not ambiguous."""
    same = [each for each in available()[product] if each[:2] == release[:2]]
    return f"{release.major}.{release.minor}" if len(same) == 1 and release.final else str(release)
