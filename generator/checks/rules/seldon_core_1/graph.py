"""Graphs: implementations that do nothing, splits inside a graph, and bandits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_1.spec import EXECUTOR, Unit, engine_environment, protocol, source, units
from generator.checks.subject import integer, reach, sequence, text
from generator.schemas.kinds import SELDON_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

_MOST_DIGITS = 9
ECHOING = ("SIMPLE_MODEL", "SIMPLE_ROUTER", "AVERAGE_COMBINER")
ROUTING_INJECTION = "SELDON_ENABLE_ROUTING_INJECTION"
BANDITS = ("mab_epsilon_greedy", "mab_thompson_sampling")

TWO = """
apiVersion: machinelearning.seldon.io/v1
kind: SeldonDeployment
metadata: {name: digits}
spec:
  predictors:
    - name: stable
      graph:
        name: split
        implementation: RANDOM_ABTEST
        parameters: [{name: ratioA, type: FLOAT, value: '0.9'}]
        children:
          - {name: old, type: MODEL}
          - {name: new, type: MODEL}
      componentSpecs:
        - spec:
            containers:
              - {name: old, image: 'registry.example.com/digits:1'}
              - {name: new, image: 'registry.example.com/digits:2'}
"""

BANDIT = (
    TWO.replace("implementation: RANDOM_ABTEST", "type: ROUTER")
    .replace(
        "parameters: [{name: ratioA, type: FLOAT, value: '0.9'}]",
        "parameters: [{name: n_branches, type: INT, value: '2'}]",
    )
    .replace(
        "            containers:",
        "            containers:\n              - {name: split, image: 'seldonio/mab_epsilon_greedy:1.17.1'}",
    )
    .replace(
        "      graph:",
        "      replicas: 1\n"
        "      svcOrchSpec: {env: [{name: SELDON_ENABLE_ROUTING_INJECTION, value: 'true'}]}\n      graph:",
    )
)


@rule(
    id="SC1120",
    name="implementation-without-effect",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{implementation} does nothing: the engine of Seldon Core 1 doesn't implement it",
    fix="Run the step in a container of your own, with type MODEL, ROUTER or COMBINER.",
    source=EXECUTOR,
    bad=TWO.replace("RANDOM_ABTEST", "AVERAGE_COMBINER").replace(
        "        parameters: [{name: ratioA, type: FLOAT, value: '0.9'}]\n", ""
    ),
    good=TWO,
)
def implementation_without_effect(subject: Subject) -> Iterator[Hit]:
    """They were part of the Java engine that went away with 1.2.

    The Go engine gives the input back, or calls all children and answers with the first one's answer: no average.
    """
    for unit in units(subject):
        if unit.implementation in ECHOING:
            yield Hit((*unit.path, "implementation"), {"implementation": unit.implementation})


@rule(
    id="SC1121",
    name="abtest-without-two-children",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="RANDOM_ABTEST splits between two children, and '{name}' has {count}",
    fix="Give it exactly two children; for more, use predictors with traffic.",
    source=EXECUTOR,
    bad=TWO.replace("          - {name: new, type: MODEL}\n", ""),
    good=TWO,
)
def abtest_without_two_children(subject: Subject) -> Iterator[Hit]:
    """With one child the engine panics whenever the draw says B; a third child is never called."""
    for unit in _splits(subject):
        if len(unit.children) != 2:  # noqa: PLR2004 (A and B)
            yield Hit((*unit.path, "implementation"), {"name": unit.name, "count": len(unit.children)})


@rule(
    id="SC1122",
    name="abtest-ratio-ignored",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the split of '{name}' will be even: {reason}",
    fix="Give RANDOM_ABTEST one parameter: ratioA, type FLOAT, with a value from '0' to '1'.",
    source=EXECUTOR,
    bad=TWO.replace("[{name: ratioA", "[{name: seed, type: INT, value: '7'}, {name: ratioA"),
    good=TWO,
)
def abtest_ratio_ignored(subject: Subject) -> Iterator[Hit]:
    """The engine looks at ratioA only where it is the sole parameter, and takes 0.5 otherwise without a word."""
    for unit in _splits(subject):
        found = sequence(unit.spec, "parameters")
        names = [text(entry, "name") for entry in found]
        if not found:
            continue
        reason = ""
        if "ratioA" not in names:
            reason = "there is no parameter ratioA"
        elif len(names) > 1:
            reason = "ratioA counts only where it is the sole parameter"
        elif not _is_share(text(found[0], "value")):
            reason = f"'{text(found[0], 'value')}' is no number from 0 to 1"
        if reason:
            yield Hit((*unit.path, "parameters"), {"name": unit.name, "reason": reason}, on_key=True)


@rule(
    id="SC1123",
    name="abtest-with-type",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"implementation"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{name}' is RANDOM_ABTEST and of type {type}: the engine calls a container that isn't there",
    fix="Remove the type.",
    source=EXECUTOR,
    bad=TWO.replace("implementation: RANDOM_ABTEST", "implementation: RANDOM_ABTEST\n        type: ROUTER"),
    good=TWO,
)
def abtest_with_type(subject: Subject) -> Iterator[Hit]:
    """The engine decides the split itself; a type makes it ask an endpoint as well, and there is none."""
    for unit in _splits(subject):
        kind = text(unit.spec, "type")
        if kind == "ROUTER" and unit.container is None:
            yield Hit((*unit.path, "type"), {"name": unit.name, "type": kind})


def _splits(subject: Subject) -> Iterator[Unit]:
    return (unit for unit in units(subject) if unit.implementation == "RANDOM_ABTEST")


def _is_share(value: str | None) -> bool:
    try:
        return 0 <= float(value or "") <= 1
    except ValueError:
        return False


@rule(
    id="SC1124",
    name="bandit-never-learns",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the bandit '{name}' never learns: answers don't say which branch gave them",
    fix="Set {variable}: 'true' in svcOrchSpec.env of the predictor, and send meta.routing back with each reward.",
    source=EXECUTOR,
    bad=BANDIT.replace("[{name: SELDON_ENABLE_ROUTING_INJECTION, value: 'true'}]", "[]"),
    good=BANDIT,
)
def bandit_never_learns(subject: Subject) -> Iterator[Hit]:
    """A reward has to name the branch; the engine puts it into the answer only where the variable is set.

    Without it feedback goes to all children, and the bandit's own method fails.
    """
    for unit in _bandits(subject):
        if not any(name == ROUTING_INJECTION and value != "" for name, value in engine_environment(unit.predictor)):
            yield Hit((*unit.path, "name"), {"name": unit.name, "variable": ROUTING_INJECTION})


@rule(
    id="SC1125",
    name="bandit-with-replicas",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="each of the {count} replicas of the bandit '{name}' learns by itself",
    fix="Set replicas: 1 for the bandit's pod; put the models into another componentSpec to scale them.",
    source=source("components/routers/epsilon-greedy/EpsilonGreedy.py"),
    bad=BANDIT.replace("replicas: 1", "replicas: 3"),
    good=BANDIT,
)
def bandit_with_replicas(subject: Subject) -> Iterator[Hit]:
    """What it has learnt lies in the memory of the process: replicas diverge, and a restart forgets."""
    for unit in _bandits(subject):
        container = unit.container
        pod = (*unit.predictor.path, "componentSpecs", container.pod if container else 0)
        for path in ((*pod, "replicas"), (*unit.predictor.path, "replicas"), ("spec", "replicas")):
            count = integer(subject.data, *path)
            if count is not None:
                if count > 1:
                    yield Hit(path, {"count": count, "name": unit.name})
                break


@rule(
    id="SC1126",
    name="bandit-against-protocol",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the bandit '{name}' speaks the protocol seldon only, not {protocol}",
    fix="Remove spec.protocol, or route by other means.",
    source=source("components/routers/epsilon-greedy/EpsilonGreedy.py"),
    bad=BANDIT.replace("spec:\n  predictors", "spec:\n  protocol: v2\n  predictors"),
    good=BANDIT,
)
def bandit_against_protocol(subject: Subject) -> Iterator[Hit]:
    """Routing and feedback are messages of the protocol seldon; v2 has neither."""
    spoken = protocol(subject)
    for unit in _bandits(subject):
        if spoken != "seldon":
            yield Hit(("spec", "protocol"), {"name": unit.name, "protocol": spoken})
            return


@rule(
    id="SC1127",
    name="bandit-branches",
    product="seldon-core-1",
    kinds=(SELDON_DEPLOYMENT,),
    when=frozenset({"image"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the bandit '{name}' chooses among {branches} branches, and has {children} children",
    fix="Set n_branches to the number of children, two or more.",
    source=source("components/routers/epsilon-greedy/EpsilonGreedy.py"),
    bad=BANDIT.replace("value: '2'", "value: '3'"),
    good=BANDIT,
)
def bandit_branches(subject: Subject) -> Iterator[Hit]:
    """A branch without a child makes the engine panic; a child without a branch is never called."""
    for unit in _bandits(subject):
        for number, entry in enumerate(sequence(unit.spec, "parameters")):
            value = (text(entry, "value") or "").lstrip("0") or "0"
            if text(entry, "name") != "n_branches" or not (value.isascii() and value.isdigit()):
                continue
            # A number of 5,000 digits is none that Python would write.
            wanted = int(value) if len(value) <= _MOST_DIGITS else None
            if wanted is None or wanted != len(unit.children) or wanted < 2:  # noqa: PLR2004 (one is no choice)
                values = {"name": unit.name, "branches": value, "children": len(unit.children)}
                yield Hit((*unit.path, "parameters", number, "value"), values)


def _bandits(subject: Subject) -> Iterator[Unit]:
    for unit in units(subject):
        image = unit.own_image or ""
        if reach(unit.spec, "type") == "ROUTER" and any(name in image for name in BANDITS):
            yield unit
