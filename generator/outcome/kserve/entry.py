"""An InferenceService as its routes see it: which components it has, and which Service takes a request first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.outcome.kserve import names
from generator.outcome.kserve.config import disallowed_annotations, disallowed_labels
from generator.outcome.kserve.values import words
from generator.outcome.part import opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Part, Tree
    from generator.schemas.versions import Version

PORT = 80
"""The port on which every component's Service answers HTTP (constants.go, ``CommonDefaultHttpPort``)."""
NAME_HEADER, NAMESPACE_HEADER = "KServe-Isvc-Name", "KServe-Isvc-Namespace"
"""What KServe's routes tell the pods about whom a request is for."""
_H2C = "kubernetes.io/h2c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The components of an InferenceService and their Services.

    Attributes:
        predictor: The stable one.
        transformer: What a request passes before the predictor, where there is one.
        explainer: What answers ``:explain``, where there is one.
        canaries: Further predictors, each with its share.
        services: The Services by their names; of a Knative Service there is none.
    """

    predictor: Component
    transformer: Component | None = None
    explainer: Component | None = None
    canaries: tuple[Component, ...] = ()
    services: Mapping[str, Tree]

    @property
    def first(self) -> Component:
        """Whose Service takes a request first."""
        return self.transformer or self.predictor

    @property
    def root(self) -> Part:
        """The InferenceService."""
        return self.predictor.root

    @property
    def settings(self) -> Settings:
        """What the controller is told."""
        return self.predictor.settings

    @property
    def release(self) -> Version:
        """KServe's."""
        return self.predictor.release

    def labelled(self, label: str, value: str) -> bool:
        """Whether the InferenceService has a label of a value."""
        return self.root.text("metadata", "labels", label) == value

    def metadata(self, name: str, *, all_labels: bool = False) -> dict[str, Tree]:
        """The ``metadata`` of a route: labels and annotations of the InferenceService, but for those held back.

        Args:
            name: The route's.
            all_labels: Whether the labels that are held back are there nonetheless.
        """
        held = frozenset() if all_labels else disallowed_labels(self.settings)
        own = {**self.root.fields("metadata", "labels"), **self.predictor.added_labels}
        labels = _without(own, held)
        held = disallowed_annotations(self.settings, self.release)
        annotations = _without(
            {**self.root.fields("metadata", "annotations"), **self.predictor.added_annotations}, held
        )
        namespace = self.predictor.namespace
        return {"name": name, "namespace": namespace, "labels": labels or None, "annotations": annotations or None}

    def ports(self, name: str) -> tuple[int, int]:
        """The first ports for HTTP and for gRPC of a Service, 0 for none, by what its ports are called."""
        rest = grpc = 0
        service = opened(self.services.get(name))
        spec = opened(service.get("spec")) if isinstance(service, dict) else {}
        for port in opened(spec.get("ports")) or ():
            fields = opened(port)
            number = fields.get("port")
            number = getattr(number, "value", number)
            if words(fields.get("appProtocol")) == _H2C or speaks_grpc(words(fields.get("name"))):
                grpc = grpc or number
            else:
                rest = rest or number
        return rest, grpc


def _without(found: Mapping[str, Tree], held: frozenset[str]) -> dict[str, Tree]:
    return {name: value for name, value in found.items() if name not in held}


def speaks_grpc(port_name: str) -> bool:
    """Whether a port's name says that it is for gRPC."""
    lowered = port_name.lower()
    return "grpc" in lowered or "h2c" in lowered


def entry(components: Iterable[Component], services: Mapping[str, Tree]) -> Entry | None:
    """The entry of an InferenceService; None where its predictor couldn't be made.

    Args:
        components: Its components, in any order.
        services: The Services made of them, by their names.
    """
    canaries = []
    found: dict[str, Component] = {}
    for component in components:
        if component.canary is not None:
            canaries.append(component)
        else:
            found[component.role] = component
    if names.PREDICTOR not in found:
        return None
    return Entry(
        predictor=found[names.PREDICTOR],
        transformer=found.get(names.TRANSFORMER),
        explainer=found.get(names.EXPLAINER),
        canaries=tuple(canaries),
        services=services,
    )
