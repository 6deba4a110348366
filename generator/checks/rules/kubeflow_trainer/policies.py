"""What the plugins of a runtime's policies ask of a TrainJob."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_trainer.spec import (
    JOB,
    JOBS,
    NODE,
    POD,
    PRODUCT,
    RUNTIME,
    TRAIN_JOB,
    both,
    by,
    number,
    plugin,
    runtime,
)
from generator.checks.subject import mapping, reach, sequence, text
from generator.schemas.kinds import PRIORITY_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

RESERVED: Mapping[str, frozenset[str]] = {
    "torch": frozenset(("PET_NNODES", "PET_NPROC_PER_NODE", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT")),
    "xgboost": frozenset(("DMLC_TRACKER_URI", "DMLC_TRACKER_PORT", "DMLC_TASK_ID", "DMLC_NUM_WORKER")),
    "mpi": frozenset(
        (
            *("OMPI_MCA_orte_default_hostfile", "OMPI_MCA_plm_rsh_args"),
            *("OMPI_MCA_orte_keep_fqdn_hostnames", "OMPI_MCA_orte_set_default_slots"),
        )
    ),
}
"""The variables that a policy sets itself (pkg/constants/constants.go)."""

LAUNCHER = "launcher"
QUEUE = "scheduling.volcano.sh/queue-name"
SYSTEM = ("system-cluster-critical", "system-node-critical")
TORCH = by("{numNodes: 2, torch: {}}")
FLUX = by("{numNodes: 2, flux: {}}")
ON_TWO = JOB + "  trainer: {numNodes: 2}\n"
INSTALLER = "flux-installer"
_TARGETS = "{torch: {envInjection: {targets: [{jobName: node, containerNames: [metrics]}]}}}"
_SIDECAR = "train:1}, {name: metrics, image: registry.example.com/metrics:1}]"
VOLCANO = RUNTIME.replace("  template:\n    spec:\n", "  podGroupPolicy: {volcano: {}}\n  template:\n    spec:\n")
_ANNOTATED = VOLCANO.replace("  template:\n", f"  template:\n    metadata: {{annotations: {{{QUEUE}: %s}}}}\n", 1)
_PRIORITY = VOLCANO.replace("{spec: {containers", "{spec: {priorityClassName: training, containers")
_CLASS = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: training}\nvalue: 1000\n"


@rule(
    id="KFT130",
    name="reserved-variable",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"env"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{name} is set by Trainer itself, for a runtime with the policy {policy}",
    fix="Take it away; numNodes and numProcPerNode of the job say what goes into it.",
    source=plugin("torch/torch.go"),
    bad=both(JOB + "  trainer: {env: [{name: PET_NNODES, value: '2'}]}\n", TORCH),
    good=both(JOB + "  trainer: {env: [{name: SEED, value: '7'}]}\n", TORCH),
)
def reserved_variable(subject: Subject) -> Iterator[Hit]:
    """They are how the pods of a training find one another."""
    found = runtime(subject)
    if found is None:
        return
    for policy, names in RESERVED.items():
        if found.policy.get(policy) is None:
            continue
        for place, variable in enumerate(sequence(subject.data, "spec", "trainer", "env")):
            if text(variable, "name") in names:
                yield hit("spec", "trainer", "env", place, "name", name=text(variable, "name"), policy=policy)


@rule(
    id="KFT131",
    name="injection-target-not-there",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the runtime {runtime} injects variables into the container {container} of {job}, which it doesn't have",
    fix="Mend mlPolicy.torch.envInjection.targets of the runtime.",
    source=plugin("torch/torch.go"),
    bad=both(JOB, by(_TARGETS)),
    good=both(JOB, by(_TARGETS).replace("train:1}]", _SIDECAR)),
)
def injection_target_not_there(subject: Subject) -> Iterator[Hit]:
    """The runtime itself is taken, and then every TrainJob of it is refused."""
    found = runtime(subject)
    if found is None:
        return
    for target in sequence(found.policy, "torch", "envInjection", "targets"):
        job = text(target, "jobName") or ""
        part = found.parts.get(job)
        for container in sequence(target, "containerNames"):
            if part is None or (container not in part.containers and container not in part.inits):
                values = {"runtime": found.document.name, "container": container, "job": job}
                yield Hit(("spec", "runtimeRef", "name"), values)


@rule(
    id="KFT132",
    name="launcher-as-node-without-both",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"numNodes"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="{nodes} nodes need the replicated jobs launcher and node, and the runtime {runtime} has no {lacks}",
    fix="Write numNodes: 1, or name a runtime that has both.",
    source=plugin("mpi/mpi.go"),
    bad=both(JOB + "  trainer: {numNodes: 2}\n", by("{mpi: {runLauncherAsNode: true}}")),
    good=both(JOB + "  trainer: {numNodes: 1}\n", by("{mpi: {runLauncherAsNode: true}}")),
)
def launcher_as_node_without_both(subject: Subject) -> Iterator[Hit]:
    """With runLauncherAsNode the launcher is the first node, and the others are those of the job node."""
    found, nodes = runtime(subject), number(subject.data, "spec", "trainer", "numNodes") or 1
    if found is None or nodes < 2 or reach(found.policy, "mpi", "runLauncherAsNode") is not True:  # noqa: PLR2004
        return
    lacks = [name for name in (LAUNCHER, NODE) if name not in found.parts]
    if lacks:
        values = {"nodes": nodes, "runtime": found.document.name, "lacks": " and no ".join(lacks)}
        yield Hit(("spec", "trainer", "numNodes"), values)


@rule(
    id="KFT133",
    name="flux-without-processes",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"numProcPerNode"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="numProcPerNode is {processes}, and a node of Flux runs at least one process",
    fix="Write 1 or more, or leave it to the runtime.",
    source=plugin("flux/flux.go"),
    bad=both(JOB + "  trainer: {numNodes: 2, numProcPerNode: 0}\n", FLUX),
    good=both(JOB + "  trainer: {numNodes: 2, numProcPerNode: 1}\n", FLUX),
)
def flux_without_processes(subject: Subject) -> Iterator[Hit]:
    """Other policies take the number as it is."""
    found, processes = runtime(subject), number(subject.data, "spec", "trainer", "numProcPerNode")
    if found and found.policy.get("flux") is not None and processes is not None and processes < 1:
        yield hit("spec", "trainer", "numProcPerNode", processes=processes)


@rule(
    id="KFT134",
    name="flux-installer-taken",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message=f"the runtime {{runtime}} has an init container {INSTALLER}, a name that Trainer's own has",
    fix="Give it another name in the runtime.",
    source=plugin("flux/flux.go"),
    bad=both(ON_TWO, FLUX.replace("{containers", f"{{initContainers: [{{name: {INSTALLER}, image: f:1}}], containers")),
    good=both(ON_TWO, FLUX),
)
def flux_installer_taken(subject: Subject) -> Iterator[Hit]:
    """Trainer adds an init container of that name to the pods of the job node."""
    found = runtime(subject)
    node = found.parts.get(NODE) if found else None
    if found and node and found.policy.get("flux") is not None and INSTALLER in node.inits:
        yield hit("spec", "runtimeRef", "name", runtime=found.document.name)


@rule(
    id="KFT135",
    name="empty-volcano-queue",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message=f"the annotation {QUEUE} of the template of {{runtime}} is empty",
    fix="Name a queue, or take the annotation away.",
    source=plugin("volcano/volcano.go"),
    bad=both(JOB, _ANNOTATED % '""'),
    good=both(JOB, _ANNOTATED % "training"),
)
def empty_volcano_queue(subject: Subject) -> Iterator[Hit]:
    """Volcano's own default queue is meant by no annotation, not by an empty one. A patch of the job may set it too."""
    found = runtime(subject)
    if found is None or reach(found.document.data, "spec", "podGroupPolicy", "volcano") is None:
        return
    place: Path = ("spec", "runtimeRef", "name")
    queue = reach(found.document.data, *_ANNOTATIONS, QUEUE)
    for index, patch in enumerate(sequence(subject.data, "spec", "runtimePatches")):
        own = reach(patch, "trainingRuntimeSpec", *_ANNOTATIONS[1:], QUEUE)
        if own is not None:
            place, queue = ("spec", "runtimePatches", index), own
    if queue == "":
        yield hit(*place, runtime=found.document.name)


_ANNOTATIONS = ("spec", "template", "metadata", "annotations")


@rule(
    id="KFT136",
    name="priority-class-not-in-the-set",
    product=PRODUCT,
    kinds=(TRAIN_JOB,),
    when=frozenset({"runtimeRef"}),
    stage=Stage.WEBHOOK,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no PriorityClass {name} in the given files, which the runtime {runtime} names",
    fix="Check the files together with it, or mend the name.",
    source=plugin("volcano/volcano.go"),
    bad=both(JOB, _PRIORITY),
    good=f"{_CLASS}---{both(JOB, _PRIORITY)}",
)
def priority_class_not_in_the_set(subject: Subject) -> Iterator[Hit]:
    """For a runtime that is scheduled by Volcano the webhook looks whether it is there, and refuses the job if not."""
    found = runtime(subject)
    if found is None or reach(found.document.data, "spec", "podGroupPolicy", "volcano") is None:
        return
    known = {one.name for one in subject.index.by_kind.get(PRIORITY_CLASS, ())}
    for job in sequence(found.document.data, *JOBS):
        name = text(mapping(job, *POD), "priorityClassName")
        if name in SYSTEM:
            return  # the webhook looks no further
        if name and name not in known:
            yield hit("spec", "runtimeRef", "name", name=name, runtime=found.document.name)
