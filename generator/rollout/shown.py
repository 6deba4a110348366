"""Differences for people at a terminal, for a pull request, and for programs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from generator.text.printable import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.rollout.difference import Altered, Difference

SIGNS = {"new": "+", "gone": "-", "changed": "~"}
COLOURS = {"new": "\x1b[32m", "gone": "\x1b[31m", "changed": "\x1b[36m"}
LOUD, FAINT, PLAIN = "\x1b[1;33m", "\x1b[2m", "\x1b[0m"
MARKDOWN = re.compile(r"([\\`*_\[\]<>|#])")
"""What Markdown takes for its own; a value must neither link nor mention anybody."""


def as_text(told: Sequence[Difference], *, colour: bool) -> str:
    """A paragraph a service: what it means first, then the objects and their fields."""
    return "\n".join(_paragraph(one, colour=colour) for one in told)


def _paragraph(one: Difference, *, colour: bool) -> str:
    lines = [f"{one.service}: {summary(one)}", *(f"  {each}" for each in one.changes)]
    dangers = [f"  danger: {danger}" for danger in one.dangers]
    objects = [line for each in one.objects for line in _object(each)]
    reworded = [f"  {name}: comments alone" for name in one.reworded]
    painted = [
        *map(spoken, lines),
        *(_painted(spoken(line), LOUD, colour=colour) for line in dangers),
        *(_painted(spoken(line), colours, colour=colour) for line, colours in objects),
        *(_painted(spoken(line), FAINT, colour=colour) for line in reworded),
    ]
    return "".join(f"{line}\n" for line in painted)


def _object(one: Altered) -> Iterator[tuple[str, str]]:
    """The lines of an object, and their colours."""
    yield f"  {SIGNS[one.state]} {one.key}", COLOURS[one.state]
    for field in one.fields:
        yield f"      {field}", ""


def _painted(line: str, colours: str, *, colour: bool) -> str:
    return f"{colours}{line}{PLAIN}" if colour and colours else line


def summary(one: Difference) -> str:
    """How much changes, in words."""
    counts = {state: sum(each.state == state for each in one.objects) for state in ("changed", "new", "gone")}
    words = [f"{count} {state}" for state, count in counts.items() if count]
    if one.reworded:
        words.append(f"{len(one.reworded)} with other comments")
    return ", ".join(words) or "nothing changes"


def as_markdown(told: Sequence[Difference]) -> str:
    """The same for a comment on a pull request: the fields are folded away."""
    return "\n".join("".join(f"{line}\n" for line in _section(one)) for one in told)


def _section(one: Difference) -> Iterator[str]:
    yield f"### {_plain(one.service)}: {summary(one)}"
    if one.nothing:
        return
    yield ""
    yield from (f"- {_plain(each)}" for each in one.changes)
    yield from (f"- ⚠️ **{_plain(str(danger))}**" for danger in one.dangers)
    yield from (f"- {_plain(name)}: comments alone" for name in one.reworded)
    if one.objects:
        yield ""
        yield "<details><summary>Objects</summary>"
        yield ""
        for each in one.objects:
            yield f"- {each.state}: {_plain(str(each.key))}"
            yield from (f"  - {_plain(str(field))}" for field in each.fields)
        yield ""
        yield "</details>"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is; an @ that could call somebody is broken up."""
    return MARKDOWN.sub(r"\\\1", spoken(text)).replace("@", "@\u200b")


def as_json(told: Sequence[Difference], *, changed: bool) -> str:
    """The same for programs, and whether rendering would write anything."""
    services = [
        {
            "service": one.service,
            "changes": list(one.changes),
            "dangers": [str(each) for each in one.dangers],
            "objects": [
                {
                    "kind": each.key.kind.kind,
                    "group": each.key.kind.group,
                    "namespace": each.key.namespace,
                    "name": each.key.name,
                    "state": each.state,
                    "fields": [field._asdict() for field in each.fields],
                }
                for each in one.objects
            ],
            "reworded": list(one.reworded),
        }
        for one in told
    ]
    return f"{json.dumps({'changed': changed, 'services': services}, indent=2, ensure_ascii=False)}\n"
