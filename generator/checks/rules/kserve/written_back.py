"""Fields that the schema doesn't require, yet the webhook writes back empty, which the schema then refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.keda import GOOD
from generator.checks.rules.kserve.scaling import targets
from generator.checks.rules.kserve.spec import COMPONENT, judged
from generator.schemas.kinds import INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

SOURCES = ("resource", "external", "podmetric")


def _sources(subject: Subject) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """Place, name and content of what each metric of an autoscaler counts."""
    for path, metric in targets(judged(subject)):
        for name in SOURCES:
            found = metric.get(name)
            if isinstance(found, dict):
                yield (*path, name), name, found


@rule(
    id="KSV037",
    name="metric-target-without-type",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the target has no type; KServe's webhook writes an empty one, and the schema refuses that",
    fix="Add type: Utilization, AverageValue or Value.",
    source=COMPONENT,
    bad=GOOD.replace("target: {type: AverageValue, averageValue: 512Mi}", "target: {averageValue: 512Mi}"),
    good=GOOD,
)
def metric_target_without_type(subject: Subject) -> Iterator[Hit]:
    """The schema alone would take it. In Go the field has no `omitempty`, so it comes back from the webhook as ""."""
    for path, _, source in _sources(subject):
        target = source.get("target")
        if isinstance(target, dict) and target.get("type") is None:
            yield Hit((*path, "target"), on_key=True)


@rule(
    id="KSV038",
    name="metric-without-backend",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"autoScaling"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the metric has no backend; KServe's webhook writes an empty one, and the schema refuses that",
    fix="Add backend: {choices}.",
    source=COMPONENT,
    bad=GOOD.replace("backend: prometheus, ", ""),
    good=GOOD,
)
def metric_without_backend(subject: Subject) -> Iterator[Hit]:
    """The schema alone would take it. In Go the field has no `omitempty`, so it comes back from the webhook as ""."""
    for path, name, source in _sources(subject):
        metric = source.get("metric")
        if isinstance(metric, dict) and metric.get("backend") is None:
            choices = "opentelemetry" if name == "podmetric" else "prometheus or graphite"
            yield Hit((*path, "metric"), {"choices": choices}, on_key=True)
