"""``serinus releases``."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.options import CONTEXT, Environment, ServiceFile, Sets
from generator.cli.talk import put_data, remark, say, show
from generator.errors import OutsideError
from generator.loading.load import load
from generator.store import read
from generator.store.connect import open_store
from generator.store.release import SHORT, Release, to_json
from generator.text.json import escaped
from generator.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

MOST_METRICS = 4
MOST = 1e300


class Format(StrEnum):
    """How releases are printed."""

    TEXT = "text"
    JSON = "json"


@app.command()
def releases(
    file: ServiceFile,
    environment: Environment = None,
    sets: Sets = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="A table, or a JSON list of the records.")
    ] = Format.TEXT,
) -> None:
    """List the published releases of a service.

    The newest first. A record that can't be read is an error, after the others are printed.
    """
    service = load(file, environment=environment, sets=sets or ())
    store = open_store(service.publish_url, service.releases.endpoint)
    found = list(read.survey(store, service.name))
    whole = [item for item in found if isinstance(item, Release)]
    if output_format is Format.JSON:
        records = [{**json.loads(to_json(release)), "url": store.url_of(release.path)} for release in whole]
        put_data(escaped(json.dumps(records, indent=2, ensure_ascii=False)) + "\n")
    elif whole:
        show(_table([("VERSION", "DIGEST", "FORMAT", "MB", "METRICS"), *map(_row, whole)]))
    if not found:
        remark(f"{service.name} has no release in {store.name} yet")
    broken = [item for item in found if isinstance(item, OutsideError)]
    for error in broken[1:]:
        say(f"serinus: {error}")
    if broken:
        raise broken[0]


def _row(release: Release) -> tuple[str, ...]:
    numbers = {name: value for name, value in sorted(release.metrics.items()) if _is_number(value)}
    metrics = " ".join(f"{printable(name)}={value:.4g}" for name, value in list(numbers.items())[:MOST_METRICS])
    shown = printable(release.format)
    return str(release.version), release.digest[:SHORT], shown, f"{release.size / 1e6:.1f}", metrics or "-"


def _is_number(value: Any) -> bool:
    # Beyond that a whole number has no digits to shorten.
    return isinstance(value, int | float) and not isinstance(value, bool) and -MOST < value < MOST


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
