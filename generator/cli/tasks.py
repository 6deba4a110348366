"""The list of ``serinus train --list``: what can be trained, and on what one may begin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.model.measures import MEASURES
from trainer.data import SOURCES
from trainer.tasks import tasks

if TYPE_CHECKING:
    from trainer.tasks.base import Task

FORMATS = ("text", "json")


def listed(output: str) -> str:
    """Every task with its data, metrics and gate, and every named data set.

    Args:
        output: One of ``FORMATS``.
    """
    if output == "json":
        known = {"tasks": [entry(task) for task in tasks().values()], "data": _data()}
        return json.dumps(known, indent=2) + "\n"
    lines = [line for task in tasks().values() for line in _lines(task)]
    wide = max(len(name) for name in SOURCES)
    sets = (f"  {source.name:{wide}}  {source.summary}" for source in SOURCES.values())
    return "\n".join([*lines, "Data by name:", *sets]) + "\n"


def entry(task: Task) -> dict[str, Any]:
    """What a program may want to know of a task."""
    return {
        "id": task.id,
        "summary": task.summary,
        "data": task.data,
        "epochs": task.epochs,
        "measure": task.measure.id,
        "metrics": list(MEASURES[task.measure.id]),
        "gate": dict(task.gate),
    }


def _lines(task: Task) -> list[str]:
    metrics = [name for name in MEASURES[task.measure.id] if not name.startswith("baseline.")]
    gate = (f"{metric} {condition}" for metric, condition in task.gate)
    return [
        f"{task.id}: {task.summary}",
        f"  data     {task.data}: {SOURCES[task.data].summary}",
        f"  metrics  {', '.join(metrics)}",
        f"  gate     {', '.join(gate)}",
        "",
    ]


def _data() -> list[dict[str, str]]:
    return [{"name": source.name, "summary": source.summary} for source in SOURCES.values()]
