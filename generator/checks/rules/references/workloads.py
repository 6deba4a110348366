"""Workloads and their pods, as the set has them: those of its files, and those that controllers make of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.children import called, named_after
from generator.checks.subject import integer, mapping, may_be_in, reach, sequence, text
from generator.reading.kind import Kind
from generator.schemas.kinds import (
    AUTOSCALER,
    DAEMON_SET,
    DEPLOYMENT,
    JOB,
    POD,
    POD_TEMPLATE,
    REPLICA_SET,
    ROLLOUT,
    SCALED_OBJECT,
    STATEFUL_SET,
)
from generator.schemas.products import PRODUCTS, owned_groups, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.children import Made
    from generator.checks.rules.references.selectors import Selector
    from generator.checks.subject import Index, Subject
    from generator.reading.documents import Document, Path


KEPT = (DEPLOYMENT, STATEFUL_SET, REPLICA_SET, DAEMON_SET, ROLLOUT)
"""Kinds that keep pods running."""
_TEMPLATES: Mapping[Kind, Path] = {POD: (), **dict.fromkeys((*KEPT, JOB), ("spec", "template"))}
LENDING: Mapping[Kind, Path] = {
    **dict.fromkeys((DEPLOYMENT, REPLICA_SET), ("spec", "template")),
    POD_TEMPLATE: ("template",),
}
"""Whose template a Rollout can take for its own (argoproj/argo-rollouts v1.9.1, rollout/templateref.go)."""
LOWERING = ("onsuccess", "progressively")
"""What ``workloadRef.scaleDown`` says where Argo Rollouts takes that Deployment down to 0 (rollout/scale_utils.go)."""


class Workload(NamedTuple):
    """Something that has pods.

    Attributes:
        kind: Its kind.
        name: Its name.
        namespace: Its namespace; empty where the set leaves it open.
        data: The object.
        document: The document that it is, or that it is made of.
        made: The child that it is; None for what stands in the files itself.
    """

    kind: Kind
    name: str
    namespace: str
    data: Mapping[str, Any]
    document: Document
    made: Made | None = None

    @property
    def template(self) -> Path:
        """Where its pods' template stands."""
        return _TEMPLATES.get(self.kind, ())

    @property
    def labels(self) -> Mapping[str, Any]:
        """The labels of its pods."""
        return mapping(self.data, *self.template, "metadata", "labels")

    @property
    def pod(self) -> Mapping[str, Any]:
        """What its pods are."""
        return mapping(self.data, *self.template, "spec")

    @property
    def containers(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """The containers that run while the pod does, each with its place: sidecars among the init containers too."""
        for name in ("containers", "initContainers"):
            for number, one in enumerate(sequence(self.pod, name)):
                if isinstance(one, dict) and (name == "containers" or one.get("restartPolicy") == "Always"):
                    yield (*self.template, "spec", name, number), one

    @property
    def replicas(self) -> int:
        """How many pods it asks for; 1 where it doesn't say."""
        found = integer(self.data, "spec", "replicas")
        return 1 if found is None else found

    def __str__(self) -> str:
        """As a message names it."""
        return whose(self.made) if self.made else f"the {self.kind.kind} {self.name}"


def by_name(index: Index, kind: Kind, name: str, namespace: str) -> list[Document]:
    """The documents of a kind and name that are, or may be, in a namespace."""
    known = index.derive(_names)
    if kind not in known:
        found: dict[str, list[Document]] = {}
        for document in index.by_kind.get(kind, ()):
            found.setdefault(document.name, []).append(document)
        known[kind] = found
    return [one for one in known[kind].get(name, ()) if may_be_in((one.namespace,), namespace)]


def _names(index: Index) -> dict[Kind, dict[str, list[Document]]]:
    """Documents by kind and name; a kind is sorted when it is first asked for."""
    del index
    return {}


def written(index: Index, document: Document, kind: Kind) -> Workload:
    """A document as a workload; a Rollout with ``workloadRef`` has the template of what that names, if it's known."""
    data = document.data
    wanted = lender(data) if kind == ROLLOUT else None
    if wanted:
        lent = _lent(index, wanted, document.namespace)
        data = {**data, "spec": {**mapping(data, "spec"), "template": lent}}
    return Workload(kind, document.name, document.namespace, data, document)


def _lent(index: Index, wanted: Target, namespace: str) -> Mapping[str, Any]:
    """The template that a Rollout is lent; empty where the set has none, or several."""
    found = by_name(index, wanted.kind, wanted.name, namespace)
    path = LENDING.get(wanted.kind)
    return mapping(found[0].data, *path) if path and len(found) == 1 else {}


def labelled(index: Index) -> Mapping[tuple[str, Any], list[Workload]]:
    """The workloads that stand in the files, by each of their pods' labels."""
    found: dict[tuple[str, Any], list[Workload]] = {}
    for kind in _TEMPLATES:
        for document in index.by_kind.get(kind, ()):
            workload = written(index, document, kind)
            for key, value in workload.labels.items():
                if isinstance(value, str):
                    found.setdefault((key, value), []).append(workload)
    return found


def workloads(subject: Subject, kind: Kind, name: str, namespace: str) -> list[Workload]:
    """The workloads of a kind and name, written or made.

    Args:
        subject: Who asks.
        kind: Their kind.
        name: Their name.
        namespace: Where they have to be; empty for anywhere.
    """
    found = by_name(subject.index, kind, name, namespace)
    if found:
        return [written(subject.index, one, kind) for one in found]
    return [_of(made) for made in called(subject.index, subject.beside, kind, name, namespace)]


def _of(made: Made) -> Workload:
    child = made.child
    return Workload(child.kind, child.name, child.namespace, child.data, made.document, made)


def whose(made: Made) -> str:
    """A child as a message names it: ``the Deployment a-predictor that KServe makes of the InferenceService a``."""
    parent, child = made.document, made.child
    group = parent.api_version.rpartition("/")[0]
    product = next((name for name in PRODUCTS if group in owned_groups(name)), "its controller")
    return f"the {child.kind.kind} {child.name} that {title(product)} makes of the {parent.kind} {parent.name}"


def selected(subject: Subject, selector: Selector, namespace: str) -> Iterator[Workload]:
    """The workloads of the set whose pods have labels; of children those alone whose documents the selector names.

    Args:
        subject: Who asks.
        selector: The labels; at least one.
        namespace: Where the pods are; empty for anywhere.
    """
    first = next(iter(selector.labels.items()))
    for one in subject.index.derive(labelled).get(first, ()) if isinstance(first[1], str) else ():
        if may_be_in((one.namespace,), namespace) and selector.matches(one.labels):
            yield one
    told = set()
    for value in selector.values:
        for made in (*named_after(subject.index, subject.beside, value.removeprefix("isvc."), namespace),):
            if made.child.kind in _TEMPLATES and id(made.child) not in told:
                told.add(id(made.child))
                one = _of(made)
                if selector.matches(one.labels):
                    yield one


class Target(NamedTuple):
    """What an autoscaler scales, or whose template a Rollout takes.

    Attributes:
        path: Where it is named.
        kind: The kind.
        name: The name.
        version: The version in which it is asked for.
    """

    path: Path
    kind: Kind
    name: str
    version: str


def target(of: Kind, data: Mapping[str, Any]) -> Target | None:
    """What a HorizontalPodAutoscaler or a ScaledObject scales; None where it doesn't say."""
    found = mapping(data, "spec", "scaleTargetRef")
    name = text(found, "name")
    keda = of == SCALED_OBJECT
    kind = text(found, "kind") or ("Deployment" if keda else "")
    version = text(found, "apiVersion") or ("apps/v1" if keda else "")
    if not name or not kind:
        return None
    group, _, number = version.rpartition("/")
    return Target(("spec", "scaleTargetRef", "name"), Kind(group, kind), name, number)


def lender(rollout: Mapping[str, Any]) -> Target | None:
    """Whose template a Rollout takes, in its own namespace; None where it names nobody."""
    found = reach(rollout, "spec", "workloadRef")
    if not isinstance(found, dict):
        return None
    group, _, number = (text(found, "apiVersion") or "").rpartition("/")
    kind = Kind(group, text(found, "kind") or "")
    return Target(("spec", "workloadRef", "name"), kind, text(found, "name") or "", number)


def borrowers(index: Index) -> Mapping[tuple[Kind, str], list[Document]]:
    """The set's Rollouts without a template of their own, by whose they take."""
    found: dict[tuple[Kind, str], list[Document]] = {}
    for document in index.by_kind.get(ROLLOUT, ()):
        wanted = lender(document.data)
        if wanted:
            found.setdefault((wanted.kind, wanted.name), []).append(document)
    return found


def copied(made: Made, document: Document) -> bool:
    """Whether a document is the child itself, as a cluster shows it: by its owner, or by all of the child's labels."""
    owners = sequence(document.data, "metadata", "ownerReferences")
    labels = mapping(made.child.data, "metadata", "labels")
    worn = bool(labels) and labels.items() <= mapping(document.data, "metadata", "labels").items()
    return worn or any(text(one, "name") == made.document.name for one in owners)


def owns(owner: Document, other: Document) -> bool:
    """Whether an object says that another is its owner: a controller made it, and it was taken out of a cluster."""
    references = sequence(other.data, "metadata", "ownerReferences")
    return any((text(one, "kind"), text(one, "name")) == (owner.kind, owner.name) for one in references)


def scalers(index: Index) -> Mapping[tuple[Kind, str], list[Document]]:
    """The set's autoscalers, HorizontalPodAutoscalers and ScaledObjects, by what they scale."""
    found: dict[tuple[Kind, str], list[Document]] = {}
    for kind in (AUTOSCALER, SCALED_OBJECT):
        for document in index.by_kind.get(kind, ()):
            scaled = target(kind, document.data)
            if scaled:
                found.setdefault((scaled.kind, scaled.name), []).append(document)
    return found


def requested(container: Mapping[str, Any], resource: str) -> bool:
    """Whether a container asks for a resource; a limit alone is a request too."""
    resources = container.get("resources")
    return any(reach(resources, side, resource) is not None for side in ("requests", "limits"))
