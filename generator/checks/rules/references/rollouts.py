"""Rollouts of Argo that take the pods' template of a workload that isn't there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.children import called
from generator.checks.finding import Severity
from generator.checks.rule import Hit, Stage, rule
from generator.checks.rules.argo_rollouts.workload_ref import GOOD, RESOLVER
from generator.checks.rules.kubernetes.examples import DEPLOYMENT
from generator.checks.rules.references.workloads import LENDING, by_name, lender
from generator.schemas.kinds import ROLLOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject


@rule(
    id="REF052",
    name="rollout-of-nothing",
    product=None,
    kinds=(ROLLOUT,),
    when=frozenset({"workloadRef"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no {kind} {name} in the given files, nor an object that makes one",
    fix="Check the Rollout together with the {kind}, or mend the name.",
    source=RESOLVER,
    bad=GOOD,
    good=f"{DEPLOYMENT}---{GOOD}",
)
def rollout_of_nothing(subject: Subject) -> Iterator[Hit]:
    """Without the workload whose template it takes a Rollout is invalid, and makes no pods.

    It may be in the cluster already, so this is a note, unless the given files are all there is (--complete).
    """
    wanted = lender(subject.data)
    if wanted is None or wanted.kind not in LENDING or not wanted.name:
        return
    where = (wanted.kind, wanted.name, subject.document.namespace)
    if not by_name(subject.index, *where) and not any(True for _ in called(subject.index, subject.beside, *where)):
        yield Hit(wanted.path, {"kind": wanted.kind.kind, "name": wanted.name})
