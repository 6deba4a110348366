"""``serinus explain``."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from generator.checks.example import shown
from generator.checks.registry import registry
from generator.cli.options import CONTEXT
from generator.cli.rules import bounds
from generator.errors import InputError

if TYPE_CHECKING:
    from generator.checks.rule import Rule

app = typer.Typer(add_completion=False, context_settings=CONTEXT)

WIDTH = 100


@app.command()
def explain(rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule's id or name, such as KSV050.")]) -> None:
    """Show one rule with a bad and a good example."""
    print(page(_named(rule)), end="")


def _named(text: str) -> Rule:
    """The rule of that id, in any case, or of that name.

    Raises:
        InputError: There is none.
    """
    known = registry()
    names = {rule.name: rule for rule in known.rules}
    found = known.by_id.get(text.upper()) or names.get(text.lower())
    if found is None:
        near = get_close_matches(text.upper(), known.by_id, 1) or get_close_matches(text.lower(), names, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise InputError(f"there is no rule {text}.", fix=f"{hint}serinus rules lists them.")
    return found


def page(rule: Rule) -> str:
    """All that is known of a rule, for a terminal."""
    facts = (
        ("severity", str(rule.severity)),
        ("holds for", bounds(rule)),
        ("kinds", _wrapped(", ".join(kind.kind for kind in rule.kinds) or "all")),
        ("decided by", rule.stage.value),
        ("says", rule.message),
        *((("before", rule.meaning.before), ("after", rule.meaning.after)) if rule.meaning else ()),
        ("fix", rule.fix),
        ("source", rule.source.url),
        ("silence it", f'metadata.annotations: {{serinus.dev/ignore: "{rule.id}"}}'),
    )
    lines = [f"{rule.id} {rule.name}", "", textwrap.fill(rule.why, WIDTH), ""]
    lines += [f"{name:>10}: {text}" for name, text in facts]
    for title, example in (("As it was", rule.before), ("Bad", rule.bad), ("Good", rule.good)):
        if not example:
            continue
        lines += ["", f"{title}:", "", *(f"  {line}".rstrip() for line in shown(example).split("\n"))]
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> str:
    """Text in lines below one another, beside the names of the facts."""
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * 12)
