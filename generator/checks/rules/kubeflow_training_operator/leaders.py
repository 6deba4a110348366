"""What the webhooks of single kinds ask: one chief, one master, workers for an elastic job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_training_operator.spec import (
    PRODUCT,
    PYTORCH,
    PYTORCH_JOB,
    TF,
    TF_JOB,
    WEBHOOK,
    XGBOOST,
    XGBOOST_JOB,
    each,
    example,
    role,
    source,
)
from generator.checks.subject import integer, mapping, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

MASTER, WORKER = "Master", "Worker"
LEADERS = ("Chief", MASTER)
PYTORCH_WEBHOOK = source("pkg/webhooks/pytorch/pytorchjob_webhook.go")
XGBOOST_WEBHOOK = source("pkg/webhooks/xgboost/xgboostjob_webhook.go")
LED = example(PYTORCH_JOB, MASTER)
ELASTIC = PYTORCH + "  elasticPolicy: {minReplicas: 1, maxReplicas: 2}\n"


@rule(
    id="KFT007",
    name="chief-and-master",
    product=PRODUCT,
    kinds=(TF_JOB,),
    when=frozenset(LEADERS),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the job has a Chief and a Master, which are the same role",
    fix="Keep one of them.",
    source=WEBHOOK,
    bad=TF + role("Chief", TF_JOB) + role(MASTER, TF_JOB),
    good=TF + role("Chief", TF_JOB),
)
def chief_and_master(subject: Subject) -> Iterator[Hit]:
    """Master is the older name of Chief; TensorFlow knows one leader."""
    found = [replica for replica in each(subject) if replica.role in LEADERS]
    if len(found) > 1:
        yield Hit(found[1].path, on_key=True)


@rule(
    id="KFT008",
    name="master-replicas-not-one",
    product=PRODUCT,
    kinds=(PYTORCH_JOB, XGBOOST_JOB),
    when=frozenset({MASTER}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the Master has {replicas}, and the webhook wants it to say 1",
    fix="Write replicas: 1.",
    source=PYTORCH_WEBHOOK,
    bad=LED.replace("      replicas: 1\n", ""),
    good=LED,
)
def master_replicas_not_one(subject: Subject) -> Iterator[Hit]:
    """The number has to stand there: the operator's default of 1 comes after its webhook."""
    for replica in each(subject):
        number = replica.spec.get("replicas")
        if replica.role == MASTER and (number is None or integer(number) not in (None, 1)):
            told = "no replicas" if number is None else f"replicas: {number}"
            yield Hit((*replica.path, "replicas"), {"replicas": told}, on_key=number is None)


@rule(
    id="KFT009",
    name="pytorch-role-without-replicas",
    product=PRODUCT,
    kinds=(PYTORCH_JOB,),
    when=frozenset({"replicas"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="the role {role} has {replicas} replicas, and the webhook wants at least 1",
    fix="Write 1 or more, or leave the role out.",
    source=PYTORCH_WEBHOOK,
    bad=LED + role(WORKER, PYTORCH_JOB, "replicas: 0"),
    good=LED + role(WORKER, PYTORCH_JOB),
)
def pytorch_role_without_replicas(subject: Subject) -> Iterator[Hit]:
    """A job of another kind may have a role of none; for a pause there is runPolicy.suspend."""
    for replica in each(subject):
        number = integer(replica.spec, "replicas")
        if replica.role != MASTER and number is not None and number < 1:
            yield Hit((*replica.path, "replicas"), {"role": replica.role, "replicas": number})


@rule(
    id="KFT010",
    name="xgboost-without-master",
    product=PRODUCT,
    kinds=(XGBOOST_JOB,),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="an XGBoostJob needs the role Master",
    fix="Add one with replicas: 1; it trains as the workers do, and leads them.",
    source=XGBOOST_WEBHOOK,
    bad=example(XGBOOST_JOB, WORKER),
    good=XGBOOST,
)
def xgboost_without_master(subject: Subject) -> Iterator[Hit]:
    """The Master is the tracker that the workers meet at."""
    specs = reach(subject.data, "spec", "xgbReplicaSpecs")
    if specs.__class__ is dict and mapping(specs).get(MASTER) is None:
        yield hit("spec", "xgbReplicaSpecs", on_key=True)


@rule(
    id="KFT011",
    name="elastic-without-workers",
    product=PRODUCT,
    kinds=(PYTORCH_JOB,),
    when=frozenset({"elasticPolicy"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="an elastic job needs the role Worker, which this one doesn't have",
    fix="Add the role, or take elasticPolicy away.",
    source=PYTORCH_WEBHOOK,
    bad=ELASTIC.replace("Worker:", "Master:"),
    good=ELASTIC,
)
def elastic_without_workers(subject: Subject) -> Iterator[Hit]:
    """It is the workers whose number changes."""
    spec = mapping(subject.data, "spec")
    worker = reach(spec, "pytorchReplicaSpecs", WORKER)
    if reach(spec, "elasticPolicy").__class__ is dict and worker is None:
        yield hit("spec", "elasticPolicy", on_key=True)


@rule(
    id="KFT012",
    name="processes-per-node-twice",
    product=PRODUCT,
    kinds=(PYTORCH_JOB,),
    when=frozenset({"nProcPerNode"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="elasticPolicy.nProcPerNode and spec.nprocPerNode both say how many processes a node has",
    fix="Keep spec.nprocPerNode.",
    source=PYTORCH_WEBHOOK,
    bad=ELASTIC.replace("maxReplicas: 2", "nProcPerNode: 2") + '  nprocPerNode: "2"\n',
    good=ELASTIC + '  nprocPerNode: "2"\n',
)
def processes_per_node_twice(subject: Subject) -> Iterator[Hit]:
    """The one in elasticPolicy is the older; the webhook takes only one of them."""
    if _old_count(subject) and reach(subject.data, "spec", "nprocPerNode") is not None:
        yield hit("spec", "elasticPolicy", "nProcPerNode", on_key=True)


@rule(
    id="KFT013",
    name="processes-per-node-in-elastic-policy",
    product=PRODUCT,
    kinds=(PYTORCH_JOB,),
    when=frozenset({"nProcPerNode"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="elasticPolicy.nProcPerNode is deprecated, as the webhook warns",
    fix="Write spec.nprocPerNode instead; its value is a string.",
    source=PYTORCH_WEBHOOK,
    bad=ELASTIC.replace("maxReplicas: 2", "nProcPerNode: 2"),
    good=ELASTIC + '  nprocPerNode: "2"\n',
)
def processes_per_node_in_elastic_policy(subject: Subject) -> Iterator[Hit]:
    """It still works, and kubectl prints the webhook's warning at each apply."""
    if _old_count(subject) and reach(subject.data, "spec", "nprocPerNode") is None:
        yield hit("spec", "elasticPolicy", "nProcPerNode", on_key=True)


def _old_count(subject: Subject) -> bool:
    return reach(subject.data, "spec", "elasticPolicy", "nProcPerNode") is not None
