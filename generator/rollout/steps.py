"""The states of a roll-out, rendered and expanded, with what changes from each to the next and what that risks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.platforms import chosen
from generator.reading.documents import Document, iterate
from generator.rendering.render import render
from generator.rollout.changes import changes, counted
from generator.rollout.dangers import dangers
from generator.rollout.story import states
from generator.rollout.world import WORKLOADS, world
from generator.text.printable import inert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from generator.plan.lock import Lock
    from generator.rollout.dangers import Danger
    from generator.rollout.story import State
    from generator.rollout.world import World
    from generator.schemas import Target
    from generator.service import Service


class Step(NamedTuple):
    """A state, and the way to it.

    Attributes:
        state: The state.
        there: What is on the cluster once it is reached.
        changes: What is otherwise than in the state before; nothing for the first.
        dangers: What the apply that leads here risks; nothing for the first.
        notes: What render says of it.
    """

    state: State
    there: World
    changes: tuple[str, ...] = ()
    dangers: tuple[Danger, ...] = ()
    notes: tuple[str, ...] = ()


def steps(service: Service, locked: Lock, templates: Path | None = None) -> Iterator[Step]:
    """Go through the states of a service's strategy.

    Args:
        service: The service, its environment applied.
        locked: The lock file's content.
        templates: As for ``generator.rendering.render``.

    Raises:
        InputError: A state can't be rendered; a variant isn't pinned.
    """
    passed: list[tuple[Sequence[Document], World]] = []
    for state in states(service, locked):
        rendering = render(state.service, state.locked, templates=templates)
        documents = [
            one
            for manifest in rendering.manifests
            for one in iterate(manifest.text.encode(), manifest.file)
            if isinstance(one, Document)
        ]
        targets = _targets(documents)
        there = world(documents, targets)
        if passed:
            applied, was = passed[-1 if state.after is None else state.after]
            risks = tuple(dangers(applied, documents, targets))
            yield Step(state, there, tuple(changes(was, there)), risks, rendering.notes)
        else:
            yield Step(state, there, notes=rendering.notes)
        passed.append((documents, there))


def _targets(documents: Sequence[Document]) -> tuple[Target, ...]:
    """The releases that the rendered files name in their first line, the same in all."""
    return chosen((), documents[0].header if documents else None)


def as_text(told: Sequence[Step]) -> str:
    """The story for people, a paragraph a state."""
    return "\n".join(_paragraph(number, step) for number, step in enumerate(told))


def _paragraph(number: int, step: Step) -> str:
    here = "  <- the service file as it stands" if step.state.there else ""
    lines = [f"{step.state.title}{here}"]
    running = [f"{key}, {counted(step.there, key)}" for key, _ in step.there.of(*WORKLOADS)]
    if not number:
        lines += [f"  runs: {line}" for line in running]
    lines += [f"  {line}" for line in step.changes] or (["  nothing changes"] if number else [])
    lines += [f"  danger: {danger}" for danger in step.dangers]
    return "".join(f"{inert(line)}\n" for line in lines)


def as_json(told: Sequence[Step]) -> str:
    """The same for programs, with all objects of each state."""
    shown: list[dict[str, Any]] = [
        {
            "state": step.state.title,
            "current": step.state.there,
            "changes": list(step.changes),
            "dangers": [str(one) for one in step.dangers],
            "notes": list(step.notes),
            "objects": [
                {"madeByController": key in step.there.made, "object": data} for key, data in step.there.objects.items()
            ],
        }
        for step in told
    ]
    return f"{json.dumps({'steps': shown}, indent=2, ensure_ascii=False)}\n"
