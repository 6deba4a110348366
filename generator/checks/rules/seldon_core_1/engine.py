"""Predictors as such, and their engine, which calls the units of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_1.names import TWO_UNITS
from generator.checks.rules.seldon_core_1.spec import (
    CONTROLLER,
    CUSTOM,
    NO_ENGINE,
    SEPARATE_ENGINE,
    WEBHOOK,
    graph,
    predictors,
)
from generator.checks.subject import reach, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

BARE = CUSTOM.replace("      graph:", "      annotations: {seldon.io/no-engine: 'true'}\n      graph:")


@rule(
    id="SC1007",
    name="no-predictor",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="there is no predictor",
    fix="Add a predictor with a name and a graph.",
    source=WEBHOOK,
    bad=CUSTOM[: CUSTOM.index("  predictors:")] + "  predictors: []\n",
    good=CUSTOM,
)
def no_predictor(subject: Subject) -> Iterator[Hit]:
    """The schema asks for the list where there is a spec, and for neither spec nor anything in the list.

    The webhook refuses a deployment without a predictor, so also one without a spec.
    """
    spec = subject.data.get("spec")
    if spec is None:
        yield hit("spec", on_key="spec" in subject.data)
    elif reach(spec, "predictors") == []:
        yield hit("spec", "predictors", on_key=True)


@rule(
    id="SC1008",
    name="graph-without-engine",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({NO_ENGINE}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{annotation} allows one unit only, and the graph of predictor '{name}' has {count}",
    fix="Remove the annotation (any value counts, also false), or leave one unit in the graph.",
    source=WEBHOOK,
    bad=TWO_UNITS.replace("      graph:", "      annotations: {seldon.io/no-engine: 'false'}\n      graph:"),
    good=BARE,
)
def graph_without_engine(subject: Subject) -> Iterator[Hit]:
    """Without the engine nobody passes a request from unit to unit.

    The webhook asks whether the annotation is there, the controller whether it is true.
    """
    for predictor in predictors(subject):
        count = sum(1 for _ in graph(predictor))
        if NO_ENGINE in predictor.annotations and count > 1:
            values = {"annotation": NO_ENGINE, "name": predictor.name, "count": count}
            yield Hit((*predictor.path, "annotations", NO_ENGINE), values)


@rule(
    id="SC1105",
    name="no-engine-not-true",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({NO_ENGINE}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{annotation} is '{value}', so the engine is there: only true takes it away",
    fix="Write 'true', or remove the annotation.",
    source=CONTROLLER,
    bad=BARE.replace("'true'", "'yes'"),
    good=BARE,
)
def no_engine_not_true(subject: Subject) -> Iterator[Hit]:
    """The controller compares with true, without regard to case; every other value is as good as none."""
    for predictor in predictors(subject):
        value = text(predictor.annotations, NO_ENGINE)
        if value is not None and value.lower() not in ("true", "false") and sum(1 for _ in graph(predictor)) == 1:
            path = (*predictor.path, "annotations", NO_ENGINE)
            yield Hit(path, {"annotation": NO_ENGINE, "value": value})


@rule(
    id="SC1106",
    name="no-unit-in-first-pod",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"componentSpecs"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no unit of predictor '{name}' has its container in the first componentSpec: the engine has no pod",
    fix="Put a componentSpec with a unit's container first, or set the annotation {annotation}: 'true' under spec.",
    source=CONTROLLER,
    bad=CUSTOM.replace(
        "        - spec:",
        "        - spec: {containers: [{name: proxy, image: 'registry.example.com/proxy:1'}]}\n        - spec:",
    ),
    good=CUSTOM,
)
def no_unit_in_first_pod(subject: Subject) -> Iterator[Hit]:
    """The engine runs beside a unit of the first pod; without one every reconciliation ends in an error."""
    if (text(subject.data, "spec", "annotations", SEPARATE_ENGINE) or "").lower() == "true":
        return
    for predictor in predictors(subject):
        bare = (text(predictor.annotations, NO_ENGINE) or "").lower() == "true"
        found = [(unit, unit.container) for unit in graph(predictor)]
        first = [unit for unit, container in found if (container.pod == 0 if container else unit.server)]
        if not bare and not first and any(container for _, container in found):
            yield Hit((*predictor.path, "componentSpecs"), {"name": predictor.name, "annotation": SEPARATE_ENGINE})
