"""``numNodes`` of a TrainJob: numbers that are taken, and with which nothing trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_trainer.spec import (
    JOB,
    PRODUCT,
    TRAIN_JOB,
    both,
    by,
    number,
    plugin,
    runtime,
    wanted,
)
from generator.checks.subject import reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

NODES = ("spec", "trainer", "numNodes")
LAUNCHED = ("deepspeed-distributed", "mlx-distributed")
"""The runtimes of the manifests whose launcher is a node, so that there is always one."""
TWO = both(JOB + "  trainer: {numNodes: 2}\n")
FLUX = both(JOB + "  trainer: {numNodes: 2}\n", by("{flux: {}}"))


@rule(
    id="KFT116",
    name="training-on-no-nodes",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"numNodes"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="numNodes is {nodes}: {effect}",
    fix="Write 1 or more; to wait there is suspend: true.",
    source=plugin("jobset/jobset.go"),
    bad=TWO.replace("trainer: {numNodes: 2}", "trainer: {numNodes: 0}"),
    good=TWO,
)
def training_on_no_nodes(subject: Subject) -> Iterator[Hit]:
    """Nobody looks at the number: it becomes parallelism and completions of the Job that trains.

    With 0 that Job is done as soon as it is made, and the TrainJob counts as complete.
    """
    nodes, found = number(subject.data, *NODES), runtime(subject)
    launched = wanted(subject.data).name in LAUNCHED
    if found is not None:
        launched = reach(found.policy, "mpi", "runLauncherAsNode") is True
    if nodes is not None and nodes < 1 and not launched:
        effect = "the job is complete at once, and nothing was trained" if nodes == 0 else "its Job can't be made"
        yield hit(*NODES, nodes=nodes, effect=effect)


@rule(
    id="KFT117",
    name="flux-without-nodes",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the runtime {runtime} has the policy flux, and Trainer breaks off on a job of it without trainer.numNodes",
    fix="Write trainer.numNodes; that of the runtime doesn't count here.",
    source=plugin("flux/flux.go"),
    bad=both(JOB, by("{numNodes: 2, flux: {}}")),
    good=FLUX,
)
def flux_without_nodes(subject: Subject) -> Iterator[Hit]:
    """The plugin follows the pointer unasked, so that the TrainJob is tried again and again and gets no pods."""
    found = runtime(subject)
    if found and found.policy.get("flux") is not None and reach(subject.data, *NODES) is None:
        yield hit("spec", "trainer", runtime=found.document.name)
