"""Graphs that the webhook takes and the router can't walk, or walks otherwise than written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.kserve.graph import (
    GOOD,
    INFERENCE_GRAPH,
    ROOT,
    ROUTER,
    SPLITTER,
    leads_to,
    nodes,
)
from generator.checks.subject import integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.rules.kserve.graph import Node
    from generator.checks.subject import Subject
    from generator.reading.documents import Path

ALL = 100


@rule(
    id="KSV310",
    name="step-to-no-node",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"nodeName"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the graph has no node '{name}'; requests that come here are answered with 500",
    fix="Add the node, or write one of {known}.",
    source=ROUTER,
    bad=GOOD.replace("nodeName: choose, ", "nodeName: chose, ").split("    choose:", maxsplit=1)[0],
    good=GOOD,
)
def step_to_no_node(subject: Subject) -> Iterator[Hit]:
    """The webhook never looks where a nodeName leads. The router takes a missing node for one without a type."""
    found = nodes(subject)
    names = {node.name for node in found}
    known = ", ".join(sorted(names))
    for node in found:
        for name, path in leads_to(node).items():
            if name not in names:
                yield Hit(path, {"name": name, "known": known})


@rule(
    id="KSV311",
    name="graph-in-a-circle",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"nodeName"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the step leads back: {circle}; a request that keeps to it never ends",
    fix="Let the step lead on to a service, or to a node that doesn't lead back here.",
    source=ROUTER,
    bad=GOOD.replace("serviceUrl: http://next.models/v1/models/next:predict", "nodeName: share"),
    good=GOOD,
)
def graph_in_a_circle(subject: Subject) -> Iterator[Hit]:
    """The router calls itself for each node, with nothing that counts: the stack grows until the process dies."""
    found = {node.name: node for node in nodes(subject)}
    if ROOT not in found:
        return
    for path, circle in _circles(found):
        yield Hit(path, {"circle": " → ".join(circle)})


def _circles(found: dict[str, Node]) -> Iterator[tuple[Path, list[str]]]:
    """The steps that lead back to a node on the way from the root, with the way round; each node is walked once."""
    way: list[str] = [ROOT]
    waiting = [iter(leads_to(found[ROOT]).items())]
    done: set[str] = set()
    while waiting:
        name, path = next(waiting[-1], (None, ()))
        if name is None:
            done.add(way.pop())
            waiting.pop()
        elif name in way:
            yield path, [*way[way.index(name) :], name]
        elif name in found and name not in done:
            way.append(name)
            waiting.append(iter(leads_to(found[name]).items()))


@rule(
    id="KSV312",
    name="node-out-of-reach",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"nodes"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="no way leads from root to the node {node}; it never gets a request",
    fix="Name it as nodeName in a step of a node that is reached, or remove it.",
    source=ROUTER,
    bad=GOOD.replace("nodeName: choose, ", "serviceUrl: http://next.models, "),
    good=GOOD,
)
def node_out_of_reach(subject: Subject) -> Iterator[Hit]:
    """Nodes are walked from root on; the order in the file says nothing."""
    found = {node.name: node for node in nodes(subject)}
    reached: set[str] = set()
    waiting = [ROOT]
    while waiting:
        name = waiting.pop()
        if name in found and name not in reached:
            reached.add(name)
            waiting += leads_to(found[name])
    if ROOT in found:
        yield from (Hit(node.path, {"node": name}, on_key=True) for name, node in found.items() if name not in reached)


@rule(
    id="KSV313",
    name="node-without-steps",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"nodes"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the node {node} has no steps, so it has no answer",
    fix="Add steps, or remove the node.",
    source=ROUTER,
    bad=GOOD.rsplit("      steps:", maxsplit=1)[0],
    good=GOOD,
)
def node_without_steps(subject: Subject) -> Iterator[Hit]:
    """Only a splitter without steps is refused, for its sum. Any other is taken and can't answer a request."""
    for node in nodes(subject):
        if not node.steps and node.router != SPLITTER:
            yield Hit(node.path, {"node": node.name}, on_key=True)


@rule(
    id="KSV314",
    name="splitter-weight-out-of-range",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"weight"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the weight {weight} is no share; the router's dice have the numbers 0 to 99",
    fix="Write 0 to 100; all weights of the splitter make 100.",
    source=ROUTER,
    bad=GOOD.replace("weight: 90}", "weight: 110}").replace("weight: 10}", "weight: -10}"),
    good=GOOD,
)
def splitter_weight_out_of_range(subject: Subject) -> Iterator[Hit]:
    """The webhook looks at the sum only, so 110 and -10 pass, and the first step then gets all requests."""
    for node in nodes(subject):
        for step in node.steps:
            weight = integer(step.spec, "weight")
            if node.router == SPLITTER and weight is not None and not 0 <= weight <= ALL:
                yield Hit((*step.path, "weight"), {"weight": weight})
