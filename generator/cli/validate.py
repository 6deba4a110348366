"""``serinus validate``."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from generator.checks.engine import Options, check
from generator.checks.finding import Severity
from generator.checks.outputs import outputs
from generator.checks.platforms import asked
from generator.checks.sources import gather
from generator.cli.options import CONTEXT
from generator.cli.talk import say
from generator.errors import InputError, OutsideError

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

FAIL_ON = {"error": Severity.ERROR, "warning": Severity.WARNING}


@app.command()
def validate(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH… | -", help="Files, folders, globs; - is standard input.")
    ],
    platform: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME@RELEASE", help="Judge by this release, such as kserve@0.20; may be given often."),
    ] = None,
    output: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="text, json, or another of the known formats.")
    ] = "text",
    fail_on: Annotated[
        str, typer.Option(metavar="error|warning", help="Exit with 1 where a finding is this bad or worse.")
    ] = "error",
    *,
    strict: Annotated[bool, typer.Option("--strict", help="A kind that no schema pack knows is an error.")] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="The files are all there is: a reference into nothing is a warning.")
    ] = False,
    no_webhooks: Annotated[
        bool, typer.Option("--no-webhooks", help="Judge as a cluster that has the CRDs but not the platforms.")
    ] = False,
) -> None:
    """Check manifests, ours or anyone's.

    Exits with 0 where nothing is wrong, 1 where something is, 2 where there is nothing to check, 3 where a file can't
    be read.
    """
    form = outputs().get(output)
    if form is None:
        raise InputError(f"--format {output} isn't known.", fix=f"Known: {', '.join(outputs())}.")
    if fail_on not in FAIL_ON:
        raise InputError(f"--fail-on {fail_on} isn't known.", fix=f"Known: {', '.join(FAIL_ON)}.")
    releases = asked(platform or ())
    sources = gather(paths, sys.stdin.buffer)
    report = check(sources.entries, releases, Options(webhooks=not no_webhooks, strict=strict, complete=complete))
    for remark in report.remarks:
        say(f"note: {remark}")
    if not report.summary.documents and not sources.unread:
        raise InputError(
            f"there is nothing to check in {', '.join(paths)}.",
            fix="Name files with Kubernetes objects; kustomizations and service files are none.",
        )
    sys.stdout.write(form.render(report, colour=_colour()))
    if sources.unread:
        raise OutsideError(" ".join(sources.unread), fix="The other files were checked.")
    if report.failed(FAIL_ON[fail_on]):
        raise typer.Exit(1)


def _colour() -> bool:
    """Whether standard output is a terminal of someone who doesn't mind colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
