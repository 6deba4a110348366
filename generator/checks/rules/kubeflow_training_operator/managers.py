"""``runPolicy.managedBy``: who runs the job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, hit, rule
from generator.checks.rules.kubeflow_training_operator.spec import (
    JAX,
    JAX_JOB,
    JOBS,
    PRODUCT,
    PYTORCH_JOB,
    TF,
    XGBOOST,
    source,
)
from generator.checks.subject import mapping, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path

PLACE: Path = ("spec", "runPolicy", "managedBy")
OPERATOR, KUEUE = "kubeflow.org/training-operator", "kueue.x-k8s.io/multikueue"
POLICY = source("pkg/common/util/webhooks.go")
BY = "  runPolicy: {managedBy: %s}\n"
ASKED = tuple(kind for kind in JOBS if kind != JAX_JOB)
KEPT = tuple(kind for kind in ASKED if kind != PYTORCH_JOB)
"""The webhook of PyTorchJob compares the new job with itself, so that it sees no change."""


@rule(
    id="KFT014",
    name="unknown-job-manager",
    product=PRODUCT,
    kinds=ASKED,
    when=frozenset({"managedBy"}),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="'{manager}' manages no training jobs",
    fix=f"Write {OPERATOR} or {KUEUE}, or leave managedBy out.",
    source=POLICY,
    bad=TF + BY % "kueue.x-k8s.io/kueue",
    good=TF + BY % KUEUE,
)
def unknown_job_manager(subject: Subject) -> Iterator[Hit]:
    """The field is for MultiKueue, which runs the job in another cluster. An empty text is no manager either."""
    manager = reach(subject.data, *PLACE)
    if isinstance(manager, str) and manager not in (OPERATOR, KUEUE):
        yield hit(*PLACE, manager=manager)


@rule(
    id="KFT015",
    name="job-manager-changed",
    product=PRODUCT,
    kinds=KEPT,
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="managedBy was {old} and is {new}; the webhook refuses to change it",
    fix="Keep it, or delete the job and make it anew.",
    source=POLICY,
    before=XGBOOST,
    bad=XGBOOST + BY % OPERATOR,
    good=XGBOOST,
)
def job_manager_changed(subject: Subject) -> Iterator[Hit]:
    """Who runs a job is settled when it is made. Nothing and the operator's own name are two values here."""
    before = subject.index.before(subject.document)
    if before is None or mapping(subject.data, "metadata").get("deletionTimestamp") is not None:
        return
    old, new = (reach(data, *PLACE) for data in (before.data, subject.data))
    if old != new:
        yield hit(*PLACE, old=_told(old), new=_told(new))


def _told(manager: object) -> str:
    return "not set" if manager is None else f"'{manager}'"


@rule(
    id="KFT020",
    name="jax-job-manager-ignored",
    product=PRODUCT,
    kinds=(JAX_JOB,),
    when=frozenset({"managedBy"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the operator runs a JAXJob whatever managedBy says, here '{manager}'",
    fix="Leave managedBy out, and keep the job in the cluster that is to run it.",
    source=source("pkg/controller.v1/jax/jaxjob_controller.go"),
    bad=JAX + BY % KUEUE,
    good=JAX + BY % OPERATOR,
)
def jax_job_manager_ignored(subject: Subject) -> Iterator[Hit]:
    """The other kinds leave a job of MultiKueue's alone. The controller of JAXJob doesn't ask, nor does its webhook.

    So the job runs here as well as where MultiKueue sends it.
    """
    manager = reach(subject.data, *PLACE)
    if isinstance(manager, str) and manager != OPERATOR:
        yield hit(*PLACE, manager=manager)
