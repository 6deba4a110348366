"""How a step waits for several inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_2.pipeline import GOOD, steps
from generator.checks.rules.seldon_core_2.spec import PIPELINE, V2_7, source
from generator.checks.subject import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

JOINS = ("inner", "outer", "any")


@rule(
    id="SC2159",
    name="unknown-join",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    until=V2_7,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the join '{value}' is silently taken for inner",
    fix="Write inner, outer or any.",
    source=source("operator/apis/mlops/v1alpha1/pipeline_types.go"),
    bad=GOOD.replace("steps: [digits]}", "steps: [digits], stepsJoin: all}"),
    good=GOOD.replace("steps: [digits]}", "steps: [digits], stepsJoin: any}"),
)
def unknown_join(subject: Subject) -> Iterator[Hit]:
    """From 2.7 the schema refuses it; before, steps that should go on with any input wait for all."""
    spec = mapping(subject.data, "spec")
    places: list[Path] = [("input", "joinType"), ("input", "triggersJoinType"), ("output", "stepsJoin")]
    for step in steps(subject):
        places += [(*step.path[1:], name) for name in ("inputsJoinType", "triggersJoinType")]
    for path in places:
        value = text(spec, *path)
        if value and value not in JOINS:
            yield Hit(("spec", *path), {"value": value})
