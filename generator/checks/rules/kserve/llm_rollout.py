"""LLMInferenceServices: how their pods are replaced, since KServe 0.21."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.changed_in_0_21 import MASTER
from generator.checks.rules.kserve.llm import GOOD, LLM_SERVICE, there, workloads
from generator.checks.rules.kserve.spec import V0_21

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

FIELD = "rolloutStrategy"
VALIDATION = Source("kserve/kserve", MASTER, "pkg/apis/serving/v1alpha2/llm_inference_service_validation.go")
PERCENT = re.compile(r"[0-9]+%")
ALL = 100


def _strategies(subject: Subject) -> Iterator[tuple[Path, Mapping[str, object], bool]]:
    """Place and content of each workload's strategy, and whether the workload has workers."""
    for path, spec in workloads(subject):
        if there(spec, FIELD):
            yield (*path, FIELD), spec[FIELD], there(spec, "worker")


def _wrong(value: object) -> bool:
    """Whether KServe refuses a number of pods: below 0, no percentage, or more than all of them."""
    if isinstance(value, str):
        return not PERCENT.fullmatch(value) or len(value.lstrip("0")) > len(f"{ALL}%") or int(value[:-1]) > ALL
    return isinstance(value, int) and not isinstance(value, bool) and value < 0


def _nothing(value: object, least: int) -> bool:
    """Whether KServe counts a number as no pod: it takes percentages of one pod, so one below ``least`` is none."""
    return value == 0 or (isinstance(value, str) and int(value[:-1]) < least)


def _none_missing(value: object) -> bool:
    return _nothing(value, ALL)  # Rounded down.


def _none_added(value: object) -> bool:
    return _nothing(value, 1)  # Rounded up.


@rule(
    id="KSV490",
    name="llm-rollout-out-of-range",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({FIELD}),
    since=V0_21,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{field} {value} is neither a number of pods from 0 nor 0 % to 100 %",
    fix="Write a number such as 1, or a percentage such as 25%.",
    source=VALIDATION,
    bad=GOOD + "  rolloutStrategy: {maxSurge: 120%}\n",
    good=GOOD + "  rolloutStrategy: {maxSurge: 20%}\n",
)
def llm_rollout_out_of_range(subject: Subject) -> Iterator[Hit]:
    """Both are of all pods of the workload."""
    for path, strategy, _ in _strategies(subject):
        for field in ("maxUnavailable", "maxSurge"):
            if field in strategy and _wrong(strategy[field]):
                yield Hit((*path, field), {"field": field, "value": strategy[field]})


@rule(
    id="KSV491",
    name="llm-rollout-can-not-move",
    product="kserve",
    kinds=(LLM_SERVICE,),
    when=frozenset({FIELD}),
    since=V0_21,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="maxUnavailable {missing} counts as no pod, and {surge}, so that none could ever be replaced",
    fix="Set maxSurge to 1 or more, or maxUnavailable to 1 or more: each percentage of it below 100% counts as none.",
    source=VALIDATION,
    bad=GOOD + "  rolloutStrategy: {maxSurge: 0, maxUnavailable: 0}\n",
    good=GOOD + "  rolloutStrategy: {maxSurge: 1, maxUnavailable: 0}\n",
)
def llm_rollout_can_not_move(subject: Subject) -> Iterator[Hit]:
    """Over several nodes the surge has to be named where none may be missing: its default there is 0."""
    for path, strategy, workers in _strategies(subject):
        missing, surge = strategy.get("maxUnavailable"), strategy.get("maxSurge")
        if any(value is not None and _wrong(value) for value in (missing, surge)) or missing is None:
            continue
        if _none_missing(missing) and (_none_added(surge) if surge is not None else workers):
            more = f"maxSurge {surge} adds none" if surge is not None else "with workers none is added by default"
            yield Hit(path, {"missing": missing, "surge": more})
