"""Findings that others cover: what is wrong for no other reason isn't told a second time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from generator.checks.finding import Finding
    from generator.reading.documents import Path


class Said(NamedTuple):
    """A finding before it is told.

    Attributes:
        path: Where it is, as the user wrote it.
        finding: What is told.
        on_key: Whether it is about the key, whatever its value.
        covers: As ``Hit.covers``.
    """

    path: Path
    finding: Finding
    on_key: bool
    covers: frozenset[Path] = frozenset()


def told(found: list[Said]) -> list[Finding]:
    """The findings without those that others cover."""
    covering = [said for said in found if said.covers]
    if not covering:
        return [said.finding for said in found]
    covered = frozenset().union(*(said.covers for said in covering))
    kept = []
    for said in found:
        if said.covers:
            under = (one.finding.severity for one in found if one.path in said.covers and not one.on_key)
            worst = max(under, default=said.finding.severity)
            kept.append(replace(said.finding, severity=max(worst, said.finding.severity)))
        elif said.on_key or said.path not in covered:
            kept.append(said.finding)
    return kept
