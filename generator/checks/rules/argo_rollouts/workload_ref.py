"""Rollouts that take the pods' template of another workload, and can't, or don't do with it what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.references.workloads import LENDING, LOWERING, lender
from generator.checks.subject import mapping, text
from generator.schemas.kinds import ROLLOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject

VALIDATION = Source("argoproj/argo-rollouts", "v1.9.1", "pkg/apis/rollouts/validation/validation.go")
RESOLVER = Source("argoproj/argo-rollouts", "v1.9.1", "rollout/templateref.go")
SCALING = Source("argoproj/argo-rollouts", "v1.9.1", "rollout/sync.go")
GOOD = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: digits}
spec:
  selector: {matchLabels: {app: digits}}
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: digits, scaleDown: onsuccess}
  strategy: {canary: {}}
"""


@rule(
    id="K8S162",
    name="workload-ref-beside-a-template",
    product="argo-rollouts",
    kinds=(ROLLOUT,),
    when=frozenset({"workloadRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the Rollout is invalid: workloadRef takes the template of the {kind} {name}, and here is another",
    fix="Remove spec.template, or workloadRef.",
    source=VALIDATION,
    bad=GOOD
    + "  template: {metadata: {labels: {app: digits}}, spec: {containers: [{name: a, image: models/server:1.0}]}}\n",
    good=GOOD,
)
def workload_ref_beside_a_template(subject: Subject) -> Iterator[Hit]:
    """The API server takes it; the controller says InvalidSpec in the status, and makes no pods.

    It looks at labels and annotations of the template; one that has neither is passed over for the other's.
    """
    wanted = lender(subject.data)
    metadata = mapping(subject.data, "spec", "template", "metadata")
    if wanted and wanted.kind in LENDING and (mapping(metadata, "labels") or mapping(metadata, "annotations")):
        yield hit("spec", "template", on_key=True, kind=wanted.kind.kind, name=wanted.name)


@rule(
    id="K8S163",
    name="workload-ref-to-a-kind-without",
    product="argo-rollouts",
    kinds=(ROLLOUT,),
    when=frozenset({"workloadRef"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="the Rollout is invalid: workloadRef can't name the kind {kind} of apiVersion {version}",
    fix="Name a Deployment or ReplicaSet of apps/v1, or a PodTemplate of v1.",
    source=RESOLVER,
    bad=GOOD.replace("kind: Deployment", "kind: StatefulSet"),
    good=GOOD,
)
def workload_ref_to_a_kind_without(subject: Subject) -> Iterator[Hit]:
    """The controller knows where three kinds have their template; without apiVersion a Deployment is none of them.

    The API server takes all; the status says InvalidSpec, and there are no pods.
    """
    wanted = lender(subject.data)
    if wanted and wanted.kind not in LENDING:
        version = text(subject.data, "spec", "workloadRef", "apiVersion") or "''"
        yield hit("spec", "workloadRef", on_key=True, kind=wanted.kind.kind or "''", version=version)


@rule(
    id="K8S164",
    name="scale-down-by-a-word-of-its-own",
    product="argo-rollouts",
    kinds=(ROLLOUT,),
    when=frozenset({"scaleDown"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="nobody reads scaleDown: {value}, so the Deployment is never scaled down",
    fix="Write {meant}.",
    source=SCALING,
    bad=GOOD.replace("onsuccess", "onSuccess"),
    good=GOOD,
)
def scale_down_by_a_word_of_its_own(subject: Subject) -> Iterator[Hit]:
    """The controller looks for onsuccess and progressively, in these letters; the CRD takes all, and the rest is never.

    The old pods stay beside the Rollout's, and a Service sends requests to both.
    """
    value = text(subject.data, "spec", "workloadRef", "scaleDown")
    if value and value not in LOWERING and value.lower() != "never":
        meant = value.lower() if value.lower() in LOWERING else "onsuccess, progressively or never"
        yield hit("spec", "workloadRef", "scaleDown", value=value, meant=meant)
