"""``serinus schema``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from generator.cli.options import CONTEXT
from generator.cli.talk import say

app = typer.Typer(
    context_settings=CONTEXT, no_args_is_help=True, help="The service file's JSON Schema, and the schema packs."
)


@app.command(context_settings=CONTEXT)
def service() -> None:
    """Print the service file's JSON Schema, for editors."""
    from generator.service_schema import schema  # noqa: PLC0415 (the other subcommands don't need it)

    sys.stdout.write(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")


@app.command("list", context_settings=CONTEXT)
def list_packs() -> None:
    """List the products and releases whose schemas are known."""
    from generator.schemas import available  # noqa: PLC0415 (the other subcommands don't need it)

    for product, releases in available().items():
        print(f"{product}: {', '.join(str(release) for release in releases)}")


@app.command("import", context_settings=CONTEXT)
def import_packs(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="CRD files, or folders of them.")],
    name: Annotated[
        str | None, typer.Option("--as", metavar="PRODUCT@RELEASE", help="What they are of, where they don't say it.")
    ] = None,
) -> None:
    """Make schema packs of CRDs; a kind of an imported pack wins over the shipped one."""
    from generator.schemas.importer import import_crds  # noqa: PLC0415 (the other subcommands don't need it)

    for pack in import_crds(paths, name=name):
        say(f"{pack.product}@{pack.version}: {len(pack.kinds)} {'kind' if len(pack.kinds) == 1 else 'kinds'}")
        print(pack.file)
