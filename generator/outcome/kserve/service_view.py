"""An InferenceService as the controller sees it: after what the webhook adds by the ConfigMap.

kserve/kserve v0.20.0, pkg/apis/serving/v1beta1/inference_service_defaults.go; what the webhook changes without knowing
the cluster, the document has behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from generator.outcome.kserve import local_model
from generator.outcome.kserve import mode as modes
from generator.outcome.kserve.config import FORMAT, FORMAT_ANNOTATED, disallowed_annotations
from generator.outcome.kserve.implementations import implementation, storage_uri
from generator.outcome.part import Part, opened
from generator.schemas.versions import Version
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Tree

DEFAULT_NAMESPACE = "default"
"""Where an object that names no namespace is taken to land, where a text has to say it: kubectl's own default."""
_RESOURCES = (
    ("requests", "cpu", "cpuRequest"),
    ("requests", "memory", "memoryRequest"),
    ("limits", "cpu", "cpuLimit"),
    ("limits", "memory", "memoryLimit"),
)
_NEW_NAMES = Version(0, 16)


@dataclass(frozen=True, slots=True)
class ServiceView:
    """The InferenceService.

    Attributes:
        root: The document.
        given: The set.
        release: KServe's.
        settings: What the controller is told.
        name: Its name.
        namespace: Its namespace, ``default`` where it says none.
        labels: Its labels.
        annotations: Its annotations, those that don't reach children among them.
        held_back: The annotations that don't reach children.
        mode: Its mode; empty where the ConfigMap names none that KServe knows.
        added_labels: Those that runtimes add to its labels.
        added_annotations: Those that the webhook adds to its annotations.
    """

    root: Part
    given: Given
    release: Version
    settings: Settings
    name: str
    namespace: str
    labels: Mapping[str, Tree]
    annotations: Mapping[str, Tree]
    held_back: frozenset[str]
    mode: str
    added_labels: Mapping[str, Tree]
    added_annotations: Mapping[str, Tree]

    def with_labels(self, added: Mapping[str, Tree]) -> ServiceView:
        """The same after a runtime added labels."""
        if not added:
            return self
        return replace(self, labels={**self.labels, **added}, added_labels={**self.added_labels, **added})

    @property
    def passed_on(self) -> dict[str, Tree]:
        """The annotations that reach children."""
        return self.kept(self.annotations)

    def kept(self, annotations: Mapping[str, Tree]) -> dict[str, Tree]:
        """Annotations without those that are held back."""
        held_back = self.held_back
        return {name: value for name, value in annotations.items() if name not in held_back}


def view(root: Part, given: Given, release: Version, settings: Settings) -> ServiceView:
    """How the controller sees an InferenceService; see ``ServiceView``."""
    annotations: dict[str, Tree] = dict(root.fields("metadata", "annotations"))
    added: dict[str, Tree] = {}
    written = annotations.get(modes.ANNOTATION)
    said = modes.said(written.value) if written is not None else None
    default = settings.mode
    if written is None and default in (modes.STANDARD, modes.MODELMESH):
        added[modes.ANNOTATION] = annotations[modes.ANNOTATION] = _default_mode(settings, default, release)
    form = root.get("spec", "predictor", "model", "modelFormat", "name")
    if (
        release >= FORMAT_ANNOTATED
        and form is not None
        and form.value
        and FORMAT not in annotations
        and said != modes.MODELMESH
    ):
        added[FORMAT] = annotations[FORMAT] = form
    labels: dict[str, Tree] = dict(root.fields("metadata", "labels"))
    cached = _cached(root, annotations, given, settings, release)
    annotations |= cached[1]
    return ServiceView(
        root,
        given,
        release,
        settings,
        root.text("metadata", "name"),
        root.text("metadata", "namespace") or DEFAULT_NAMESPACE,
        labels | cached[0],
        annotations,
        disallowed_annotations(settings, release),
        said or default,
        cached[0],
        added | cached[1],
    )


def _cached(
    root: Part, annotations: Mapping[str, Tree], given: Given, settings: Settings, release: Version
) -> tuple[dict[str, Tree], dict[str, Tree]]:
    """What the webhook notes of a cached model; most clusters have none."""
    if local_model.CACHE not in given and local_model.NAMESPACE_CACHE not in given:
        return {}, {}
    fields: dict[str, Tree] = dict(root.fields("spec", "predictor"))
    serving = implementation(fields)
    source = storage_uri(*serving) if serving is not None else None
    return local_model.noted(source, annotations, root.text("metadata", "namespace"), given, settings, release)


def _default_mode(settings: Settings, default: str, release: Version) -> Tree:
    """The annotation that the webhook adds; up to 0.15 it has the mode's old name."""
    old = next((name for name, new in modes.NEW_NAMES.items() if new == default), default)
    return Part(default if release >= _NEW_NAMES else old, settings.here("deploy"))


def with_resources(container: Mapping[str, Tree], settings: Settings) -> dict[str, Tree]:
    """A custom container with what the ConfigMap says that containers ask for and are limited to, where it is silent.

    A model's container gets none of that: its runtime speaks for it (``setResourceRequirementDefaults``).
    """
    resources = dict(opened(container.get("resources") or {}))
    amounts = settings.value("inferenceService", "resource")
    amounts = amounts if isinstance(amounts, dict) else {}
    here = settings.here("inferenceService")
    for group, name, key in _RESOURCES:
        amount = amounts.get(key)
        if isinstance(amount, str) and amount:
            inner = dict(opened(resources.get(group) or {}))
            inner.setdefault(name, Part(quantity.stored(amount), here))
            resources[group] = inner
    return {**container, "resources": resources} if resources else dict(container)


def without_token(pod: dict[str, Tree], settings: Settings) -> None:
    """Keep a pod from getting a service account's token, where the ConfigMap says so and the user doesn't care."""
    if settings.value("security", "autoMountServiceAccountToken") is not True:
        pod.setdefault("automountServiceAccountToken", Part(value=False, origin=settings.here("security")))
