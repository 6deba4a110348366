"""The gate: the bars that a model's metrics must clear before it is published.

A condition names a metric by its path in the metrics (``accuracy``, ``macro.f1``, ``perClass.3.recall``) and sets a
bound (``">= 0.95"``). What is measured at all, and its names, stands in ``trainer.evaluate``.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}

_SCORES = ("precision", "recall", "f1")
METRICS: Mapping[str, tuple[str, ...]] = {
    "image-classification": (
        *("accuracy", "loss", "examples"),
        *(f"macro.{score}" for score in _SCORES),
        *(f"perClass.N.{score}" for score in (*_SCORES, "support")),
        "confusionMatrix.N.N",
    )
}
"""Task to the paths of all that is measured for it (``trainer.evaluate``); N stands for a number."""

_KIND = re.compile(r"(?<=\.)[0-9]+(?=\.|\Z)")
_CONDITION = re.compile(r"\s*(>=|<=|==|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*", re.ASCII)


@dataclass(frozen=True)
class Condition:
    """One bar.

    Attributes:
        metric: The path of the metric, its keys and positions joined by dots.
        operator: One of ``OPERATORS``.
        bound: A finite number.
    """

    metric: str
    operator: str
    bound: float

    def holds(self, value: float) -> bool:
        """Whether a value clears the bar; NaN never does."""
        return OPERATORS[self.operator](value, self.bound)

    def __str__(self) -> str:
        """As it is written, such as ``accuracy >= 0.95``."""
        return f"{self.metric} {self.operator} {self.bound:.15g}"


@dataclass(frozen=True)
class Verdict:
    """What became of one condition.

    Attributes:
        condition: The condition.
        value: The metric's value; None where there is no such metric or it isn't a finite number.
        met: Whether the condition holds; never for a value of None.
        reason: Why it isn't met, as a part of a sentence; empty where it is met.
    """

    condition: Condition
    value: float | None
    met: bool
    reason: str = ""


def parse(metric: str, text: str) -> Condition:
    """Read one entry of the service file's ``model.gate``.

    Args:
        metric: The key, the path of a metric.
        text: The value, an operator and a number, such as ``>= 0.95``.

    Raises:
        ValueError: It isn't such a condition; the message is fit for the user.
    """
    match = _CONDITION.fullmatch(text)
    if match is None or not math.isfinite(float(match[2])):
        raise ValueError(
            f"'{text}' is no condition for {metric}: "
            f"it takes one of {' '.join(OPERATORS)} and a number, such as '>= 0.95'."
        )
    return Condition(metric, match[1], float(match[2]))


def check_metric(task: str, metric: str) -> None:
    """Hold a metric against those that are measured for a task; of a task that isn't known here nothing is.

    Raises:
        ValueError: There is no such metric; the message is fit for the user, what to do about it after ``|``.
    """
    known = METRICS.get(task, ())
    if not known or (_KIND.sub("N", metric) in known and "N" not in metric.split(".")):
        return
    last = metric.rpartition(".")[2]
    near = next((each for each in known if each.endswith(f".{last}")), None)
    near = near or next(iter(difflib.get_close_matches(metric, known, n=1)), None)
    meant = f"Did you mean '{near}'? " if near else ""
    raise ValueError(f"nothing measures '{metric}' for {task}.|{meant}Known: {', '.join(known)}.")


def judge(conditions: Sequence[Condition], metrics: Mapping[str, Any]) -> tuple[Verdict, ...]:
    """Hold each condition against the metrics.

    Args:
        conditions: The gate.
        metrics: Nested mappings and lists with numbers as leaves, as evaluation gave them; None where a measurement
            has no finite value.
    """
    return tuple(_judge_one(condition, metrics) for condition in conditions)


def demand(conditions: Sequence[Condition], metrics: Mapping[str, Any]) -> None:
    """Do nothing where the gate is met.

    Raises:
        AnswerIsNoError: It isn't; the message gives the reason for each condition that fails.
    """
    failed = [verdict.reason for verdict in judge(conditions, metrics) if not verdict.met]
    if failed:
        raise AnswerIsNoError(
            f"the gate isn't met, so nothing is published: {'; '.join(failed)}.",
            fix="Train better (more epochs, more data), or change the bar in model.gate.",
        )


def _judge_one(condition: Condition, metrics: Mapping[str, Any]) -> Verdict:
    leaves = dict(_leaves(metrics))
    name = condition.metric
    if name not in leaves:
        return Verdict(condition, None, met=False, reason=_unknown(name, leaves))
    value = leaves[name]
    if value is None or not math.isfinite(value):
        return Verdict(condition, None, met=False, reason=f"{name} is not a finite number (asked: {condition})")
    if condition.holds(value):
        return Verdict(condition, value, met=True)
    asked = f"{condition.operator} {condition.bound:.15g}"
    return Verdict(condition, value, met=False, reason=f"{name} is {_readable(value, condition)}, asked is {asked}")


def _leaves(tree: object, path: str = "") -> Iterator[tuple[str, float | None]]:
    """Each number (or missing number) in the metrics with its dotted path, in the metrics' order."""
    if isinstance(tree, dict):
        items: Iterator[tuple[Any, Any]] = iter(tree.items())
    elif isinstance(tree, list | tuple):
        items = iter(enumerate(tree))
    else:
        if tree is None or (isinstance(tree, int | float) and not isinstance(tree, bool)):
            yield path, tree
        return
    for key, child in items:
        yield from _leaves(child, f"{path}.{key}" if path else str(key))


def _unknown(metric: str, leaves: Mapping[str, Any]) -> str:
    """Why a path leads nowhere: the nearest right one and all there are, those that differ in a number as one."""
    if not leaves:
        return f"there is no metric '{metric}': the model has no metrics"
    near = difflib.get_close_matches(metric, leaves, n=1)
    meant = f", did you mean '{near[0]}'?" if near else ""
    kinds = dict.fromkeys(_KIND.sub("N", path) for path in leaves)
    return f"there is no metric '{metric}'{meant} (known: {', '.join(kinds)})"


def _readable(value: float, condition: Condition) -> str:
    """Few digits, but never so few that the number printed would clear the bar that the value misses."""
    short = f"{value:.4g}"
    return repr(value) if condition.holds(float(short)) else short
