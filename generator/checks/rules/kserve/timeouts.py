"""Timeouts along a chain: a graph's router, its steps, and the components of one service; Knative's bound on each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kserve.graph import INFERENCE_GRAPH, ROOT, SEQUENCE, nodes
from generator.checks.rules.kserve.spec import KNATIVE, NEW_NAMES, V0_16, components, mode
from generator.checks.rules.kserve.spec import Component as Part
from generator.checks.subject import integer, mapping, may_be_in, text
from generator.schemas.kinds import CONFIG_MAP, INFERENCE_SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.kserve.graph import Node, Step
    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document

    _Slow = tuple[int, list[Step]]
    """Seconds, and the steps that make them up."""

ROUTER = Source("kserve/kserve", "v0.20.0", "cmd/router/main.go")
DEFAULTS = Source("knative/serving", "knative-v1.20.0", "pkg/apis/config/defaults.go")
WRITE = 60
"""Seconds in which the router has to have answered, by default and before 0.16 always (constants.go)."""

REVISION, MOST = 300, 600
"""Seconds: what Knative gives a request where nothing is said, and the most that it can be told."""


SERVICES = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: read, annotations: {serving.kserve.io/deploymentMode: Knative}}
spec:
  predictor:
    timeout: 400
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/read/1}
"""
GRAPH = """
apiVersion: serving.kserve.io/v1alpha1
kind: InferenceGraph
metadata: {name: mails, annotations: {serving.kserve.io/deploymentMode: Knative}}
spec:
  timeout: 500
  routerTimeouts: {serverRead: 500, serverWrite: 500}
  nodes:
    root:
      routerType: Sequence
      steps:
        - {name: read, serviceName: read}
        - {name: sort, serviceUrl: http://sorter.models/v1/models/sorter:predict}
"""
CHAIN = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: read, annotations: {serving.kserve.io/deploymentMode: Knative}}
spec:
  predictor:
    timeout: 400
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/read/1}
  transformer:
    timeout: 450
    containers: [{name: kserve-container, image: registry.example.com/read:1}]
"""


def _on_knative(subject: Subject) -> bool:
    found = mode(subject)
    return NEW_NAMES.get(found or "", found) == KNATIVE


@rule(
    id="KSV535",
    name="graph-that-does-not-wait",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{what} may take {needed} s by the timeout of {who}, and the graph {graph} answers within {limit} s ({by})",
    fix="Raise {fix} to {needed} or more, or lower the timeouts of the steps.",
    source=ROUTER,
    bad=GRAPH.replace(", serverWrite: 500", "") + "---" + SERVICES,
    good=GRAPH + "---" + SERVICES,
)
def graph_that_does_not_wait(subject: Subject) -> Iterator[Hit]:
    """The router breaks the connection when its time for an answer is over, whatever the step's service was promised.

    Steps of a sequence add up; of an ensemble the slowest counts, of a splitter or a switch the slowest that may be
    taken. Only timeouts that services of the given files state are counted, so a graph of services without any is left
    alone.
    """
    every = {node.name: node for node in nodes(subject)}
    found = _slowest(subject, every)
    limits = list(_limits(subject))
    if found is None or not limits:
        return
    needed, steps = found
    limit, by, field = min(limits)
    if needed > limit:
        names = list(dict.fromkeys(_service(step) or "" for step in steps))
        what = "the step" if len(steps) == 1 else "the steps together"
        values = {"what": what, "needed": needed, "who": " and ".join(names), "graph": subject.document.name}
        yield Hit(steps[0].path, values | {"limit": limit, "by": by, "fix": field})


def _limits(subject: Subject) -> Iterator[tuple[int, str, str]]:
    """How long the graph has, in seconds, by what, and the field to raise."""
    spec = mapping(subject.data, "spec")
    if subject.release is not None and subject.release < V0_16:
        yield (
            WRITE,
            "the router's fixed time for an answer",
            "the time by an update to KServe 0.16, where it is a field,",
        )
    else:
        said = integer(spec, "routerTimeouts", "serverWrite")
        yield said or WRITE, f"serverWrite{'' if said else ', as by default'}", "routerTimeouts.serverWrite"
    if _on_knative(subject):
        said = integer(spec, "timeout")
        yield said or REVISION, f"timeout{'' if said else ', as by default on Knative'}", "spec.timeout"


def _slowest(subject: Subject, every: Mapping[str, Node]) -> _Slow | None:
    """The seconds that a graph's root may take and the steps that make them up; None where no step's service says any.

    A node to which many ways lead is counted out once, and a way back to one above adds nothing.
    """
    known: dict[str, _Slow] = {}
    for name in _inner_first(every):
        node = every[name]
        found = (_of_step(subject, step, known) for step in node.steps)
        parts = [part for part in found if part]
        if parts and node.router == SEQUENCE:
            steps = {step.path: step for _, many in parts for step in many}
            known[name] = sum(one for one, _ in parts), list(steps.values())
        elif parts:
            known[name] = max(parts, key=lambda part: part[0])
    return known.get(ROOT)


def _of_step(subject: Subject, step: Step, known: Mapping[str, _Slow]) -> _Slow | None:
    below = text(step.spec, "nodeName")
    if below:
        return known.get(below)
    seconds = _seconds(subject, step)
    return (seconds, [step]) if seconds else None


def _inner_first(every: Mapping[str, Node]) -> list[str]:
    """The nodes that the root reaches, each after those to which it leads; however deep they stand."""
    order: list[str] = []
    seen: set[str] = set()
    waiting = [(ROOT, False)]
    while waiting:
        name, done = waiting.pop()
        if done:
            order.append(name)
        elif name in every and name not in seen:
            seen.add(name)
            below = (text(step.spec, "nodeName") for step in every[name].steps)
            waiting += [(name, True), *((one, False) for one in below if one)]
    return order


def _service(step: Step) -> str | None:
    """The service that a step calls, or that it may call by its host."""
    named = text(step.spec, "serviceName")
    if named:
        return named
    try:
        host = urlsplit(text(step.spec, "serviceUrl") or "").hostname or ""
    except ValueError:
        return None
    first = host.partition(".")[0]
    for ending in ("-predictor", "-transformer"):
        first = first.removesuffix(ending)
    return first or None


def _seconds(subject: Subject, step: Step) -> int | None:
    """The timeout of the step's service where it is in the set: that of what takes the request."""
    name = _service(step)
    found = subject.index.derive(_services).get(name or "", ())
    near = [one for one in found if may_be_in([one.namespace], subject.document.namespace)]
    if len(near) != 1:
        return None
    spec = mapping(near[0].data, "spec")
    return integer(spec, "transformer", "timeout") or integer(spec, "predictor", "timeout")


def _services(index: Index) -> Mapping[str, tuple[Document, ...]]:
    found: dict[str, tuple[Document, ...]] = {}
    for one in index.by_kind.get(INFERENCE_SERVICE, ()):
        found[one.name] = (*found.get(one.name, ()), one)
    return found


@rule(
    id="KSV536",
    name="client-of-a-graph-gives-up-first",
    product="kserve",
    kinds=(INFERENCE_GRAPH,),
    when=frozenset({"serviceClient"}),
    since=V0_16,
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the router of the graph {graph} waits {limit} s for a step, and {who} may take {needed} s",
    fix="Raise routerTimeouts.serviceClient to {needed} or more, or lower the step's timeout.",
    source=ROUTER,
    bad=GRAPH.replace("serverRead: 500,", "serverRead: 500, serviceClient: 30,") + "---" + SERVICES,
    good=GRAPH.replace("serverRead: 500,", "serverRead: 500, serviceClient: 450,") + "---" + SERVICES,
)
def client_of_a_graph_gives_up_first(subject: Subject) -> Iterator[Hit]:
    """`serviceClient` bounds each call; the step's service works on for nobody, and the graph answers 500."""
    limit = integer(subject.data, "spec", "routerTimeouts", "serviceClient")
    for node in nodes(subject):
        for step in node.steps:
            needed = _seconds(subject, step)
            if limit and needed and needed > limit:
                values = {"graph": subject.document.name, "limit": limit, "who": _service(step), "needed": needed}
                yield Hit(step.path, values)


@rule(
    id="KSV537",
    name="component-gives-up-first",
    product="kserve",
    kinds=(INFERENCE_SERVICE,),
    when=frozenset({"timeout"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the {outer} is cut off after {limit} s, and the predictor behind it may take {needed} s",
    fix="Raise the {outer}'s timeout to {needed} or more, or lower the predictor's.",
    source=DEFAULTS,
    bad=CHAIN.replace("timeout: 450", "timeout: 30"),
    good=CHAIN,
)
def component_gives_up_first(subject: Subject) -> Iterator[Hit]:
    """On Knative each component has a proxy of its own, and that of the one in front breaks off by its own clock.

    Where the one in front says nothing, it has Knative's 300 seconds.
    """
    if not _on_knative(subject):
        return
    predictor, *others = components(subject)
    needed = integer(predictor.spec, "timeout")
    for outer in others:
        said = integer(outer.spec, "timeout")
        if needed and needed > (said or REVISION):
            path = (*outer.path, "timeout") if said else (*predictor.path, "timeout")
            yield Hit(path, {"outer": outer.name, "limit": said or REVISION, "needed": needed})


@rule(
    id="KSV538",
    name="timeout-above-knative-s-maximum",
    product="kserve",
    kinds=(INFERENCE_SERVICE, INFERENCE_GRAPH),
    when=frozenset({"timeout"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="Knative takes {seconds} s only where max-revision-timeout-seconds is raised: its maximum is {most} s",
    fix="Raise it in the ConfigMap config-defaults of knative-serving, or write {most} or less.",
    source=DEFAULTS,
    bad=CHAIN.replace("timeout: 450", "timeout: 900"),
    good=CHAIN,
)
def timeout_above_knative_s_maximum(subject: Subject) -> Iterator[Hit]:
    """KServe writes the number into a Knative Service, whose webhook refuses what is above the cluster's maximum.

    The InferenceService is accepted and gets no revision. A ConfigMap in the given files that raises it is heeded.
    """
    if not _on_knative(subject):
        return
    most = subject.index.derive(_most)
    graph = subject.document.kind == INFERENCE_GRAPH.kind
    parts = (Part("graph", ("spec",), mapping(subject.data, "spec")),) if graph else components(subject)
    for part in parts:
        seconds = integer(part.spec, "timeout")
        if seconds is not None and seconds > most:
            yield hit(*part.path, "timeout", seconds=seconds, most=most)


def _most(index: Index) -> int:
    """Knative's maximum by its ConfigMap in the set, else as it ships."""
    for one in index.by_kind.get(CONFIG_MAP, ()):
        said = text(one.data, "data", "max-revision-timeout-seconds") if one.name == "config-defaults" else None
        if said and said.isascii() and said.isdecimal():
            return int(said)
    return MOST
