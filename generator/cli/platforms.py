"""``serinus platforms``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.options import CONTEXT
from generator.cli.talk import put_data
from generator.decoding.exact import nearest
from generator.errors import InputError
from generator.platforms import platforms as all_platforms
from generator.platforms import table
from generator.platforms.base import FEATURES

if TYPE_CHECKING:
    from generator.platforms.base import Platform

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

FORMATS = ("text", "json")


@app.command()
def platforms(
    platform: Annotated[
        str | None, typer.Argument(metavar="PLATFORM[@RELEASE]", help="One of them, such as kserve or kserve@0.19.")
    ] = None,
    output: Annotated[str, typer.Option("--format", metavar="text|json", help="For people or for programs.")] = "text",
) -> None:
    """Show what each platform can do."""
    if output not in FORMATS:
        raise InputError(f"--format {output} isn't known.", fix=f"Known: {', '.join(FORMATS)}.")
    chosen, release = _chosen(platform)
    if output == "json":
        put_data(json.dumps(table.rows(chosen), indent=2) + "\n")
        return
    if platform is None:
        _print_grid(chosen)
    for each in chosen:
        print(f"\n{each.title} ({each.id}), releases {', '.join(each.releases)}")
        for cell in table.cells(each, release):
            where = table.scope(cell)
            print(f"  {FEATURES[cell.feature]}{f' ({where})' if where else ''}: {table.words(cell)}")
            instead = f" Instead: {cell.instead}." if cell.instead else ""
            print(f"    {cell.sentence}{instead}")


def _chosen(wanted: str | None) -> tuple[list[Platform], str | None]:
    """The platforms that are asked for, and the release.

    Raises:
        InputError: It isn't known.
    """
    known = all_platforms()
    if wanted is None:
        return list(known.values()), None
    name, _, release = wanted.partition("@")
    if name not in known:
        raise InputError(f"the platform '{name}' isn't known.", fix=nearest(name, known))
    if release and release not in known[name].releases:
        raise InputError(
            f"{known[name].title} {release} isn't known.", fix=f"Known releases: {', '.join(known[name].releases)}."
        )
    return [known[name]], release or None


def _print_grid(chosen: list[Platform]) -> None:
    """The newest release of each platform, a column a mode."""
    heads = table.columns(chosen)
    lines = [
        ("", [f"{name} {release}" for name, release, _ in heads]),
        ("", [mode for _, _, mode in heads]),
        *table.grid(chosen),
    ]
    first = max(len(title) for title, _ in lines)
    widths = [max(map(len, column)) for column in zip(*(cells for _, cells in lines), strict=True)]
    for title, cells in lines:
        aligned = "  ".join(f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
        print(f"{title:{first}}  {aligned}".rstrip())
