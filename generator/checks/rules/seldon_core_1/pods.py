"""What the containers of componentSpecs are for, and what they run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.images import moves
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.seldon_core_1.spec import (
    CONTROLLER,
    CUSTOM,
    GOOD,
    SERVICE_NAME,
    containers,
    graph,
    predictors,
    source,
)
from generator.checks.structure.suggest import nearest
from generator.checks.subject import text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

SERVED = GOOD.replace(
    "modelUri: s3://models/digits/1}",
    "modelUri: s3://models/digits/1}\n"
    "      componentSpecs: [{spec: {containers: [{name: classifier, resources: {requests: {cpu: 500m}}}]}}]",
)
NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
"""What Kubernetes takes as the name of a Service (apimachinery, IsDNS1035Label)."""


@rule(
    id="SC1145",
    name="container-of-no-unit",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"componentSpecs"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the container '{name}' has no image, and no unit of the graph has its name{hint}: no pod comes of it",
    fix="Give it the name of the unit that it belongs to ({units}), or an image.",
    source=source("operator/controllers/seldondeployment_prepackaged_servers.go"),
    bad=SERVED.replace("name: classifier, resources", "name: clasifier, resources"),
    good=SERVED,
)
def container_of_no_unit(subject: Subject) -> Iterator[Hit]:
    """The operator completes the container that has the name of a unit with a server; it adds another one beside this.

    The Deployment is refused for the missing image, and the old one goes on. Containers with an image are sidecars.
    """
    for predictor in predictors(subject):
        units = [unit.name for unit in graph(predictor) if unit.name]
        for container in containers(predictor):
            name = text(container.spec, "name") or ""
            if name and name not in units and not text(container.spec, "image"):
                near = nearest(name, units)
                hint = f"; did you mean '{near}'?" if near else ""
                yield Hit((*container.path, "name"), {"name": name, "hint": hint, "units": ", ".join(units) or "none"})


@rule(
    id="SC1146",
    name="name-that-no-service-can-have",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"predictors"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no Service can be named '{service}', as the operator wants it: {why}",
    fix="Rename {what}, or name the Service by {annotation}.",
    source=CONTROLLER,
    bad=CUSTOM.replace("name: digits", "name: digits.v1"),
    good=CUSTOM,
)
def name_that_no_service_can_have(subject: Subject) -> Iterator[Hit]:
    """Names of objects may have dots and begin with a digit; those of Services may not, nor may parts of hosts."""
    owner = subject.document.name
    for predictor in predictors(subject):
        named = text(predictor.annotations, SERVICE_NAME)
        service = named or f"{owner}-{predictor.name}"
        if not owner or not predictor.name or NAME.fullmatch(service):
            continue
        why = "it has a dot" if "." in service else "it has to be of a-z, 0-9 and hyphens, a letter first"
        values = {"service": service, "why": why, "annotation": SERVICE_NAME}
        if named:
            yield Hit((*predictor.path, "annotations", SERVICE_NAME), values | {"what": "it"})
        elif not NAME.fullmatch(owner):
            yield Hit(("metadata", "name"), values | {"what": "the SeldonDeployment"})
            return
        else:
            yield Hit((*predictor.path, "name"), values | {"what": "the predictor"})


@rule(
    id="SC1216",
    name="seldon-image-without-a-fixed-tag",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the image {image} is whatever the registry calls latest when a pod starts",
    fix="Write a tag that stays, or a digest.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "pkg/apis/core/v1/defaults.go"),
    bad=CUSTOM.replace("digits:1'", "digits:latest'"),
    good=CUSTOM,
)
def seldon_image_without_a_fixed_tag(subject: Subject) -> Iterator[Hit]:
    """Pods of one Deployment may then serve different models, and a rollback brings nothing back."""
    for predictor in predictors(subject):
        for container in containers(predictor):
            image = text(container.spec, "image") or ""
            if moves(image):
                yield Hit((*container.path, "image"), {"image": image})
