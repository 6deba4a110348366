"""Annotations that count in one place only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_1.read_by import OF_ENVIRONMENT, OLD, PREFIX, READ
from generator.checks.rules.seldon_core_1.spec import (
    GOOD,
    NO_ENGINE,
    NO_STORAGE_INITIALIZER,
    SEPARATE_ENGINE,
    SERVICE_NAME,
    predictors,
    source,
)
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping
from generator.schemas.kinds import SELDON_DEPLOYMENT

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
    id="SC1147",
    name="seldon-annotation-unread",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"annotations"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="nothing in Seldon Core 1 reads {annotation}{since}",
    fix="{fix}",
    source=source("doc/source/graph/annotations.md"),
    bad=GOOD.replace("spec:\n", "spec:\n  annotations: {seldon.io/rest-read-timeout: '60000'}\n"),
    good=GOOD.replace("spec:\n", "spec:\n  annotations: {seldon.io/rest-timeout: '60000'}\n"),
)
def seldon_annotation_unread(subject: Subject) -> Iterator[Hit]:
    """Timeouts in particular have other names since the engine in Go took the place of the one in Java.

    An annotation of another name under the prefix may be the user's own; one that is nearly right isn't.
    """
    places: list[Path] = [("metadata", "annotations"), ("spec", "annotations")]
    places += [(*owner.path, "annotations") for owner in predictors(subject)]
    for path in places:
        for name in mapping(subject.data, *path):
            asked = name.startswith(PREFIX) and not name.startswith(OF_ENVIRONMENT)
            near = nearest(name.removeprefix(PREFIX), READ) if asked else None
            fix = OLD.get(name) or (f"Write {PREFIX}{near} instead of {name}." if near else None)
            if fix:
                since = " since its engine is a program in Go" if name in OLD else ""
                yield Hit((*path, name), {"annotation": name, "since": since, "fix": fix}, on_key=True)


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
