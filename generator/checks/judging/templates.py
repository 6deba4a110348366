"""What says of what pods are made, and makes none itself: each is judged as the pod that it stands for.

That are KServe's runtimes, and Knative's Services, of which Knative makes a Revision and that one a Deployment: both
those of the user's files and those that KServe makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.checks.children import Made
from generator.checks.judging import knative
from generator.checks.subject import kind_of, mapping, sequence, text
from generator.outcome import Child, Part
from generator.outcome.part import opened
from generator.reading.kind import Kind
from generator.schemas.kinds import KNATIVE_SERVICE

if TYPE_CHECKING:
    from generator.checks.judging.judges import Judge
    from generator.outcome.part import Tree
    from generator.reading.documents import Document

_RUNTIMES = frozenset(Kind("serving.kserve.io", name) for name in ("ServingRuntime", "ClusterServingRuntime"))
_LISTS = ("containers", "initContainers")
_OF_A_POD = (
    *("containers", "initContainers", "nodeSelector", "affinity", "tolerations", "imagePullSecrets", "hostIPC"),
    "volumes",
)
"""What a runtime has of a pod (kserve/kserve v0.20.0, pkg/apis/serving/v1alpha1/servingruntime_types.go)."""


def pod_of(made: Made) -> Made | None:
    """The pod that a child stands for; None for all but a Knative Service."""
    return knative.pod(made) if made.child.kind == KNATIVE_SERVICE else None


def own_pod(document: Document, judge: Judge) -> Made | None:
    """The pod that a document stands for; None for all others.

    What a service that names it may add stands in it as something that is never wrong: images, volumes, the containers'
    names. A mount that no service has a volume for is told by that service's children.
    """
    kind = kind_of(document)
    if kind == KNATIVE_SERVICE:
        changed = judge.changed(document)
        return knative.pod(Made(Child.of(Part.of(document), ""), document, changed))
    if kind not in _RUNTIMES:
        return None
    changed = judge.changed(document)
    spec = Part.of(document).fields("spec")
    if not sequence(spec.get("containers") and spec["containers"].value) or mapping(document.data, "spec").get(
        "multiModel"
    ):
        return None
    meant: dict[str, Tree] = {name: spec[name] for name in _OF_A_POD if name in spec}
    mounted: list[str] = []
    for name in _LISTS:
        if name in meant:
            meant[name] = [_pictured(each, mounted) for each in opened(meant[name])]
    volumes = opened(meant.get("volumes", []))
    there = {text(each.value, "name") for each in volumes}
    meant["volumes"] = [
        *volumes,
        *({"name": name, "emptyDir": {}} for name in dict.fromkeys(mounted) if name not in there),
    ]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": document.name}, "spec": meant}
    return Made(Child.of(pod, ""), document, changed)


def _pictured(container: Part, mounted: list[str]) -> Tree:
    """A container with all that a service may add; the names of what it mounts are collected."""
    if not isinstance(container.value, dict):
        return container
    mounted += [name for each in sequence(container.value, "volumeMounts") if (name := text(each, "name"))]
    return {"name": "container", "image": "image", **container.fields()}
