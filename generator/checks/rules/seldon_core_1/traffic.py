"""Who gets which share of the traffic: predictors and shadows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import CONTROLLER, GOOD, WEBHOOK, predictors, source
from generator.checks.subject import integer
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

WHOLE = range(101)
"""Percent."""

ONE = GOOD[: GOOD.index("    - name: canary")].replace("      traffic: 90\n", "")
SHADOW = GOOD.replace("      traffic: 90\n", "").replace("traffic: 10", "traffic: 10\n      shadow: true")


@rule(
    id="SC1005",
    name="lone-shadow",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"shadow"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the only predictor is a shadow: nothing would answer",
    fix="Remove shadow: true, or add the predictor whose traffic it should get a copy of.",
    source=WEBHOOK,
    bad=ONE.replace("    - name: stable", "    - name: stable\n      shadow: true"),
    good=SHADOW,
)
def lone_shadow(subject: Subject) -> Iterator[Hit]:
    """A shadow gets a copy of another predictor's requests, and its answers are dropped."""
    found = list(predictors(subject))
    if len(found) == 1 and found[0].shadow:
        yield Hit((*found[0].path, "shadow"))


@rule(
    id="SC1017",
    name="second-shadow",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"shadow"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="predictor '{name}' is one shadow too many: Seldon Core takes one",
    fix="Keep one shadow; put the other in a SeldonDeployment of its own.",
    source=WEBHOOK,
    bad=SHADOW
    + "    - name: second\n      shadow: true\n"
    + "      graph: {name: classifier, implementation: SKLEARN_SERVER, modelUri: s3://models/digits/3}\n",
    good=SHADOW,
)
def second_shadow(subject: Subject) -> Iterator[Hit]:
    """A route can mirror its requests to one place only."""
    for predictor in [found for found in predictors(subject) if found.shadow][1:]:
        yield Hit((*predictor.path, "shadow"), {"name": predictor.name})


@rule(
    id="SC1018",
    name="shadow-traffic-out-of-range",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"shadow"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="a shadow can't get {traffic} % of the traffic",
    fix="Write a number from 1 to 100; 0 or none mirrors all of it.",
    source=WEBHOOK,
    bad=SHADOW.replace("traffic: 10", "traffic: 110"),
    good=SHADOW,
)
def shadow_traffic_out_of_range(subject: Subject) -> Iterator[Hit]:
    """The share of a shadow says how many requests are copied; it doesn't count in the sum of the others."""
    for predictor in predictors(subject):
        traffic = integer(predictor.spec, "traffic") or 0
        if predictor.shadow and traffic not in WHOLE:
            yield Hit((*predictor.path, "traffic"), {"traffic": traffic})


@rule(
    id="SC1019",
    name="traffic-not-100",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"predictors"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the traffic of the {count} predictors sums to {total}, not to 100",
    fix="Set traffic on each predictor so that all but a shadow sum to exactly 100; leave out who gets nothing.",
    source=WEBHOOK,
    bad=GOOD.replace("traffic: 10", "traffic: 5"),
    good=GOOD,
)
def traffic_not_100(subject: Subject) -> Iterator[Hit]:
    """A predictor without traffic counts as 0, and two of them are no even split: the webhook refuses the sum of 0."""
    main = [found for found in predictors(subject) if not found.shadow]
    total = sum(integer(found.spec, "traffic") or 0 for found in main)
    if len(main) > 1 and total != WHOLE[-1]:
        last = next((found for found in reversed(main) if "traffic" in found.spec), None)
        path = (*last.path, "traffic") if last else ("spec", "predictors")
        yield Hit(path, {"count": len(main), "total": total}, on_key=last is None)


@rule(
    id="SC1020",
    name="lone-traffic",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"traffic"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the only predictor gets {traffic} % of the traffic, and nobody the rest",
    fix="Remove traffic, or write 100.",
    source=WEBHOOK,
    bad=ONE.replace("    - name: stable", "    - name: stable\n      traffic: 90"),
    good=ONE.replace("    - name: stable", "    - name: stable\n      traffic: 100"),
)
def lone_traffic(subject: Subject) -> Iterator[Hit]:
    """It happens at the end of a canary: its predictor is removed, and the other one's share stays behind."""
    found = list(predictors(subject))
    if len(found) == 1 and not found[0].shadow:
        traffic = integer(found[0].spec, "traffic") or 0
        if 0 < traffic < WHOLE[-1]:
            yield Hit((*found[0].path, "traffic"), {"traffic": traffic})


@rule(
    id="SC1102",
    name="traffic-out-of-range",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"traffic"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{traffic} is no share of the traffic: the webhook looks at the sum only, the mesh refuses the route",
    fix="Write a number from 0 to 100; all but the shadows make 100.",
    source=CONTROLLER,
    bad=GOOD.replace("traffic: 90", "traffic: 150").replace("traffic: 10", "traffic: -50"),
    good=GOOD,
)
def traffic_out_of_range(subject: Subject) -> Iterator[Hit]:
    """150 and -50 sum to 100, so they are accepted; the operator copies them into the route, which is then refused."""
    main = [found for found in predictors(subject) if not found.shadow]
    for predictor in main:
        traffic = integer(predictor.spec, "traffic") or 0
        if traffic < 0 or (traffic > WHOLE[-1] and len(main) > 1):
            yield Hit((*predictor.path, "traffic"), {"traffic": traffic})


@rule(
    id="SC1201",
    name="predictor-without-traffic",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"traffic"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="predictor '{name}' gets no traffic; behind Ambassador v1 a share of 0 becomes an even split",
    fix="Leave the predictor out while it should get nothing.",
    source=source("operator/controllers/ambassador/v1.go"),
    bad=GOOD.replace("traffic: 90", "traffic: 100").replace("traffic: 10\n", "traffic: 0\n"),
    good=GOOD,
)
def predictor_without_traffic(subject: Subject) -> Iterator[Hit]:
    """Istio honours a weight of 0, the old Ambassador mapping loses it: 100 to 0 became 50 to 50 for real users."""
    main = [found for found in predictors(subject) if not found.shadow]
    for predictor in main if len(main) > 1 else ():
        if not integer(predictor.spec, "traffic"):
            on_key = "traffic" in predictor.spec
            yield Hit((*predictor.path, "traffic") if on_key else predictor.path, {"name": predictor.name})


@rule(
    id="SC1202",
    name="shadow-without-traffic",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"shadow"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the shadow '{name}' has no share, so it gets a copy of every request",
    fix="Set traffic to the percentage to mirror, or to 100 to say that all of it is meant.",
    source=CONTROLLER,
    bad=SHADOW.replace("      traffic: 10\n", ""),
    good=SHADOW,
)
def shadow_without_traffic(subject: Subject) -> Iterator[Hit]:
    """Istio's mirror takes all requests where no percentage is given; the shadow needs the stable predictor's size."""
    found = list(predictors(subject))
    for predictor in found if len(found) > 1 else ():
        if predictor.shadow and not integer(predictor.spec, "traffic"):
            yield Hit((*predictor.path, "shadow"), {"name": predictor.name}, on_key=True)
