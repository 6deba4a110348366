"""``serinus platforms``."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from generator.cli.options import CONTEXT
from generator.errors import InputError
from generator.platforms import platforms as all_platforms
from generator.platforms.base import FEATURES, Level

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

FORMATS = ("text", "json")


@app.command()
def platforms(
    output: Annotated[str, typer.Option("--format", metavar="text|json", help="For people or for programs.")] = "text",
) -> None:
    """Show what each platform can do."""
    if output not in FORMATS:
        raise InputError(f"--format {output} isn't known.", fix=f"Known: {', '.join(FORMATS)}.")
    table = rows()
    if output == "json":
        sys.stdout.write(json.dumps(table, indent=2) + "\n")
        return
    for row in table:
        releases = f" {row['since'] or '…'} to {row['until'] or 'newest'}" if row["since"] or row["until"] else ""
        modes = f"  mode {', '.join(row['modes'])}" if row["modes"] else ""
        print(f"{row['platform']}{releases}{modes}  {row['strategy']}: {row['level']}")
        print(f"    {row['sentence']}")
        if row["instead"]:
            print(f"    Instead: {row['instead']}.")


def rows() -> list[dict[str, Any]]:
    """The table of capabilities, a row a cell, in the order of the strategies."""
    return [
        {
            "platform": platform.id,
            "releases": list(platform.releases),
            "since": cell.since,
            "until": cell.until,
            "modes": list(cell.modes),
            "strategy": FEATURES[cell.feature],
            "level": cell.level.value,
            "by": cell.way if cell.level is not Level.NO else "",
            "sentence": cell.sentence,
            "instead": cell.instead,
        }
        for platform in all_platforms().values()
        for feature in FEATURES
        for cell in platform.cells
        if cell.feature == feature
    ]
