"""The Knative Service of a component in mode Knative.

kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/reconcilers/knative/ksvc_reconciler.go
(``createKnativeService``); the same since v0.15.2. What Knative itself makes of it, revisions and their Deployments,
carries numbers of the cluster's history and isn't made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome.child import Gap
from generator.outcome.kserve import autoscaling
from generator.outcome.kserve.config import disallowed_labels
from generator.outcome.kserve.values import derived, words
from generator.outcome.part import opened, value_of
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.outcome.kserve.component import Component
    from generator.outcome.part import Tree

_OF_THE_SERVICE = ("serving.knative.dev/rollout-duration", "serving.knative.openshift.io/enablePassthrough")
"""The annotations that stand on the Knative Service alone; all others stand on its template alone."""
TAG_ROUTING = "serving.kserve.io/enable-tag-routing"


def service(component: Component) -> Tree:
    """The Knative Service, as it is made where there was none before: the newest revision gets all requests."""
    annotations = autoscaling.scaled(_annotations(component), component.extension)
    own = {name: annotations.pop(name) for name in _OF_THE_SERVICE if name in annotations}
    held = disallowed_labels(component.settings)
    timeout = component.extension.get("timeout")
    newest: dict[str, Tree] = {"latestRevision": True, "percent": 100}
    if words(annotations.get(TAG_ROUTING)) == "true":
        newest["tag"] = "latest"
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {**component.metadata(), "annotations": own or None},
        "spec": {
            "template": {
                "metadata": {
                    "labels": {name: value for name, value in component.labels.items() if name not in held},
                    "annotations": annotations,
                },
                "spec": {
                    **_as_go_writes(component.pod),
                    "timeoutSeconds": timeout,
                    "responseStartTimeoutSeconds": timeout,
                    "containerConcurrency": component.extension.get("containerConcurrency"),
                },
            },
            "traffic": [newest],
        },
    }


def _as_go_writes(pod: Mapping[str, Tree]) -> dict[str, Tree]:
    """A pod whose quantities are text in their canonical form: of numbers Knative's schema takes only whole ones."""
    found = dict(pod)
    for name in ("containers", "initContainers"):
        if isinstance(listed := opened(found.get(name)), list):
            found[name] = [_with_quantities(opened(one)) for one in listed]
    return found


def _with_quantities(container: Tree) -> Tree:
    resources = opened(container.get("resources")) if isinstance(container, dict) else None
    if not isinstance(container, dict) or not isinstance(resources, dict):
        return container
    written = dict(resources)
    for group in ("limits", "requests"):
        if isinstance(amounts := opened(resources.get(group)), dict):
            written[group] = {name: derived(one, _quantity(value_of(one))) for name, one in amounts.items()}
    return {**container, "resources": written}


def _quantity(said: object) -> object:
    return None if said is None else quantity.stored(said)


def gaps(component: Component) -> Iterator[Gap]:
    """What of the Knative Service only the cluster knows."""
    share = component.part.get("canaryTrafficPercent")
    if share is not None:
        yield Gap(
            share.origin.path,
            "which revision the other requests go to stands in the cluster alone; a service that is new there sends "
            "all of them to the newest one",
        )


def _annotations(component: Component) -> dict[str, Tree]:
    """The component's, without an ``initial-scale`` of the InferenceService that KServe doesn't let through."""
    found = dict(component.annotations)
    said = component.root.get("metadata", "annotations", autoscaling.INITIAL_SCALE)
    own = component.part.get("annotations", autoscaling.INITIAL_SCALE)
    if said is not None and own is None and autoscaling.drops_initial_scale(said, component.given):
        found.pop(autoscaling.INITIAL_SCALE, None)
    return found
