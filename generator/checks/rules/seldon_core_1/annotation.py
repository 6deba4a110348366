"""Annotations that count in one place only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_1.spec import (
    GOOD,
    NO_ENGINE,
    NO_STORAGE_INITIALIZER,
    SELDON_DEPLOYMENT,
    SEPARATE_ENGINE,
    SERVICE_NAME,
    predictors,
    source,
)
from generator.checks.subject import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

OF_PREDICTORS = (NO_ENGINE, SERVICE_NAME, "seldon.io/headless-svc")
OF_SPEC = (SEPARATE_ENGINE, NO_STORAGE_INITIALIZER)
CONTROLLER_ID = "seldon.io/controller-id"


@rule(
    id="SC1150",
    name="annotation-in-the-wrong-place",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({*OF_PREDICTORS, *OF_SPEC}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{annotation} is read from {right} only, so here it does nothing",
    fix="Move it to {right}.",
    source=source("operator/apis/machinelearning.seldon.io/v1/seldondeployment_types.go"),
    bad=GOOD.replace("{name: digits}", "{name: digits, annotations: {seldon.io/no-engine: 'true'}}"),
    good=GOOD.replace("      traffic: 90\n", "      traffic: 90\n      annotations: {seldon.io/no-engine: 'true'}\n"),
)
def annotation_in_the_wrong_place(subject: Subject) -> Iterator[Hit]:
    """A SeldonDeployment has annotations in three places, and most are looked up in the first two of them.

    These five aren't: the operator asks the predictor, or spec.annotations, and nothing else.
    """
    owners = list(predictors(subject))
    own: list[Path] = [(*owner.path, "annotations") for owner in owners]
    for name in OF_PREDICTORS:
        there = any(name in predictor.annotations for predictor in owners)
        for path in (("metadata", "annotations"), ("spec", "annotations")):
            if not there and name in mapping(subject.data, *path):
                yield Hit((*path, name), {"annotation": name, "right": "spec.predictors[].annotations"}, on_key=True)
    for name in OF_SPEC:
        there = name in mapping(subject.data, "spec", "annotations")
        for place in [("metadata", "annotations"), *own]:
            if not there and name in mapping(subject.data, *place):
                yield Hit((*place, name), {"annotation": name, "right": "spec.annotations"}, on_key=True)


@rule(
    id="SC1204",
    name="controller-id",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({CONTROLLER_ID}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="an operator without the id '{value}' neither checks nor runs this object",
    fix="Remove the label {label}, unless the cluster's operator was installed with that id.",
    source=source("helm-charts/seldon-core-operator/templates/webhook.yaml"),
    bad=GOOD.replace("{name: digits}", "{name: digits, labels: {seldon.io/controller-id: seldon-id1}}"),
    good=GOOD,
)
def controller_id(subject: Subject) -> Iterator[Hit]:
    """The label picks one of several operators in a cluster; where none has the id, nothing happens at all."""
    value = mapping(subject.data, "metadata", "labels").get(CONTROLLER_ID)
    if value is not None:
        yield hit("metadata", "labels", CONTROLLER_ID, value=value, label=CONTROLLER_ID)
