"""``serinus rules``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.checks.registry import registry
from generator.cli.options import CONTEXT
from generator.cli.talk import put_data
from generator.errors import InputError

if TYPE_CHECKING:
    from generator.checks.rule import Rule

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

FORMATS = ("text", "json")


@app.command()
def rules(
    output: Annotated[str, typer.Option("--format", metavar="text|json", help="For people or for programs.")] = "text",
) -> None:
    """List what is checked."""
    if output not in FORMATS:
        raise InputError(f"--format {output} isn't known.", fix=f"Known: {', '.join(FORMATS)}.")
    found = registry().rules
    if output == "json":
        put_data(json.dumps([entry(rule) for rule in found], indent=2) + "\n")
        return
    wide = max(len(rule.name) for rule in found)
    for rule in found:
        print(f"{rule.id}  {rule.severity!s:7}  {rule.name:{wide}}  {bounds(rule)}")


def bounds(rule: Rule) -> str:
    """The releases that a rule holds for: ``kserve >= 0.20.0``."""
    if rule.product is None:
        return "Kubernetes"
    if rule.meaning is not None:
        return f"{rule.product} < {rule.since} to >= {rule.since}"
    since = f" >= {rule.since}" if rule.since else ""
    until = f" < {rule.until}" if rule.until else ""
    return f"{rule.product}{since}{until}"


def entry(rule: Rule) -> dict[str, Any]:
    """What a program may want to know of a rule."""
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": str(rule.severity),
        "product": rule.product,
        "since": str(rule.since) if rule.since else None,
        "until": str(rule.until) if rule.until else None,
        "kinds": [kind.kind for kind in rule.kinds],
        "decided_by": rule.stage.value,
        "message": rule.message,
        "fix": rule.fix,
        "meaning": asdict(rule.meaning) if rule.meaning else None,
        "why": rule.why,
        "source": rule.source.url,
    }
