"""Settings of a graph's steps that the router doesn't read, or trips over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.graph import (
    ENSEMBLE,
    GOOD,
    INFERENCE_GRAPH,
    ROUTER,
    SEQUENCE,
    SPLITTER,
    SWITCH,
    nodes,
)
from generator.checks.subject import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

SOURCES = ("$request", "$response")
SCHEMES = ("http", "https")


@rule(
    id="KSV320",
    name="switch-step-without-condition",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"steps"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the step of the switch {node} has no condition, so it is never taken",
    fix="Add a condition: a path that is in the requests meant for this step, such as instances.",
    source=ROUTER,
    bad=GOOD.replace(", condition: instances", ""),
    good=GOOD,
)
def switch_step_without_condition(subject: Subject) -> Iterator[Hit]:
    """It looks like a default, and there is none.

    A switch takes the first step whose condition finds something in the request; an empty condition finds nothing, and
    where no step is left the answer is 404.
    """
    for node in nodes(subject):
        if node.router == SWITCH:
            yield from (Hit(step.path, {"node": node.name}) for step in node.steps if not step.spec.get("condition"))


@rule(
    id="KSV321",
    name="weight-outside-a-splitter",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"weight"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="weight is ignored in a node of the type {router}",
    fix="Remove it, or set routerType: Splitter.",
    source=ROUTER,
    bad=GOOD.replace("condition: instances}", "condition: instances, weight: 50}"),
    good=GOOD,
)
def weight_outside_a_splitter(subject: Subject) -> Iterator[Hit]:
    """Only a splitter throws dice. An ensemble asks all its steps and doesn't weigh their answers."""
    for node in nodes(subject):
        if node.router in (SEQUENCE, SWITCH, ENSEMBLE):
            for step in node.steps:
                if step.spec.get("weight") is not None:
                    yield Hit((*step.path, "weight"), {"router": node.router}, on_key=True)


@rule(
    id="KSV322",
    name="condition-ignored",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"condition"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="condition is ignored in a node of the type {router}",
    fix="Remove it, or set routerType: Switch.",
    source=ROUTER,
    bad=GOOD.replace("weight: 90}", "weight: 90, condition: instances}"),
    good=GOOD,
)
def condition_ignored(subject: Subject) -> Iterator[Hit]:
    """A switch reads conditions of the request, a sequence conditions of the answer so far; nobody else does."""
    for node in nodes(subject):
        if node.router in (SPLITTER, ENSEMBLE):
            for step in node.steps:
                if step.spec.get("condition"):
                    yield Hit((*step.path, "condition"), {"router": node.router}, on_key=True)


@rule(
    id="KSV323",
    name="condition-on-the-first-step",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"condition"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a condition on the first step of a sequence answers every request with 500",
    fix="Remove the condition, or put it on a later step; to judge the request use a node of the type Switch.",
    source=ROUTER,
    bad=GOOD.replace("{name: sort, ", "{name: sort, condition: instances, "),
    good=GOOD,
)
def condition_on_the_first_step(subject: Subject) -> Iterator[Hit]:
    """A sequence looks for the condition in the answer of the step before.

    Before the first there is none; an empty answer is no JSON, and the router gives up with "invalid response".
    """
    for node in nodes(subject):
        if node.router == SEQUENCE and node.steps and node.steps[0].spec.get("condition"):
            yield Hit((*node.steps[0].path, "condition"), on_key=True)


@rule(
    id="KSV324",
    name="step-data-ignored",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"data"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="data: {value} has no effect{where}; the step gets the node's request",
    fix="Write $response in a later step of a Sequence to hand on the answer before, or remove it.",
    source=ROUTER,
    bad=GOOD.replace("data: $request", "data: $reponse"),
    good=GOOD,
)
def step_data_ignored(subject: Subject) -> Iterator[Hit]:
    """The router compares data with `$response` and knows no other word; it does so in sequences only."""
    for node in nodes(subject):
        for step in node.steps:
            value = text(step.spec, "data")
            elsewhere = value == SOURCES[1] and node.router in (SPLITTER, SWITCH, ENSEMBLE)
            if value and (value not in SOURCES or elsewhere):
                where = f" in a node of the type {node.router}" if elsewhere else ""
                yield Hit((*step.path, "data"), {"value": value, "where": where})


@rule(
    id="KSV325",
    name="service-url-without-scheme",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"serviceUrl"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the router can't call '{url}': it speaks http:// and https:// only",
    fix="Write the whole URL, such as http://digits.models.svc.cluster.local/v1/models/digits:predict.",
    source=ROUTER,
    bad=GOOD.replace("serviceUrl: http://sorter", "serviceUrl: sorter"),
    good=GOOD,
)
def service_url_without_scheme(subject: Subject) -> Iterator[Hit]:
    """The URL goes to Go's HTTP client as it is, which refuses any other scheme; the request is answered with 500."""
    for node in nodes(subject):
        for step in node.steps:
            url = text(step.spec, "serviceUrl")
            if url and url.partition("://")[0].lower() not in SCHEMES:
                yield Hit((*step.path, "serviceUrl"), {"url": url})
