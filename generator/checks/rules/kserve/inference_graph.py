"""What the webhook on InferenceGraphs refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kserve.graph import GOOD, INFERENCE_GRAPH, ROOT, SPLITTER, TARGETS, WEBHOOK, nodes
from generator.checks.rules.kserve.name import NAME
from generator.checks.subject import integer, reach, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

ALL = 100
"""What the weights of a splitter's steps come to, in percent."""


@rule(
    id="KSV300",
    name="graph-name-outside-the-pattern",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe refuses the name '{name}' of a graph",
    fix="Use lower-case letters, digits and '-' only, with a letter first and no '-' last.",
    source=WEBHOOK,
    bad=GOOD.replace("name: triage", "name: triage.v2"),
    good=GOOD,
)
def graph_name_outside_the_pattern(subject: Subject) -> Iterator[Hit]:
    """Kubernetes would take the name; KServe makes a Service and a host of it, as for an InferenceService."""
    name = text(subject.data, "metadata", "name")
    prefix = text(subject.data, "metadata", "generateName")
    if name and not NAME.fullmatch(name):
        yield hit("metadata", "name", name=name)
    elif not name and prefix and not NAME.fullmatch(f"{prefix}x"):
        yield hit("metadata", "generateName", name=f"{prefix}…")


@rule(
    id="KSV301",
    name="graph-without-root",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the graph has no node named root",
    fix="Name the node that takes the requests first root.",
    source=WEBHOOK,
    bad=GOOD.replace("    root:", "    entry:"),
    good=GOOD,
)
def graph_without_root(subject: Subject) -> Iterator[Hit]:
    """The router hands every request to the node root; no other node is ever asked first.

    The schema wants nodes in a spec, but no spec.
    """
    found = reach(subject.data, "spec", "nodes")
    empty = subject.data.get("spec") is None
    if empty or (isinstance(found, dict) and found.get(ROOT) is None):
        yield hit("spec", "nodes", on_key=True)


@rule(
    id="KSV302",
    name="step-name-repeated",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"steps"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="two steps of the node {node} are named '{name}'",
    fix="Give each step of a node a name of its own, or none.",
    source=WEBHOOK,
    bad=GOOD.replace("name: next,", "name: stable,"),
    good=GOOD,
)
def step_name_repeated(subject: Subject) -> Iterator[Hit]:
    """An Ensemble files its answers under the names of its steps, so two of one name would be one answer."""
    for node in nodes(subject):
        seen = set()
        for step in node.steps:
            name = text(step.spec, "name")
            if name and name in seen:
                yield Hit((*step.path, "name"), {"node": node.name, "name": name})
            seen.add(name)


@rule(
    id="KSV303",
    name="step-without-target",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"steps"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the step leads nowhere",
    fix="Write one of serviceName (an InferenceService), serviceUrl and nodeName (another node).",
    source=WEBHOOK,
    bad=GOOD.replace("serviceUrl: http://next.models/v1/models/next:predict, ", ""),
    good=GOOD,
)
def step_without_target(subject: Subject) -> Iterator[Hit]:
    """A step asks one service, or hands the request to another node. An empty string counts as nothing."""
    for node in nodes(subject):
        for step in node.steps:
            if not any(step.spec.get(field) for field in TARGETS):
                yield Hit(step.path)


@rule(
    id="KSV304",
    name="step-with-several-targets",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"steps"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the step leads to several targets: {found}",
    fix="Keep one of them.",
    source=WEBHOOK,
    bad=GOOD.replace("nodeName: choose, ", "nodeName: choose, serviceUrl: http://next.models, "),
    good=GOOD,
)
def step_with_several_targets(subject: Subject) -> Iterator[Hit]:
    """Which one would be asked, nobody could say; to ask several is the work of an Ensemble."""
    for node in nodes(subject):
        for step in node.steps:
            found = [field for field in TARGETS if step.spec.get(field)]
            if len(found) > 1:
                yield Hit((*step.path, found[-1]), {"found": " and ".join(found)}, on_key=True)


@rule(
    id="KSV305",
    name="splitter-step-without-weight",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"steps"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the step of the splitter {node} has no weight",
    fix="Add weight, in percent: those of all steps together make 100.",
    source=WEBHOOK,
    bad=GOOD.replace(", weight: 10}", "}"),
    good=GOOD,
)
def splitter_step_without_weight(subject: Subject) -> Iterator[Hit]:
    """A splitter throws dice for every request; nothing is assumed for a step without a weight."""
    for node in nodes(subject):
        if node.router == SPLITTER:
            yield from (Hit(step.path, {"node": node.name}) for step in node.steps if step.spec.get("weight") is None)


@rule(
    id="KSV306",
    name="splitter-weights-not-100",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the weights of the splitter {node} sum to {total}, and KServe wants exactly 100",
    fix="Write the shares in percent.",
    source=WEBHOOK,
    bad=GOOD.replace("weight: 10}", "weight: 20}"),
    good=GOOD,
)
def splitter_weights_not_100(subject: Subject) -> Iterator[Hit]:
    """The weights are percent, not parts as in a route: 1 and 1 is refused, and so is a splitter without steps."""
    for node in nodes(subject):
        weights = [integer(step.spec, "weight") for step in node.steps]
        known = [weight for weight in weights if weight is not None]
        if node.router == SPLITTER and len(known) == len(weights) and sum(known) != ALL:
            yield Hit(node.path, {"node": node.name, "total": sum(known)}, on_key=True)
