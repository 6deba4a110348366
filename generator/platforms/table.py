"""The table of capabilities for people and programs: ``serinus platforms`` and docs/platforms.md print it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms.base import FEATURES, GRAPH, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.platforms.base import Cell, Platform

Columns = list[tuple[str, str, str]]
"""Platform, release and mode of each column; the mode is empty where a platform has one only."""


def columns(platforms: Iterable[Platform]) -> Columns:
    """A column for each mode of each platform's newest release."""
    return [
        (platform.id, platform.releases[-1], mode if len(platform.modes) > 1 else "")
        for platform in platforms
        for mode in platform.modes
    ]


def grid(platforms: Iterable[Platform]) -> Iterator[tuple[str, list[str]]]:
    """A row for each feature: its title, and for each column how it is done, the preferred way first."""
    chosen = list(platforms)
    for feature, title in FEATURES.items():
        yield (
            title,
            [
                " or ".join(dict.fromkeys(words(cell) for cell in platform.ways(feature, mode, platform.releases[-1])))
                for platform in chosen
                for mode in platform.modes
            ],
        )


def words(cell: Cell) -> str:
    """A cell in a word: what it needs, or the graph that does it."""
    return cell.way if cell.way == GRAPH else cell.level.value


def cells(platform: Platform, release: str | None = None) -> Iterator[Cell]:
    """The cells of a platform in the order of the strategies; with a release those that hold for it."""
    for feature in FEATURES:
        for cell in platform.cells:
            held = release is None or any(cell.holds(mode, release) for mode in platform.modes)
            if cell.feature == feature and held:
                yield cell


def scope(cell: Cell) -> str:
    """The modes and releases of a cell in words, empty for all of them."""
    parts = [f"mode {' or '.join(cell.modes)}"] if cell.modes else []
    if cell.since and cell.until:
        parts.append(cell.since if cell.since == cell.until else f"{cell.since} to {cell.until}")
    elif cell.since or cell.until:
        parts.append(f"from {cell.since}" if cell.since else f"up to {cell.until}")
    return ", ".join(parts)


def rows(platforms: Iterable[Platform]) -> list[dict[str, Any]]:
    """Every cell as data."""
    return [
        {
            "platform": platform.id,
            "releases": list(platform.releases),
            "since": cell.since,
            "until": cell.until,
            "modes": list(cell.modes or platform.modes),
            "strategy": FEATURES[cell.feature],
            "level": cell.level.value,
            "by": cell.way if cell.level is not Level.NO else "",
            "sentence": cell.sentence,
            "instead": cell.instead,
        }
        for platform in platforms
        for cell in cells(platform)
    ]
