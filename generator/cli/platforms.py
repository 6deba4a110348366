"""``serinus platforms``."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from generator.cli.options import CONTEXT
from generator.errors import InputError
from generator.platforms import platforms as all_platforms

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
        releases = ", ".join(row["releases"])
        print(f"{row['platform']} {releases}  mode {row['mode']}  {row['strategy']}: {row['level']}")
        print(f"    {row['sentence']}")
        if row["instead"]:
            print(f"    Instead: {row['instead']}.")


def rows() -> list[dict[str, Any]]:
    """The table of capabilities, a row a cell."""
    return [
        {
            "platform": platform.id,
            "releases": list(platform.releases),
            "mode": mode,
            "strategy": strategy,
            "level": capability.level.value,
            "sentence": capability.sentence,
            "instead": capability.instead,
        }
        for platform in all_platforms().values()
        for (strategy, mode), capability in platform.capabilities.items()
    ]
