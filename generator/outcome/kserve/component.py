"""One component of an InferenceService as its children are made of it: predictor, canary, transformer, explainer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.outcome.kserve import names
from generator.outcome.kserve.mode import STANDARD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Part, Tree
    from generator.schemas.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The other nodes of a predictor that runs on several.

    Attributes:
        name: The Deployment's name.
        labels: The Deployment's and its pods'.
        annotations: The same.
        pod: The pod's spec.
        replicas: How many.
    """

    name: str
    labels: Mapping[str, Tree]
    annotations: Mapping[str, Tree]
    pod: Mapping[str, Tree]
    replicas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A component after everything of it is chosen and merged.

    Attributes:
        release: KServe's.
        root: The InferenceService, as the webhook left it.
        given: The set that it stands in.
        settings: What the controller is told.
        mode: ``Standard`` or ``Knative``.
        role: ``predictor``, ``transformer`` or ``explainer``; a canary is a predictor.
        canary: ``spec.canary[n]``, where this is a canary.
        part: The component, such as ``spec.predictor``; a canary's is the stable one's with its own laid over.
        extension: The fields about scaling, timeouts, logger and batcher by their names in the component, as the
            controller hands them on: a canary's are its replicas alone, and a stable predictor's minReplicas are
            lessened by its canaries'.
        name: Of its Deployment, Service, HPA, or Knative Service.
        labels: Of those and of its pods: what the runtime, the service and the component say, and KServe's own. In mode
            Standard with ``app``, in mode Knative without it.
        annotations: Likewise, without those that are held back, with KServe's internal ones.
        pod: The pod's spec before the API server's own defaults and the pod webhook.
        nodes: The other nodes; None where there is one alone.
        whole: Whether its pods are known; not so where its runtime isn't.
        added_labels: What runtimes add to the InferenceService's own labels before its routes are made.
        added_annotations: What the webhook adds to its annotations by the ConfigMap.
    """

    release: Version
    root: Part
    given: Given
    settings: Settings
    mode: str
    role: str
    part: Part
    extension: Mapping[str, Tree]
    name: str
    labels: Mapping[str, Tree]
    annotations: Mapping[str, Tree]
    pod: Mapping[str, Tree]
    canary: Part | None = None
    nodes: Nodes | None = None
    whole: bool = True
    added_labels: Mapping[str, Tree] = field(default_factory=dict)
    added_annotations: Mapping[str, Tree] = field(default_factory=dict)

    @property
    def standard(self) -> bool:
        """Whether it runs as a Deployment."""
        return self.mode == STANDARD

    @property
    def service(self) -> str:
        """The InferenceService's name."""
        return self.root.text("metadata", "name")

    @property
    def namespace(self) -> Part | None:
        """Where all of it lands; None where the set leaves it open."""
        return self.root.get("metadata", "namespace")

    @property
    def app(self) -> str:
        """The label ``app`` of its pods in mode Standard."""
        return names.app(self.name)

    def metadata(self, name: str | None = None) -> dict[str, Tree]:
        """The ``metadata`` of a child with the component's labels and annotations.

        Args:
            name: The child's, where it isn't the component's.
        """
        return {
            "name": name or self.name,
            "namespace": self.namespace,
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
        }
