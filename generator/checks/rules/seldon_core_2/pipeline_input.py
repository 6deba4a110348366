"""What a Pipeline takes from other Pipelines, and circles that are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.pipeline import GOOD, VALIDATION
from generator.checks.rules.seldon_core_2.spec import PIPELINE, newer, pipelines
from generator.checks.subject import mapping, may_be_in, sequence
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

DATA = ("inputs", "outputs")
INPUT = GOOD.replace("  output: {", "  input: {externalInputs: [scanning.outputs.image]}\n  output: {")


def external(subject: Subject) -> Iterator[tuple[Path, str]]:
    """What comes in from other Pipelines, with its place."""
    for number, entry in enumerate(sequence(subject.data, "spec", "input", "externalInputs")):
        if isinstance(entry, str):
            yield ("spec", "input", "externalInputs", number), entry


def well_formed(reference: str) -> bool:
    """Whether it names a Pipeline or a step of one, then perhaps its inputs or outputs and a tensor."""
    head, *rest = reference.split(".")
    if not head:
        return False
    if rest[:1] == ["step"]:
        if len(rest) < 2 or not rest[1]:  # noqa: PLR2004 (the word and the step's name)
            return False
        rest = rest[2:]
    return not rest or (rest[0] in DATA and len(rest) <= 2)  # noqa: PLR2004 (a word and a tensor)


@rule(
    id="SC2157",
    name="input-of-nothing",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"input"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="input names no externalInputs: the scheduler refuses the Pipeline",
    fix="Name the Pipelines or steps to take data from, or remove input: requests then come from the caller.",
    source=VALIDATION,
    bad=INPUT.replace("[scanning.outputs.image]", "[]"),
    good=INPUT,
)
def input_of_nothing(subject: Subject) -> Iterator[Hit]:
    """The block is for data of other Pipelines only; the Pipeline's own requests need none."""
    block = mapping(subject.data, "spec").get("input")
    if isinstance(block, dict) and not sequence(block, "externalInputs"):
        yield hit("spec", "input", on_key=True)


@rule(
    id="SC2158",
    name="malformed-external-input",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"externalInputs"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{reference}' is no place in another Pipeline: the scheduler refuses this one",
    fix="Write <pipeline>.outputs, <pipeline>.step.<step>.outputs (or inputs), and a tensor behind it if wanted.",
    source=VALIDATION,
    bad=INPUT.replace("scanning.outputs.image", "scanning.steps.crop.outputs"),
    good=INPUT,
)
def malformed_external_input(subject: Subject) -> Iterator[Hit]:
    """A bare <pipeline> and <pipeline>.step.<step> are completed with .outputs, anything else has to be whole."""
    for path, reference in external(subject):
        if not well_formed(reference):
            yield Hit(path, {"reference": reference})


@rule(
    id="SC2160",
    name="cycles-without-bound",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"allowCycles"}),
    since=Version(2, 9, 1),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="allowCycles without maxStepRevisits: a message may go round for ever",
    fix="Set maxStepRevisits, and apply the Pipeline again after the scheduler restarted: it forgets both.",
    source=newer("scheduler/pkg/store/pipeline/db.go"),
    bad=GOOD.replace("  output: {", "  allowCycles: true\n  output: {"),
    good=GOOD.replace("  output: {", "  allowCycles: true\n  maxStepRevisits: 3\n  output: {"),
)
def cycles_without_bound(subject: Subject) -> Iterator[Hit]:
    """Neither field is part of what the scheduler keeps, so a restart takes them away without a word."""
    spec = mapping(subject.data, "spec")
    if spec.get("allowCycles") is True and not spec.get("maxStepRevisits"):
        yield hit("spec", "allowCycles")


@rule(
    id="SC2209",
    name="pipeline-not-in-the-set",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"externalInputs"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Pipeline {name} in the given files",
    fix="Check the files together with it, or mend the name.",
    source=VALIDATION,
    bad=INPUT,
    good=INPUT + "---" + GOOD.rpartition("---")[2].replace("name: reading", "name: scanning"),
)
def pipeline_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """Nobody checks it: the Pipeline is ready and waits for messages that never come."""
    there = subject.index.derive(pipelines)
    for path, reference in external(subject):
        name = reference.partition(".")[0]
        namespaces = [one.namespace for one in there.get(name, ())]
        if well_formed(reference) and not may_be_in(namespaces, subject.document.namespace):
            yield Hit(path, {"name": name})
