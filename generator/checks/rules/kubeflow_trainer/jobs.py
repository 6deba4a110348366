"""What the webhook asks of a TrainJob and the runtime that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_trainer.spec import (
    CLUSTER_RUNTIME,
    CLUSTERWIDE,
    DEPRECATED,
    INITIALIZERS,
    JOB,
    NODE,
    PRODUCT,
    RUNTIME,
    RUNTIMES,
    SHIPPED,
    SUPPORT,
    TRAIN_JOB,
    TRAINER,
    Part,
    both,
    candidates,
    is_of,
    plugin,
    runtime,
    source,
    wanted,
)
from generator.checks.subject import reach, text
from generator.reading.kind import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

VOLUME = "initializer"
"""The volume that initializers write to."""
REF = ("spec", "runtimeRef")
CREATED = source("pkg/runtime/core/trainingruntime.go")
OF_CLUSTER = JOB.replace("{kind: TrainingRuntime, name", "{name")
WITH_DATA = JOB + "  initializer: {dataset: {storageUri: hf://ylecun/mnist}}\n"
_LOADS = (
    RUNTIME
    + """        - name: dataset-initializer
          template:
            metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: dataset-initializer}}
            spec:
              template:
                spec:
                  containers:
                    - {name: dataset-initializer, image: i:1, volumeMounts: [{name: initializer, mountPath: /data}]}
                  volumes: [{name: initializer, emptyDir: {}}]
"""
)


@rule(
    id="KFT110",
    name="unsupported-runtime",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="Trainer knows no runtimes of the kind '{kind}' in the group '{group}'",
    fix="Write kind: TrainingRuntime or ClusterTrainingRuntime, and apiGroup: trainer.kubeflow.org or none.",
    source=source("pkg/webhooks/trainjob_webhook.go"),
    bad=both(JOB.replace("{kind: TrainingRuntime", "{kind: Runtime")),
    good=both(JOB),
)
def unsupported_runtime(subject: Subject) -> Iterator[Hit]:
    """The group stands without its version."""
    ref = wanted(subject.data)
    if reach(subject.data, *REF).__class__ is dict and Kind(ref.group, ref.kind) not in RUNTIMES:
        key = "kind" if ref.group == CLUSTER_RUNTIME.group else "apiGroup"
        yield hit(*REF, key, kind=ref.kind, group=ref.group)


@rule(
    id="KFT111",
    name="training-runtime-not-in-the-set",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.WEBHOOK,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no {kind} {name} in the given files, and without it the webhook refuses the job",
    fix="Check the files together with it, or mend the name{hint}.",
    source=CREATED,
    bad=JOB,
    good=both(JOB),
)
def training_runtime_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """It has to be there before the job is made: a TrainingRuntime in the job's namespace.

    Of ClusterTrainingRuntimes those are taken to be there which Trainer's manifests bring. Where no kind is written a
    ClusterTrainingRuntime is meant.
    """
    ref = wanted(subject.data)
    kind = Kind(ref.group, ref.kind)
    there = kind == CLUSTER_RUNTIME and ref.name in SHIPPED
    if ref.name and kind in RUNTIMES and not there and not candidates(subject):
        written = text(subject.data, *REF, "kind")
        hint = "" if written else "; no kind is written, which means ClusterTrainingRuntime"
        yield hit(*REF, "name", kind=ref.kind, name=ref.name, hint=hint)


@rule(
    id="KFT112",
    name="job-before-its-runtime",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the {kind} {name} stands behind this job, and the webhook refuses a job whose runtime isn't there yet",
    fix="Put the runtime in front of the job.",
    source=CREATED,
    bad=f"{JOB}---{RUNTIME}",
    good=both(JOB),
)
def job_before_its_runtime(subject: Subject) -> Iterator[Hit]:
    """Kubectl makes the objects of a file in their order, so the first apply fails and the second one works."""
    here = subject.document
    found = candidates(subject)
    behind = found and all(one.file == here.file and one.index > here.index for one in found)
    if behind and subject.index.before(here) is None and not any(subject.index.before(one) for one in found):
        yield hit(*REF, "name", kind=found[0].kind, name=found[0].name)


@rule(
    id="KFT113",
    name="job-of-a-deprecated-runtime",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the ClusterTrainingRuntime {name} is deprecated, as the webhook warns",
    fix="Use another runtime.",
    source=source("pkg/runtime/core/clustertrainingruntime.go"),
    bad=both(
        OF_CLUSTER, CLUSTERWIDE.replace("{name: digits}", f"{{name: digits, labels: {{{SUPPORT}: {DEPRECATED}}}}}")
    ),
    good=both(OF_CLUSTER, CLUSTERWIDE),
)
def job_of_a_deprecated_runtime(subject: Subject) -> Iterator[Hit]:
    """A later release of Trainer won't bring it any more, and then the job is refused."""
    found = runtime(subject)
    if found is None or not is_of(found.document, CLUSTER_RUNTIME):
        return
    if text(found.document.data, "metadata", "labels", SUPPORT) == DEPRECATED:
        yield hit(*REF, "name", name=found.document.name)


@rule(
    id="KFT114",
    name="initializer-without-its-job",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"initializer"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the job wants a {step}, and the runtime {runtime} has no {lacks}",
    fix="Name a runtime that has the replicated job {step} with a container of that name that mounts the volume "
    f"{VOLUME}.",
    source=plugin("jobset/jobset.go"),
    bad=both(WITH_DATA),
    good=both(WITH_DATA, _LOADS),
)
def initializer_without_its_job(subject: Subject) -> Iterator[Hit]:
    """The runtime brings the pods that download; it is their names that count, not their label."""
    found = runtime(subject)
    if found is None:
        return
    for step in INITIALIZERS:
        key = step.partition("-")[0]
        if reach(subject.data, "spec", "initializer", key).__class__ is dict:
            lacks = _lacks(found.parts.get(step), step)
            if lacks:
                values = {"step": step, "runtime": found.document.name, "lacks": lacks}
                yield Hit(("spec", "initializer", key), values, on_key=True)


def _lacks(part: Part | None, step: str) -> str:
    """What a runtime lacks for an initializer; empty where it has all."""
    if part is None:
        return "replicated job of that name"
    if step not in part.containers and step not in part.inits:
        return f"container {step} in its job {step}"
    return "" if VOLUME in part.containers.get(step, ()) else f"mount of the volume {VOLUME} in its container {step}"


@rule(
    id="KFT115",
    name="trainer-fields-without-effect",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"trainer"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="trainer.{field} goes nowhere: the runtime {runtime} has no job with the label of a trainer",
    fix="Give its job the label trainer.kubeflow.org/trainjob-ancestor-step: trainer, and its container the name node.",
    source=plugin("jobset/builder.go"),
    bad=both(
        JOB + "  trainer: {image: registry.example.com/train:2}\n", RUNTIME.replace("step: trainer", "step: train")
    ),
    good=both(JOB + "  trainer: {image: registry.example.com/train:2}\n"),
)
def trainer_fields_without_effect(subject: Subject) -> Iterator[Hit]:
    """Trainer finds the pods to change by the label, and trains with the runtime's own image where there is none."""
    found = runtime(subject)
    if found is None or any(part.does == TRAINER and NODE in part.containers for part in found.parts.values()):
        return
    for field in ("image", "command", "args"):
        if reach(subject.data, "spec", "trainer", field) is not None:
            yield hit("spec", "trainer", field, on_key=True, field=field, runtime=found.document.name)
