"""What is measured for each task: the names that a gate may use. ``trainer.measures`` measures them."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCORES = ("precision", "recall", "f1")
_CLASSIFICATION = (
    *("accuracy", "loss", "examples"),
    *(f"macro.{score}" for score in _SCORES),
    *(f"perClass.N.{score}" for score in (*_SCORES, "support")),
    "confusionMatrix.N.N",
    *("baseline.accuracy", *(f"baseline.macro.{score}" for score in _SCORES)),
)
_REGRESSION = (
    *("mse", "rmse", "mae", "r2", "examples"),
    *("baseline.mse", "baseline.rmse", "baseline.mae", "baseline.r2"),
)
_RANKING = (
    *("hitRate", "ndcg", "k", "items", "examples"),
    *("baseline.hitRate", "baseline.ndcg"),
)

MEASURES: Mapping[str, tuple[str, ...]] = {
    "classification": _CLASSIFICATION,
    "regression": _REGRESSION,
    "ranking": _RANKING,
}
"""Kind of metrics to the paths of all that is measured; N stands for a number, or for a class' name."""

TASKS: Mapping[str, str] = {
    "image-classification": "classification",
    "text-classification": "classification",
    "speech-commands": "classification",
    "tabular-classification": "classification",
    "tabular-regression": "regression",
    "recommendation": "ranking",
}
"""Task to its kind of metrics."""

_NUMBER = re.compile(r"(?<=\.)[0-9]+(?=\.|\Z)")
_CLASS = re.compile(r"perClass\.([^\n]+)\.([a-z0-9]+)")


def general(path: str) -> str:
    """A metric's path with N for each number and each class' name in it."""
    by_class = _CLASS.fullmatch(path)
    return f"perClass.N.{by_class[2]}" if by_class else _NUMBER.sub("N", path)


def check(task: str, metric: str) -> None:
    """Hold a metric against those that are measured for a task; of a task that isn't known here nothing is.

    Raises:
        ValueError: There is no such metric; the message is fit for the user, what to do about it after ``|``.
    """
    known = MEASURES.get(TASKS.get(task, ""), ())
    if not known or (general(metric) in known and "N" not in metric.split(".")):
        return
    last = metric.rpartition(".")[2]
    near = next((each for each in known if each.endswith(f".{last}")), None)
    near = near or next(iter(difflib.get_close_matches(metric, known, n=1)), None)
    meant = f"Did you mean '{near}'? " if near else ""
    raise ValueError(f"nothing measures '{metric}' for {task}.|{meant}Known: {', '.join(known)}.")
