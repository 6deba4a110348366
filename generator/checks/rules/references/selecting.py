"""Selectors that meet no pods, or others' pods; autoscalers of nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.checks.children import called, named_after
from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, hit, rule
from generator.checks.rules.kubernetes.autoscalers import BUDGET_EXAMPLE, EXAMPLE
from generator.checks.rules.kubernetes.examples import DEPLOYMENT, SERVICE
from generator.checks.rules.references.routes import current_name
from generator.checks.rules.references.selectors import Selector
from generator.checks.rules.references.workloads import KEPT, by_name, selected, target, whose
from generator.checks.subject import kind_of, mapping, may_be_in
from generator.schemas.kinds import AUTOSCALER, BUDGET, NETWORK_POLICY, SCALED_OBJECT
from generator.schemas.kinds import SERVICE as SERVICE_KIND
from generator.schemas.products import owned_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.rules.references.workloads import Workload
    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path

_MAKERS = frozenset().union(*(owned_groups(name) for name in ("kserve", "seldon-core-1", "seldon-core-2"))) | {
    "serving.knative.dev",
    "argoproj.io",
    "trainer.kubeflow.org",
    "kubeflow.org",
}
"""The groups of kinds that stand for pods whose labels nobody here knows to the last."""
_HASHED = re.compile(r"seldon-[0-9a-f]{32}")
"""How Seldon Core 1 calls what would have too long a name."""
_SOURCE = Source("kubernetes/kubernetes", "v1.34.0", "staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go")
_EVICTION = Source("kubernetes/kubernetes", "v1.34.0", "pkg/registry/core/pod/storage/eviction.go")
_SERVING = """---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storageUri: https://example.com/digits/1/model.joblib}
"""


@rule(
    id="REF040",
    name="scaler-of-nothing",
    product=None,
    kinds=(AUTOSCALER, SCALED_OBJECT),
    when=frozenset({"scaleTargetRef"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no {kind} {name} in the given files, nor an object that makes one",
    fix="Check the autoscaler together with what it scales, or mend the name.",
    source=Source("kubernetes/kubernetes", "v1.34.0", "pkg/controller/podautoscaler/horizontal.go"),
    bad=EXAMPLE,
    good=f"{DEPLOYMENT}          resources: {{requests: {{cpu: 500m}}}}\n---{EXAMPLE}",
)
def scaler_of_nothing(subject: Subject) -> Iterator[Hit]:
    """The autoscaler says FailedGetScale, and nothing is scaled.

    What it scales may be in the cluster already, so this is a note, unless the given files are all there is
    (--complete).
    """
    scaled = target(kind_of(subject.document), subject.data)
    if scaled is None or _HASHED.fullmatch(scaled.name):
        return
    namespace = subject.document.namespace
    there = by_name(subject.index, scaled.kind, scaled.name, namespace)
    made = any(True for _ in called(subject.index, subject.beside, scaled.kind, scaled.name, namespace))
    if not there and not made and not current_name(subject, scaled.name):
        yield Hit(scaled.path, {"kind": scaled.kind.kind, "name": scaled.name})


@rule(
    id="REF041",
    name="selector-beside-the-pods",
    product=None,
    kinds=(SERVICE_KIND, BUDGET, NETWORK_POLICY),
    when=frozenset({"selector", "podSelector"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="this selects no pod: those of {workload} have {key}: {value}",
    fix="Write {key}: {value}.",
    source=_SOURCE,
    bad=SERVICE.replace("{app: digits}", "{app: digits-predictor}") + _SERVING,
    good=SERVICE.replace("{app: digits}", "{app: isvc.digits-predictor}") + _SERVING,
)
def selector_beside_the_pods(subject: Subject) -> Iterator[Hit]:
    """Controllers label pods in a manner of their own: KServe's have app: isvc.<Deployment>, not the Deployment's name.

    A Service that selects nothing has no endpoints, a PodDisruptionBudget protects nobody, and a NetworkPolicy lets
    all through.
    """
    path, selector = _selector(subject)
    if not selector.labels or next(selected(subject, selector, subject.document.namespace), None):
        return
    for key, wanted in selector.labels.items():
        if not isinstance(wanted, str):
            continue
        for made in named_after(subject.index, subject.beside, wanted, subject.document.namespace):
            labels = mapping(made.child.data, "spec", "template", "metadata", "labels")
            if made.child.kind in KEPT and made.child.name == wanted and key in labels and labels[key] != wanted:
                yield Hit((*path, key), {"workload": whose(made), "key": key, "value": labels[key]})
                return


def _selector(subject: Subject) -> tuple[Path, Selector]:
    """A selector, and where its labels stand."""
    if kind_of(subject.document) == SERVICE_KIND:
        return ("spec", "selector"), Selector(mapping(subject.data, "spec", "selector"))
    field = "podSelector" if kind_of(subject.document) == NETWORK_POLICY else "selector"
    return ("spec", field, "matchLabels"), Selector.of(mapping(subject.data, "spec", field))


@rule(
    id="REF042",
    name="pods-of-two-budgets",
    product=None,
    kinds=(BUDGET,),
    when=frozenset({"selector"}),
    stage=Stage.LATER,
    severity=Severity.WARNING,
    message="{other} is for the pods of {workload} as well: no node with one of them can be drained",
    fix="Keep one budget for these pods.",
    source=_EVICTION,
    bad=f"{DEPLOYMENT}---{BUDGET_EXAMPLE}---{BUDGET_EXAMPLE.replace('name: digits', 'name: other', 1)}",
    good=f"{DEPLOYMENT}---{BUDGET_EXAMPLE}",
)
def pods_of_two_budgets(subject: Subject) -> Iterator[Hit]:
    """An eviction asks the pod's budget, and where there are two it fails: kubectl drain waits for ever.

    Seldon Core 1 makes budgets of pdbSpec, which nobody sees in the files.
    """
    document = subject.document
    _, selector = _selector(subject)
    if not selector.labels:
        return
    for workload in selected(subject, selector, document.namespace):
        for other in _budgets(subject, workload):
            yield hit("spec", "selector", other=other, workload=f"the {workload.kind.kind} {workload.name}")
            return


def _budgets(subject: Subject, workload: Workload) -> Iterator[str]:
    """The other budgets for a workload's pods, of the files and of what is made of them."""
    document = subject.document
    every = subject.index.derive(_protecting)
    for one in (one for label in workload.labels.items() for one in every.get(label, ())):
        same = (one.name, one.namespace) == (document.name, document.namespace)
        near = may_be_in((one.namespace,), document.namespace)
        if not same and near and _meant(one.data, workload):
            yield f"the PodDisruptionBudget {one.name}"
    if workload.made:
        for made in named_after(subject.index, subject.beside, workload.name, document.namespace):
            child = made.child
            stands = by_name(subject.index, BUDGET, child.name, child.namespace)  # told above, or the asking one itself
            if child.kind == BUDGET and not stands and _meant(child.data, workload):
                yield whose(made)


def _protecting(index: Index) -> Mapping[tuple[str, object], list[Document]]:
    """The budgets of the set, by the first of their labels."""
    found: dict[tuple[str, object], list[Document]] = {}
    for one in index.by_kind.get(BUDGET, ()):
        for label in list(mapping(one.data, "spec", "selector", "matchLabels").items())[:1]:
            if isinstance(label[1], str):
                found.setdefault(label, []).append(one)
    return found


def _meant(budget: object, workload: Workload) -> bool:
    selector = Selector.of(mapping(budget, "spec", "selector"))
    return bool(selector.labels) and selector.matches(workload.labels)


@rule(
    id="REF044",
    name="selector-of-nothing",
    product=None,
    kinds=(SERVICE_KIND, BUDGET),
    when=frozenset({"selector"}),
    stage=Stage.LATER,
    severity=Severity.NOTE,
    complete=Severity.WARNING,
    message="no pods in the given files have {labels}",
    fix="Check it together with the workload, or mend the labels.",
    source=_SOURCE,
    bad=SERVICE,
    good=f"{DEPLOYMENT}---{SERVICE}",
)
def selector_of_nothing(subject: Subject) -> Iterator[Hit]:
    """A Service without pods has no endpoints; a budget without pods protects nobody.

    The pods may be of something in the cluster, so this is a note, unless the given files are all there is
    (--complete). Where the set has objects of which a controller makes pods, their labels may come from anywhere, and
    nothing is said.
    """
    path, selector = _selector(subject)
    if not selector.labels or subject.index.derive(_has_makers):
        return
    if not next(selected(subject, selector, subject.document.namespace), None):
        yield Hit(path[:2], {"labels": ", ".join(f"{key}: {value}" for key, value in selector.labels.items())})


def _has_makers(index: Index) -> bool:
    """Whether something in the set is of a kind of which controllers make pods."""
    return any(kind.group in _MAKERS and index.by_kind.get(kind) for kind in index.by_kind)
