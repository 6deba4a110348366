"""What becomes of an InferenceGraph: a router, as a Deployment with a Service and a scaler, or as a Knative Service.

kserve/kserve v0.20.0, pkg/controller/v1alpha1/inferencegraph: controller.go, raw_ig.go, knative_reconciler.go; the same
since v0.15.2, but that a graph can be stopped from 0.16 on. In mode Standard no route leads to it from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.outcome import Maker
from generator.outcome.child import Child, Gap, Outcome
from generator.outcome.kserve import autoscaling, config, graph_json, mode, names, scaling
from generator.outcome.kserve.address import mode_of
from generator.outcome.kserve.component import Component
from generator.outcome.kserve.deployment import deployments
from generator.outcome.kserve.service import services
from generator.outcome.kserve.values import words
from generator.outcome.part import Part
from generator.reading.kind import Kind
from generator.schemas.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.outcome.given import Given
    from generator.outcome.kserve.config import Settings
    from generator.outcome.part import Tree

GRAPH_LABEL, KIND_LABEL = "serving.kserve.io/inferencegraph", "serving.kserve.io/kind"
STOP = "serving.kserve.io/stop"
PORT = 8080
"""Where the router listens."""
_SECTION = "router"
_STOPPED = Version(0, 16)
_BY_FACTORY = Version(0, 17)
"""The first release that looks at the annotation itself once more, and gives up on a mode that there isn't."""
_PASSTHROUGH = "serving.knative.openshift.io/enablePassthrough"
_SCALED_BY = ("minReplicas", "maxReplicas", "scaleMetric", "scaleTarget")
_OF_PODS = ("affinity", "tolerations", "nodeSelector", "nodeName", "serviceAccountName")
_AMOUNTS = {"limits": ("cpuLimit", "memoryLimit"), "requests": ("cpuRequest", "memoryRequest")}
_SECURITY = {
    "privileged": False,
    "runAsNonRoot": True,
    "readOnlyRootFilesystem": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
}
_READY = {
    "httpGet": {"path": "/readyz", "port": PORT, "scheme": "HTTP"},
    "initialDelaySeconds": 5,
    "timeoutSeconds": 2,
    "periodSeconds": 5,
    "successThreshold": 1,
    "failureThreshold": 3,
}


def make(root: Part, given: Given, release: Version) -> Outcome:
    """The children of an InferenceGraph; see ``generator.outcome.Maker``."""
    settings = config.settings(given, release)
    if words(root.get("metadata", "annotations", STOP)).lower() == "true" and release >= _STOPPED:
        return Outcome()
    standard = mode_of(root, settings) == mode.STANDARD
    said = root.text("metadata", "annotations", mode.ANNOTATION)
    if standard and said and mode.said(said) is None and release >= _BY_FACTORY:
        path = ("metadata", "annotations", mode.ANNOTATION)
        return Outcome((), (Gap(path, f"KServe makes nothing: there is no mode '{said}'"),))
    text, gaps = graph_json.text(root, given, settings, release)
    container = _container(root, settings, Part(text, root.origin.below("spec")))
    trees = _standard(root, given, settings, release, container) if standard else (_knative(root, settings, container),)
    maker = f"KServe {release.major}.{release.minor}"
    return Outcome(tuple(Child.of(tree, maker) for tree in trees), tuple(gaps))


def _standard(
    root: Part, given: Given, settings: Settings, release: Version, container: dict[str, Tree]
) -> Iterator[Tree]:
    name = root.text("metadata", "name")
    spec = root.get("spec") or Part({}, root.origin.below("spec"))
    component = Component(
        release=release,
        root=root,
        given=given,
        settings=settings,
        mode=mode.STANDARD,
        role="router",
        part=spec,
        extension={field: found for field in _SCALED_BY if (found := spec.get(field)) is not None},
        name=name,
        labels={**_labels(root), GRAPH_LABEL: name, names.APP: names.app(name)},
        annotations=root.fields("metadata", "annotations"),
        pod=_pod(root, settings, {"name": name, **container}),
    )
    yield from deployments(component)
    yield from services(component)
    yield from scaling.made(component)


def _knative(root: Part, settings: Settings, container: dict[str, Tree]) -> Tree:
    name, labels = root.text("metadata", "name"), _labels(root)
    extension = root.fields("spec")
    annotations = autoscaling.scaled(root.fields("metadata", "annotations"), extension)
    own = {_PASSTHROUGH: annotations.pop(_PASSTHROUGH)} if _PASSTHROUGH in annotations else None
    held = config.disallowed_labels(settings)
    kept = {label: value for label, value in labels.items() if label not in held}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": root.get("metadata", "namespace"),
            "labels": labels or None,
            "annotations": own,
        },
        "spec": {
            "template": {
                "metadata": {
                    "labels": {**kept, GRAPH_LABEL: name, KIND_LABEL: "InferenceGraph"},
                    "annotations": annotations,
                },
                "spec": {**_pod(root, settings, container), "timeoutSeconds": extension.get("timeout")},
            }
        },
    }


def _labels(root: Part) -> dict[str, Part]:
    return root.fields("metadata", "labels")


def _pod(root: Part, settings: Settings, container: dict[str, Tree]) -> dict[str, Tree]:
    secrets = settings.value(_SECTION, "imagePullSecrets")
    here = settings.here(_SECTION)
    listed = [{"name": Part(name, here)} for name in secrets] if isinstance(secrets, list) else []
    own = {field: root.get("spec", field) for field in _OF_PODS}
    return {
        "containers": [container],
        "automountServiceAccountToken": False,
        "imagePullSecrets": listed or None,
        **own,
    }


def _container(root: Part, settings: Settings, graph: Part) -> dict[str, Tree]:
    """The router's container, which takes the whole graph as an argument."""
    headers = settings.value(_SECTION, "headers")
    passed = headers.get("propagate") if isinstance(headers, dict) else None
    env = None
    if isinstance(passed, list):
        value = Part(",".join(map(str, passed)), settings.here(_SECTION))
        env = [{"name": "PROPAGATE_HEADERS", "value": value}]
    return {
        "image": settings.part(_SECTION, "image"),
        "imagePullPolicy": settings.part(_SECTION, "imagePullPolicy"),
        "args": ["--graph-json", graph],
        "env": env,
        "resources": _resources(root, settings),
        "readinessProbe": _READY,
        "securityContext": _SECURITY,
    }


def _resources(root: Part, settings: Settings) -> Tree:
    """What the graph says, and then nothing else; or the ConfigMap's."""
    own = root.fields("spec", "resources")
    if own:
        return {name: own.get(name) for name in _AMOUNTS}
    return {
        name: {"cpu": settings.part(_SECTION, cpu), "memory": settings.part(_SECTION, memory)}
        for name, (cpu, memory) in _AMOUNTS.items()
    }


MAKER = Maker(product="kserve", kind=Kind("serving.kserve.io", "InferenceGraph"), make=make)
