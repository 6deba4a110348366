"""What a service file says in Kubernetes' own words, held against the rules of Pods and of what scales them.

Most platforms hand these parts on as they are, and none looks at them: KServe takes an InferenceService with half a GPU
or an operator that tolerations haven't, and the API server refuses the pods minutes later. Here each mistake is told at
its line of the service file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator import platforms
from generator.errors import InputError
from generator.platforms.draining import HANDLERS
from generator.platforms.fragments import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.checks.finding import Finding
    from generator.platforms.base import Platform
    from generator.service import Resources, Service

    Path = tuple[str | int, ...]

PLAIN = frozenset(("cpu", "memory", "ephemeral-storage"))
"""Resources of which the service file itself knows all that can be wrong."""
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
CONTAINER = ("spec", "containers", 0)
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[([0-9]+)\]|\.?([^.\[]+)')


@dataclass(frozen=True)
class Layer:
    """A part of the service file, and where it lies in the pod.

    Attributes:
        path: In the service file.
        at: In the pod.
        fields: What it says there.
    """

    path: Path
    at: Path
    fields: Mapping[str, Any]


Pod = tuple[Layer, ...]
"""The layers of a pod, the upper ones first: the first that has a field says it."""


def hold(service: Service) -> None:
    """Refuse what no pod can have.

    Raises:
        InputError: The API server would refuse a pod of this service, or its platform isn't known.
    """
    for path, message, fix in faults(service):
        raise InputError(message, fix=fix, place=service.place(*path))


def faults(service: Service) -> Iterator[tuple[Path, str, str]]:
    """Where, what and what to do, of all that the API server refuses in the parts that the service file hands on."""
    platform = platforms.named(service)
    told = set()
    for pod in _pods(service):
        if not any(layer.fields for layer in pod):
            continue
        data = _object("v1", "Pod", service, _spec(pod, platform))
        for finding in _refusals(data, platform, service):
            origin = _origin(pod, _steps(finding.path))
            if origin is not None and (origin, finding.rule) not in told:
                told.add((origin, finding.rule))
                yield origin, f"{finding.message} [{finding.rule}].", finding.fix
    yield from _behavior(platform, service)


def _behavior(platform: Platform, service: Service) -> Iterator[tuple[Path, str, str]]:
    """The same of how fast pods come and go: a HorizontalPodAutoscaler has it in the end, also by way of KEDA."""
    said = Layer(("replicas", "behavior"), ("spec", "behavior"), service.replicas.behavior)
    if not said.fields:
        return
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name}
    spec = {"scaleTargetRef": target, "maxReplicas": service.replicas.max, "behavior": said.fields}
    data = _object("autoscaling/v2", "HorizontalPodAutoscaler", service, spec)
    for finding in _refusals(data, platform, service):
        origin = _origin((said,), _steps(finding.path))
        if origin is not None:
            yield origin, f"{finding.message} [{finding.rule}].", finding.fix


def _object(version: str, kind: str, service: Service, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": service.name}, "spec": spec}


def _pods(service: Service) -> Iterator[Pod]:
    """The pods of every variant, and of what stands around it."""
    for index, variant in enumerate(service.variants):
        at: Path = ("variants", index)
        own = (*at, "resources") if variant.resources else ("resources",)
        yield (
            _resources(own, variant.resources or service.resources),
            Layer((*at, "container"), CONTAINER, variant.container),
            Layer(("container",), CONTAINER, service.container),
            Layer((*at, "pod"), ("spec",), variant.pod),
            Layer(("pod",), ("spec",), service.pod),
        )
    if service.transformer:
        yield (
            Layer(("transformer", "container"), CONTAINER, service.transformer.container),
            Layer(("transformer", "pod"), ("spec",), service.transformer.pod),
        )
    if service.explainer:
        yield (
            _resources(("explainer", "resources"), service.explainer.resources),
            Layer(("explainer", "container"), CONTAINER, service.explainer.container),
        )
    yield (Layer(("server", "pod"), ("spec",), service.server.pod),)


def _resources(path: Path, said: Resources) -> Layer:
    """Resources as a layer; empty where nothing but what the service file itself has judged stands there."""
    names = {*said.requests, *said.limits}
    return Layer(path, (*CONTAINER, "resources"), said.mapping if names - PLAIN else {})


def _refusals(data: Mapping[str, Any], platform: Platform, service: Service) -> Iterator[Finding]:
    """What the API server says of an object."""
    from generator.checks.api import check  # noqa: PLC0415 (most services hand nothing on, and render has to be quick)
    from generator.checks.finding import Severity  # noqa: PLC0415 (as above)

    asked = [f"kubernetes@{platform.release_of(service)}"] if platform.id == "kubernetes" else []
    for finding in check(data, platforms=asked).findings:
        if finding.severity is Severity.ERROR:
            yield finding


def _spec(pod: Pod, platform: Platform) -> dict[str, Any]:
    """The layers as one spec, with what every platform puts beside them."""
    spec: dict[str, Any] = {}
    container: dict[str, Any] = {"name": "model", "image": "model"}
    for layer in reversed(pod):
        if layer.at == ("spec",):
            spec |= layer.fields
        elif layer.at == CONTAINER:
            container |= layer.fields
        elif layer.fields:
            container["resources"] = dict(layer.fields)
    brought = platform.pods
    if brought is None or brought.probes:
        container |= {name: _handled(container[name]) for name in PROBES if isinstance(container.get(name), dict)}
    spec["containers"] = [container, *_pictured(spec.get("containers"), None)]
    if "initContainers" in spec:
        spec["initContainers"] = _pictured(spec["initContainers"], brought.containers if brought else None)
    return {**spec, "volumes": [*_as_list(spec.get("volumes")), *_volumes(spec, platform)]}


def _pictured(containers: Any, named: tuple[str, ...] | None) -> list[Any]:
    """Containers that are laid over the platform's have an image below; all of them where nobody here knows which."""
    return [
        {"image": "model", **each} if isinstance(each, dict) and (named is None or each.get("name") in named) else each
        for each in _as_list(containers)
    ]


def _handled(probe: Mapping[str, Any]) -> dict[str, Any]:
    """A probe whose numbers alone the user says: the platform's own way of asking stays below them."""
    return dict(probe) if HANDLERS & probe.keys() else {"tcpSocket": {"port": 1}, **probe}


def _volumes(spec: Mapping[str, Any], platform: Platform) -> list[dict[str, Any]]:
    """The volumes that the platform's pods have besides; any that is mounted where nobody here knows them."""
    containers = [*listed(spec.get("containers")), *listed(spec.get("initContainers"))]
    mounted = [str(mount.get("name")) for each in containers for mount in listed(each.get("volumeMounts"))]
    theirs = {each.get("name") for each in listed(spec.get("volumes"))}
    known = platform.pods.volumes if platform.pods else mounted
    return [{"name": name, "emptyDir": {}} for name in dict.fromkeys(known) if name not in theirs]


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _origin(pod: Pod, place: Path) -> Path | None:
    """Where in the service file a place of the pod comes from; None where it is none of the user's."""
    for layer in sorted(pod, key=lambda layer: -len(layer.at)):
        below = place[len(layer.at) :]
        if place[: len(layer.at)] != layer.at or not layer.fields:
            continue
        if not below:
            return layer.path
        if below[0] in layer.fields and not _added(layer, below):
            return (*layer.path, *_moved(below))
    return None


def _added(layer: Layer, below: Path) -> bool:
    """Whether a place is in what was put behind the user's list of volumes."""
    return below[0] == "volumes" and len(below) > 1 and below[1] >= len(_as_list(layer.fields["volumes"]))  # type: ignore[operator]


def _moved(below: Path) -> Path:
    """A place among the user's own containers, which stand behind ours."""
    if below[0] == "containers" and len(below) > 1 and isinstance(below[1], int):
        return (below[0], below[1] - 1, *below[2:])
    return below


def _steps(path: str) -> Path:
    """A finding's path, such as ``spec.containers[0].resources.limits["nvidia.com/gpu"]``, in its steps."""
    found: list[str | int] = []
    for quoted, index, name in _STEP.findall(path):
        found.append(int(index) if index else name or re.sub(r"\\(.)", r"\1", quoted))
    return tuple(found)
