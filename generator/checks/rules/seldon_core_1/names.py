"""Names of predictors, units and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import CUSTOM, GOOD, SERVICE_NAME, WEBHOOK, graph, predictors, source
from generator.checks.subject import text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

NAMED = GOOD.replace(
    "      traffic: 90", "      traffic: 90\n      annotations: {seldon.io/svc-name: digits-stable}"
).replace("      traffic: 10", "      traffic: 10\n      annotations: {seldon.io/svc-name: digits-canary}")

LONGEST = 63
"""Characters of a label, and so of a Service's name."""


@rule(
    id="SC1006",
    name="service-name-repeated",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({SERVICE_NAME}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="two predictors want the Service name '{name}'",
    fix="Give each predictor a seldon.io/svc-name of its own.",
    source=WEBHOOK,
    bad=NAMED.replace("digits-canary", "digits-stable"),
    good=NAMED,
)
def service_name_repeated(subject: Subject) -> Iterator[Hit]:
    """The annotation names the predictor's Service; two predictors behind one would be no split at all."""
    seen: set[str] = set()
    for predictor in predictors(subject):
        name = text(predictor.annotations, SERVICE_NAME)
        if name is None:
            continue
        if name in seen:
            yield Hit((*predictor.path, "annotations", SERVICE_NAME), {"name": name})
        seen.add(name)


@rule(
    id="SC1009",
    name="predictor-name-repeated",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"predictors"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="two predictors are named '{name}'",
    fix="Give each predictor a name of its own.",
    source=WEBHOOK,
    bad=GOOD.replace("name: canary", "name: stable"),
    good=GOOD,
)
def predictor_name_repeated(subject: Subject) -> Iterator[Hit]:
    """The name is part of the Deployment's and the Service's name, so two of one name would be one."""
    seen: set[str] = set()
    for predictor in predictors(subject):
        if predictor.name in seen:
            yield Hit((*predictor.path, "name"), {"name": predictor.name})
        seen.add(predictor.name)


TWO_UNITS = CUSTOM.replace("type: MODEL}", "type: MODEL, children: [{name: scorer, type: MODEL}]}") + (
    "              - {name: scorer, image: 'registry.example.com/scorer:1'}\n"
)


@rule(
    id="SC1103",
    name="unit-name-repeated",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"children"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="two units of this graph are named '{name}': the second one gets no endpoint",
    fix="Give each unit a name of its own, and a container of that name.",
    source=source("operator/apis/machinelearning.seldon.io/v1/defaults.go"),
    bad=TWO_UNITS.replace("name: scorer", "name: classifier", 1),
    good=TWO_UNITS,
)
def unit_name_repeated(subject: Subject) -> Iterator[Hit]:
    """The operator looks a container's unit up by name, takes the first one, and never finds the other."""
    for predictor in predictors(subject):
        seen: set[str] = set()
        for unit in graph(predictor):
            if unit.name and unit.name in seen:
                yield Hit((*unit.path, "name"), {"name": unit.name})
            seen.add(unit.name)


@rule(
    id="SC1104",
    name="long-predictor-name",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"predictors"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{service}' has {length} characters, {longest} are possible: the Service gets a hash for a name",
    fix="Shorten the name of the SeldonDeployment or of the predictor, or name the Service by {annotation}.",
    source=source("operator/apis/machinelearning.seldon.io/v1/seldondeployment_types.go"),
    bad=CUSTOM.replace("name: stable", "name: the-model-that-reads-handwritten-digits-from-scanned-letters"),
    good=CUSTOM,
)
def long_predictor_name(subject: Subject) -> Iterator[Hit]:
    """Dashboards, routes and people look for the name that they know; the operator made another one."""
    owner = subject.document.name
    for predictor in predictors(subject):
        service = f"{owner}-{predictor.name}"
        if owner and predictor.name and len(service) > LONGEST and SERVICE_NAME not in predictor.annotations:
            values = {"service": service, "length": len(service), "longest": LONGEST, "annotation": SERVICE_NAME}
            yield Hit((*predictor.path, "name"), values)
