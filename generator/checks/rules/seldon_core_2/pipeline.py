"""Pipelines: steps, and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.seldon_core_2.spec import GOOD_MODEL, PIPELINE, models, source
from generator.checks.structure.suggest import nearest
from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.checks.together import together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

VALIDATION = source("scheduler/pkg/store/pipeline/validate.go")
DATA = ("inputs", "outputs")
MOST_PARTS = 3

_PIPELINE = """---
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: reading}
spec:
  steps:
    - name: cleaner
    - name: digits
      inputs: [cleaner]
    - name: auditor
      inputs: [digits.outputs.scores]
      triggers: [cleaner.outputs]
  output: {steps: [digits]}
"""
GOOD = (
    f"{GOOD_MODEL}---{GOOD_MODEL.replace('digits', 'cleaner')}---{GOOD_MODEL.replace('digits', 'auditor')}{_PIPELINE}"
)
"""A Pipeline with the Models of its steps."""


class Step(NamedTuple):
    """A step and where it stands."""

    path: Path
    name: str
    spec: dict[str, Any]


class Reference(NamedTuple):
    """What a step or the output takes data from.

    Attributes:
        path: Where it stands.
        text: As written.
        user: The step that takes it; empty for the output.
    """

    path: Path
    text: str
    user: str

    @property
    def target(self) -> str:
        """The step, or the pipeline itself, that it names."""
        return self.text.partition(".")[0]

    @property
    def well_formed(self) -> bool:
        """Whether it is a name, or name, inputs or outputs, and perhaps a tensor."""
        head, *rest = self.text.split(".")
        return bool(head) and len(rest) < MOST_PARTS and (not rest or rest[0] in DATA)


def steps(subject: Subject) -> Iterator[Step]:
    """The steps of a Pipeline."""
    for number, entry in enumerate(sequence(subject.data, "spec", "steps")):
        if isinstance(entry, dict):
            yield Step(("spec", "steps", number), text(entry, "name") or "", entry)


def _listed(spec: object, field: str, path: Path, user: str) -> Iterator[Reference]:
    for number, entry in enumerate(sequence(spec, field)):
        if isinstance(entry, str):
            yield Reference((*path, field, number), entry, user)


def inputs(subject: Subject) -> Iterator[Reference]:
    """What the steps take their data from."""
    for step in steps(subject):
        yield from _listed(step.spec, "inputs", step.path, step.name)


def triggers(subject: Subject) -> Iterator[Reference]:
    """What the steps wait for."""
    for step in steps(subject):
        yield from _listed(step.spec, "triggers", step.path, step.name)


def outputs(subject: Subject) -> Iterator[Reference]:
    """What the pipeline answers with."""
    yield from _listed(mapping(subject.data, "spec", "output"), "steps", ("spec", "output"), "")


@rule(
    id="SC2150",
    name="pipeline-without-steps",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="a Pipeline needs at least one step: the scheduler refuses it",
    fix="Add a step with the name of a Model.",
    source=VALIDATION,
    bad="""
apiVersion: mlops.seldon.io/v1alpha1
kind: Pipeline
metadata: {name: reading}
spec: {steps: []}
""",
    good=GOOD,
)
def pipeline_without_steps(subject: Subject) -> Iterator[Hit]:
    """The schema takes an empty list."""
    if mapping(subject.data, "spec").get("steps") == []:
        yield hit("spec", "steps", on_key=True)


@rule(
    id="SC2151",
    name="step-named-as-its-pipeline",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"steps"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the step '{name}' has the Pipeline's own name: the scheduler refuses it",
    fix="Rename the Pipeline; a step has the name of its Model.",
    source=VALIDATION,
    bad=GOOD.replace("name: reading", "name: auditor"),
    good=GOOD,
)
def step_named_as_its_pipeline(subject: Subject) -> Iterator[Hit]:
    """In a step's inputs the Pipeline's name stands for the request itself, so it can't be a step as well."""
    for step in steps(subject):
        if step.name and step.name == subject.document.name:
            yield Hit((*step.path, "name"), {"name": step.name})


@rule(
    id="SC2152",
    name="step-repeated",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"steps"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="two steps are named '{name}': the scheduler refuses the Pipeline",
    fix="Use each Model once; to call it twice, make a second Model of the same storageUri.",
    source=VALIDATION,
    bad=GOOD.replace("    - name: auditor\n", "    - name: digits\n      inputs: [cleaner]\n    - name: auditor\n"),
    good=GOOD,
)
def step_repeated(subject: Subject) -> Iterator[Hit]:
    """A step's name is the name of the Model that it calls, and its address for the other steps."""
    seen: set[str] = set()
    for step in steps(subject):
        if step.name and step.name in seen:
            yield Hit((*step.path, "name"), {"name": step.name})
        seen.add(step.name)


@rule(
    id="SC2153",
    name="malformed-reference",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"inputs", "triggers", "output"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{reference}' is no reference to a step: the scheduler refuses the Pipeline",
    fix="Write <step>, <step>.inputs, <step>.outputs, or one of the latter and .<tensor>.",
    source=VALIDATION,
    bad=GOOD.replace("digits.outputs.scores", "digits.output.scores"),
    good=GOOD,
)
def malformed_reference(subject: Subject) -> Iterator[Hit]:
    """A bare name of a step means its outputs, the bare name of the Pipeline its inputs."""
    for reference in (*inputs(subject), *triggers(subject), *outputs(subject)):
        if not reference.well_formed:
            yield Hit(reference.path, {"reference": reference.text})


@rule(
    id="SC2154",
    name="reference-to-no-step",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"inputs", "output"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="'{reference}' names no step of this Pipeline{hint}: the scheduler refuses it",
    fix="Name one of {known}.",
    source=VALIDATION,
    bad=GOOD.replace("inputs: [cleaner]", "inputs: [cleanre]"),
    good=GOOD,
)
def reference_to_no_step(subject: Subject) -> Iterator[Hit]:
    """Steps of other Pipelines come in by input.externalInputs, and are then this Pipeline's own inputs."""
    own = [step.name for step in steps(subject)]
    for reference in inputs(subject):
        yield from _unknown(reference, [*own, subject.document.name])
    for reference in outputs(subject):
        yield from _unknown(reference, own)


def _unknown(reference: Reference, known: list[str]) -> Iterator[Hit]:
    if reference.well_formed and reference.target not in known:
        near = nearest(reference.target, known)
        hint = f"; did you mean '{near}'?" if near else ""
        yield Hit(reference.path, {"reference": reference.text, "hint": hint, "known": ", ".join(known)})


@rule(
    id="SC2155",
    name="trigger-of-no-step",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"triggers"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the trigger '{reference}' names no step of this Pipeline{hint}: it can take the whole scheduler down",
    fix="Name one of {known}.",
    source=VALIDATION,
    bad=GOOD.replace("triggers: [cleaner.outputs]", "triggers: [cleanre.outputs]"),
    good=GOOD,
)
def trigger_of_no_step(subject: Subject) -> Iterator[Hit]:
    """Inputs are looked up before the search for cycles, triggers aren't.

    The search then follows a step that isn't there and the process panics, again at each restart while the object is
    in the cluster (read in the code, not tried).
    """
    known = [*(step.name for step in steps(subject)), subject.document.name]
    for reference in triggers(subject):
        yield from _unknown(reference, known)


@rule(
    id="SC2207",
    name="pipeline-without-output",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="without output nobody gets an answer: requests can only come and go through Kafka",
    fix="Add output.steps with the steps that answer.",
    source=VALIDATION,
    bad=GOOD.replace("  output: {steps: [digits]}\n", ""),
    good=GOOD,
)
def pipeline_without_output(subject: Subject) -> Iterator[Hit]:
    """A call by HTTP or gRPC hangs until its time is up; a Pipeline that only feeds others is fine."""
    spec = mapping(subject.data, "spec")
    if sequence(spec, "steps") and not sequence(spec, "output", "steps"):
        yield hit("spec", on_key=True)


@rule(
    id="SC2208",
    name="step-not-in-the-set",
    product="seldon-core-2",
    kinds=(PIPELINE,),
    when=frozenset({"steps"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no Model {name} in the given files: until that is there, the Pipeline isn't ready",
    fix="Check the files together with the Model, or mend the step's name.",
    source=source("operator/scheduler/pipeline.go"),
    bad=_PIPELINE.removeprefix("---"),
    good=GOOD,
)
def step_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """A step calls the Model of its name in the same namespace."""
    yield from together(_missing(subject))


def _missing(subject: Subject) -> Iterator[Hit]:
    there = subject.index.derive(models)
    for step in steps(subject):
        namespaces = [one.namespace for one in there.get(step.name, ())]
        if step.name and not may_be_in(namespaces, subject.document.namespace):
            yield Hit((*step.path, "name"), {"name": step.name})
