"""``serinus templates``."""

from __future__ import annotations

from typing import Annotated

import typer

from generator.cli.options import CONTEXT, Quiet
from generator.cli.places import folder
from generator.cli.talk import say, show, silent
from generator.rendering import catalogue

app = typer.Typer(context_settings=CONTEXT, no_args_is_help=True, help="List the templates, or take one to change it.")


@app.command("list", context_settings=CONTEXT)
def list_templates() -> None:
    """List the templates that may be replaced, and the kind that each renders."""
    found = catalogue.templates()
    wide = max(len(template.path) for template in found)
    for template in found:
        print(f"{template.path:{wide}}  {template.kind or _part_of(template.users)}".rstrip())


def _part_of(users: tuple[str, ...]) -> str:
    if not users:
        return ""  # its kind, or who includes it, isn't written down before it is filled
    few = len(users) <= 2  # noqa: PLR2004 (more names would hide the others' kinds)
    return f"a part of {', '.join(users) if few else f'{len(users)} templates'}"


@app.command(context_settings=CONTEXT)
def eject(
    wanted: Annotated[
        str, typer.Argument(metavar="KIND|PATH", help="Such as InferenceService, or kserve/predictor.yaml.j2.")
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="DIR", help="Where your templates are.")
    ] = "templates",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that differs from ours.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a template into a folder of yours, to change it there; prints its path.

    Render with it: serinus render FILE --templates DIR, or [render] templates = "DIR" in serinus.toml.
    """
    template = catalogue.find(wanted)
    path, written = catalogue.eject(template, folder(output), force=force)
    tell = silent if quiet else say
    tell(f"{path}: {'written' if written else 'unchanged'}. Render with it: serinus render FILE --templates {output}")
    show(str(path))
