"""What becomes of an InferenceService.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice: controller.go and components/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome import Maker
from generator.outcome.child import Child, Gap, Outcome
from generator.outcome.kserve import annotations as notes
from generator.outcome.kserve import config, knative, mode, names, pod_webhook, routes, scaling
from generator.outcome.kserve.components import Components, components
from generator.outcome.kserve.deployment import deployments
from generator.outcome.kserve.service import services
from generator.outcome.kserve.service_view import view
from generator.outcome.part import value_of
from generator.schemas.kinds import INFERENCE_SERVICE
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.given import Given
    from generator.outcome.kserve.component import Component
    from generator.outcome.kserve.service_view import ServiceView
    from generator.outcome.part import Part, Tree

STOP = "serving.kserve.io/stop"
_STOPPED_EVERYWHERE = Version(0, 16)


def make(root: Part, given: Given, release: Version) -> Outcome:
    """The children of an InferenceService; see ``generator.outcome.Maker``."""
    found = parts(root, given, release)
    maker = f"KServe {release.major}.{release.minor}"
    children: list[Child] = []
    entrances: dict[str, Tree] = {}
    for one in found.each:
        for tree in _children(one):
            children.append(Child.of(tree, maker, whole=one.whole))
            if tree["kind"] == "Service" and one.standard:
                entrances[tree["metadata"]["name"]] = tree
    children += (Child.of(tree, maker) for tree in routes.made(found.each, entrances))
    more = tuple(gap for one in found.each if not one.standard for gap in knative.gaps(one))
    if routes.waits_forever(found.each):
        words = routes.NEVER_READY.format(release=f"{release.major}.{release.minor}")
        more = (*more, Gap(("spec", "predictor", "workerSpec"), words))
    return Outcome(tuple(children), (*found.gaps, *more))


def pods(root: Part, given: Given, release: Version) -> tuple[Child, ...]:
    """The pods of an InferenceService as the pod webhook leaves them, one of each; see ``generator.outcome.Maker``."""
    maker = f"KServe {release.major}.{release.minor}"
    found = parts(root, given, release).each
    return tuple(Child.of(tree, maker, whole=one.whole) for one in found for tree in pod_webhook.pods(one))


def parts(root: Part, given: Given, release: Version) -> Components:
    """The components of which an InferenceService's children are made.

    There are none where it is stopped, where ModelMesh runs it, and where the controller makes nothing.
    """
    settings = config.settings(given, release)
    for key in settings.unreadable:
        return Components((), (Gap((), f"KServe makes nothing: {key} of the ConfigMap {config.NAME} is no JSON"),))
    seen = view(root, given, release, settings)
    if seen.mode == mode.MODELMESH:
        return Components((), (Gap((), "ModelMesh serves it, from pods of its own"),))
    if not seen.mode:
        return Components((), (Gap((), f"KServe makes nothing: the ConfigMap {config.NAME} names no mode"),))
    if _stopped(seen):
        return Components((), ())
    found = components(seen)
    said = mode.said(value_of(seen.annotations.get(mode.ANNOTATION)))
    return found if said or settings.given else Components(found.each, (_assumed(seen.mode), *found.gaps))


def _assumed(taken: str) -> Gap:
    path = ("metadata", "annotations")
    return Gap(
        path, f"no mode is said, and no ConfigMap {config.NAME} is given: taken is {taken}, as the release ships"
    )


def _stopped(seen: ServiceView) -> bool:
    """Whether the service is told to stop, which up to 0.15 mode Knative alone heeds."""
    text = value_of(seen.annotations.get(STOP))
    stop = isinstance(text, str) and text.lower() == "true"
    return stop and (seen.release >= _STOPPED_EVERYWHERE or seen.mode == mode.KNATIVE)


def _children(component: Component) -> Iterator[Tree]:
    if component.standard:
        yield from deployments(component)
        yield from services(component)
        yield from scaling.made(component)
    else:
        yield knative.service(component)
    if notes.AGENT in component.annotations and component.role == names.PREDICTOR and component.canary is None:
        yield _models(component)


def _models(component: Component) -> Tree:
    """The ConfigMap in which TrainedModels are listed: none, as long as there are none."""
    labels = component.root.fields("metadata", "labels")
    metadata = {
        "name": notes.model_config(component.service),
        "namespace": component.namespace,
        "labels": labels or None,
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"models.json": "[]"}}


MAKER = Maker(product="kserve", kind=INFERENCE_SERVICE, make=make, pods=pods)
