"""Steps of a Pipeline that go in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.seldon_core_2.pipeline import GOOD, VALIDATION, Reference, inputs, steps, triggers
from generator.checks.rules.seldon_core_2.spec import PIPELINE
from generator.checks.subject import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="SC2156",
    name="cycle-of-steps",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"steps"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the steps go in a circle: {circle}; the scheduler refuses the Pipeline",
    fix="Take one of the references out; since 2.9.1 allowCycles: true with maxStepRevisits permits it.",
    source=VALIDATION,
    bad=GOOD.replace("    - name: cleaner\n", "    - name: cleaner\n      inputs: [digits]\n"),
    good=GOOD,
)
def cycle_of_steps(subject: Subject) -> Iterator[Hit]:
    """Each message would be passed on for ever."""
    if mapping(subject.data, "spec").get("allowCycles") is True:
        return
    edges: dict[str, list[Reference]] = {step.name: [] for step in steps(subject)}
    for reference in (*inputs(subject), *triggers(subject)):
        if reference.target in edges:
            edges[reference.user].append(reference)
    circle = _circle(edges)
    if circle:
        yield Hit(circle[-1].path, {"circle": " → ".join([circle[-1].target, *(one.user for one in reversed(circle))])})


def _circle(edges: dict[str, list[Reference]]) -> list[Reference]:
    """The references of one circle, each leading from its user to its target; empty where there is none."""
    done: set[str] = set()
    for start, first in edges.items():
        way: list[Reference] = []
        waiting = [(start, iter(first))]
        while waiting and start not in done:
            step, following = waiting[-1]
            reference = next(following, None)
            if reference is None:
                done.add(step)
                waiting.pop()
                way = way[:-1]
                continue
            on_way = [name for name, _ in waiting]
            if reference.target in on_way:
                return [*way[on_way.index(reference.target) :], reference]
            if reference.target not in done:
                way.append(reference)
                waiting.append((reference.target, iter(edges[reference.target])))
    return []
