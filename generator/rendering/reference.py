"""Pages of ``docs/`` that are printed from the code; ``make golden`` writes them, and a test holds them against it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.loading import schema as service_schema
from generator.platforms import platforms, stores, table
from generator.platforms.base import FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.platforms.base import Cell

KINDS: Mapping[str, str] = MappingProxyType(
    {"object": "mapping", "array": "list", "string": "text", "integer": "whole number"}
)
"""JSON Schema's types in the words of people."""

HEAD = "<!-- Printed from the code by `make golden`; edit the code, not this page. -->\n\n"


def platform_page() -> str:
    """What each platform can do: one grid, then a table a platform with a sentence for every cell."""
    known = list(platforms().values())
    heads = [f"{name} {release}{f' {mode}' if mode else ''}" for name, release, mode in table.columns(known)]
    parts = [
        f"{HEAD}# What each platform can do\n\n`serinus platforms` prints the same. The newest release of each:\n\n",
        f"| strategy | {' | '.join(heads)} |\n|{' --- |' * (len(heads) + 1)}\n",
        *(f"| {title} | {' | '.join(cells)} |\n" for title, cells in table.grid(known)),
    ]
    parts.append(
        "\n## Stores\n\nWhat pods read releases from (`store.url`), and by what; nothing stands where they can't. "
        "Images are another door: `store.door`.\n\n"
        f"| store | {' | '.join(platform.id for platform in known)} |\n|{' --- |' * (len(known) + 1)}\n"
    )
    parts += [f"| {_code(kind)} | {' | '.join(ways)} |\n" for kind, ways in stores.table(known)]
    for platform in known:
        title = f"{platform.title}: `{platform.id}`, releases {', '.join(platform.releases)}"
        parts.append(f"\n## {title}\n\n| strategy | where | | how |\n| --- | --- | --- | --- |\n")
        parts += [_row(cell) for cell in table.cells(platform)]
    return "".join(parts)


def _code(names: str) -> str:
    """Each name as code; words that are none as they are."""
    return ", ".join(f"`{name}`" if "://" in name else name for name in names.split(", "))


def _row(cell: Cell) -> str:
    instead = f" Instead: {cell.instead}." if cell.instead else ""
    way = cell.level.value if cell.way == cell.level.value else f"{cell.level.value} (`by: {cell.way}`)"
    return f"| {FEATURES[cell.feature]} | {table.scope(cell) or 'everywhere'} | {way} | {cell.sentence}{instead} |\n"


def service_page() -> str:
    """Every key of a service file."""
    rows = "".join(
        f"| `{path}` | {kind} | {default} | {about} |\n"
        for path, kind, default, about in _keys(service_schema.schema(), "")
    )
    return (
        f"{HEAD}# The service file\n\nThe same as a JSON Schema, for editors: `serinus schema service`. "
        "A key without a default that isn't marked *required* may be left out.\n\n"
        f"| key | type | default | meaning |\n| --- | --- | --- | --- |\n{rows}"
    )


def _keys(schema: dict[str, Any], path: str) -> Iterator[tuple[str, str, str, str]]:
    for name, each in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        default = (
            f"`{each['default']}`" if "default" in each else "*required*" if name in schema.get("required", ()) else ""
        )
        yield here, _kind(each), default, each.get("description", "").replace("|", "\\|")
        if here != "environments":
            yield from _keys(each, here)
            yield from _keys(each.get("items", {}), f"{here}[]")


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "pattern" not in schema and "type" not in schema:
        return "any part of the file"
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = " or ".join(KINDS.get(each, each) for each in types if each != "null")
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        kind += f", {low} to {high}"
    elif low is not None:
        kind += f", from {low}"
    return kind
