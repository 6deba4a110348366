"""What the webhooks ask of a runtime: its replicated jobs and their containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_trainer.spec import (
    ANCESTOR,
    CLUSTER_RUNTIME,
    CLUSTERWIDE,
    CONTAINERS,
    DEPRECATED,
    JOBS,
    POD,
    PRODUCT,
    RUNTIME,
    RUNTIMES,
    SUPPORT,
    TRAINING_RUNTIME,
    is_of,
    number,
    source,
)
from generator.checks.subject import sequence, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

WEBHOOK = source("pkg/webhooks/trainingruntime_webhook.go")
OLD = CLUSTERWIDE.replace("{name: digits}", f"{{name: digits, labels: {{{SUPPORT}: %s}}}}")


def asked(subject: Subject) -> Iterator[tuple[int, object, str]]:
    """The replicated jobs that the webhook looks at: number, job, what it does.

    It doesn't look at the change of a TrainingRuntime, as it does at that of a ClusterTrainingRuntime.
    """
    if is_of(subject.document, TRAINING_RUNTIME) and subject.index.before(subject.document) is not None:
        return
    for place, job in enumerate(sequence(subject.data, *JOBS)):
        does = text(job, "template", "metadata", "labels", ANCESTOR)
        if does is not None and does in CONTAINERS:
            yield place, job, does


@rule(
    id="KFT101",
    name="replicated-job-more-than-once",
    product=PRODUCT,
    kinds=RUNTIMES,
    when=frozenset({ANCESTOR}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="replicas is {replicas}, and of the job that is the {does} there is one",
    fix="Leave replicas out; how many pods there are says mlPolicy.numNodes, or numNodes of the TrainJob.",
    source=WEBHOOK,
    bad=RUNTIME.replace("- name: node\n", "- name: node\n          replicas: 2\n"),
    good=RUNTIME,
)
def replicated_job_more_than_once(subject: Subject) -> Iterator[Hit]:
    """The pods of a training are the parallel pods of one Job, not Jobs."""
    for place, job, does in asked(subject):
        replicas = number(job, "replicas")
        if replicas not in (None, 1):
            yield hit(*JOBS, place, "replicas", replicas=replicas, does=does)


@rule(
    id="KFT102",
    name="replicated-job-without-its-container",
    product=PRODUCT,
    kinds=RUNTIMES,
    when=frozenset({ANCESTOR}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the job that is the {does} has no container named {container}",
    fix="Name the container {container}.",
    source=WEBHOOK,
    bad=CLUSTERWIDE.replace("[{name: node", "[{name: trainer"),
    good=CLUSTERWIDE,
)
def replicated_job_without_its_container(subject: Subject) -> Iterator[Hit]:
    """What a TrainJob says of image, command and variables goes into the container of that name."""
    for place, job, does in asked(subject):
        found = sequence(job, *POD, "containers")
        if CONTAINERS[does] not in [text(container, "name") for container in found]:
            where = (*JOBS, place, *POD, "containers", *((0, "name") if len(found) == 1 else ()))
            yield hit(*where, does=does, container=CONTAINERS[does])


@rule(
    id="KFT103",
    name="runtime-marked-deprecated",
    product=PRODUCT,
    kinds=(CLUSTER_RUNTIME,),
    when=frozenset({SUPPORT}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    message="the runtime is marked as deprecated",
    fix="Use another in new TrainJobs; the webhook warns at each of this one's.",
    source=source("pkg/webhooks/clustertrainingruntime_webhook.go"),
    bad=OLD % DEPRECATED,
    good=OLD % "stable",
)
def runtime_marked_deprecated(subject: Subject) -> Iterator[Hit]:
    """So it is meant; but a later release of Trainer won't bring it any more."""
    if text(subject.data, "metadata", "labels", SUPPORT) == DEPRECATED:
        yield hit("metadata", "labels", SUPPORT)
