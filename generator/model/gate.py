"""The gate: the bars that a model's metrics must clear before it is published.

A condition names a metric by its path in the metrics (``accuracy``, ``macro.f1``, ``perClass.3.recall``) and sets a
bound (``">= 0.95"``), which may count from what the simplest answer reaches (``"> baseline + 0.1"``). What is measured
at all, and its names, stands in ``generator.model.measures``.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import AnswerIsNoError
from generator.model.measures import general

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_RELATIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}

OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}

BASELINE = "baseline"
"""Under this name the metrics hold those of the simplest answer there is; a bound may count from it."""

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_CONDITION = re.compile(
    rf"\s*(>=|<=|==|>|<)\s*(?:([-+]?{_NUMBER})|{BASELINE}(?:\s*([-+*])\s*({_NUMBER}))?)\s*", re.ASCII
)


@dataclass(frozen=True)
class Condition:
    """One bar.

    Attributes:
        metric: The path of the metric, its keys and positions joined by dots.
        operator: One of ``OPERATORS``.
        bound: A finite number.
        relation: How the bound counts from the baseline's value of the same metric: ``+``, ``-`` or ``*``; empty where
            it stands for itself.
    """

    metric: str
    operator: str
    bound: float
    relation: str = ""

    def holds(self, value: float, bound: float) -> bool:
        """Whether a value clears a bar; NaN never does."""
        return OPERATORS[self.operator](value, bound)

    def __str__(self) -> str:
        """As it is written, such as ``accuracy >= 0.95``."""
        start = f"{BASELINE} {self.relation} " if self.relation else ""
        return f"{self.metric} {self.operator} {start}{self.bound:.15g}"


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
        text: The value: an operator and a number, such as ``>= 0.95``, or a distance from the baseline, such as
            ``> baseline + 0.1``, ``< baseline * 0.8``.

    Raises:
        ValueError: It isn't such a condition; the message is fit for the user.
    """
    match = _CONDITION.fullmatch(text)
    if match is None or not math.isfinite(float(match[2] or match[4] or 0)):
        raise ValueError(
            f"'{text}' is no condition for {metric}: it takes one of {' '.join(OPERATORS)} and a number, "
            "such as '>= 0.95', or a distance from the baseline, such as '> baseline + 0.1'."
        )
    if match[2]:
        return Condition(metric, match[1], float(match[2]))
    if metric.startswith(f"{BASELINE}."):
        raise ValueError(f"'{text}' holds the baseline against itself: name the model's own metric.")
    return Condition(metric, match[1], float(match[4] or 0), match[3] or "+")


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
    bound = condition.bound
    if condition.relation:
        start = leaves.get(f"{BASELINE}.{name}")
        if start is None or not math.isfinite(start):
            return Verdict(condition, value, met=False, reason=f"there is no baseline of {name} to hold it against")
        bound = _RELATIONS[condition.relation](start, bound)
    if condition.holds(value, bound):
        return Verdict(condition, value, met=True)
    asked = f"{condition.operator} {bound:.15g}"
    if condition.relation:
        asked = f"{condition.operator} {bound:.6g} ({str(condition).removeprefix(f'{name} {condition.operator} ')})"
    reason = f"{name} is {_readable(value, bound, condition)}, asked is {asked}"
    return Verdict(condition, value, met=False, reason=reason)


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
    kinds = dict.fromkeys(general(path) for path in leaves)
    return f"there is no metric '{metric}'{meant} (known: {', '.join(kinds)})"


def _readable(value: float, bound: float, condition: Condition) -> str:
    """Few digits, but never so few that the number printed would clear the bar that the value misses."""
    short = f"{value:.4g}"
    return repr(value) if condition.holds(float(short), bound) else short
