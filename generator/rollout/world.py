"""What is on the cluster in a state of a roll-out: the objects that are applied and what controllers make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator.checks.children import children
from generator.checks.subject import Index, kind_of, mapping
from generator.schemas.kinds import DEPLOYMENT, KNATIVE_SERVICE, SELDON_DEPLOYMENT, STATEFUL_SET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.reading.documents import Document
    from generator.reading.kind import Kind
    from generator.schemas import Target

WORKLOADS = (DEPLOYMENT, STATEFUL_SET, KNATIVE_SERVICE)
"""The kinds that run pods by a template."""

PATIENT = (SELDON_DEPLOYMENT,)
"""The kinds whose controller moves its routes when all Deployments are ready, and no earlier (Seldon Core 1's
seldondeployment_controller.go, ``Reconcile``)."""


class Key(NamedTuple):
    """What tells objects apart."""

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        """``Deployment digits-predictor``; a kind that has a namesake says its group."""
        word = "Knative Service" if self.kind == KNATIVE_SERVICE else self.kind.kind
        return f"{word} {self.name}"


class World(NamedTuple):
    """The objects of a state.

    Attributes:
        objects: All of them.
        made: Those that a controller makes.
        patient: Those of them that the controller changes only once all pods are ready.
    """

    objects: Mapping[Key, Mapping[str, Any]]
    made: frozenset[Key]
    patient: frozenset[Key] = frozenset()

    def of(self, *kinds: Kind) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        """The objects of some kinds."""
        return ((key, data) for key, data in self.objects.items() if key.kind in kinds)

    def behind(self, service: Key) -> tuple[Key, ...] | None:
        """The workloads whose pods a Service leads to; None where there is no such Service."""
        if service in self.objects:
            wanted = mapping(self.objects[service], "spec", "selector")
            return tuple(
                key
                for key, data in self.of(*WORKLOADS)
                if wanted and key.namespace == service.namespace and wanted.items() <= labels(data).items()
            )
        serving = service._replace(kind=KNATIVE_SERVICE)
        return (serving,) if serving in self.objects else None


def world(documents: Sequence[Document], targets: Sequence[Target]) -> World:
    """What becomes of documents.

    Args:
        documents: What is applied.
        targets: The releases that hold.
    """
    objects = {Key(kind_of(one), one.namespace, one.name): one.data for one in documents}
    made, patient = {}, set()
    for kind, every in children(Index.of(documents), targets).items():
        for one in every:
            key = Key(kind, one.child.namespace or one.document.namespace, one.child.name)
            made[key] = one.child.data
            if kind_of(one.document) in PATIENT and kind not in WORKLOADS:
                patient.add(key)
    return World({**made, **objects}, frozenset(made), frozenset(patient))


def labels(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The labels of a workload's pods."""
    return mapping(workload, "spec", "template", "metadata", "labels")
