"""The pod of a Knative Service, as far as it is certain: with what Knative gives containers and probes that lack it.

knative/serving v0.50.0: pkg/apis/serving/v1/revision_defaults.go, pkg/apis/serving/k8s_validation.go,
pkg/reconciler/revision/resources: deploy.go, queue.go. Whether Knative's webhook refuses the Service or the API server
its Deployment, there is no pod.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.children import Made
from generator.checks.rules.knative.probes import serves
from generator.checks.subject import mapping, sequence
from generator.outcome import Child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Probe = Mapping[str, Any]

_TEMPLATE = ("spec", "template", "spec")
_LISTS = ("containers", "initContainers")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_GRACE = "terminationGracePeriodSeconds"
"""What the CRD of some releases has, and of others doesn't, which then drop it."""
_PORT = 8080
"""The port of a container that says none."""


def pod(made: Made) -> Made | None:
    """The pod of a Knative Service; None where it says none."""
    origins = made.child.origins
    spec = dict(mapping(made.child.data, *_TEMPLATE))  # what a Revision has besides a pod is no fault of a child's
    if not sequence(spec, "containers"):
        return None
    for name in _LISTS:
        if name in spec:
            every = sequence(spec, name)
            spec[name] = [
                _completed(one, number, serving=name == "initContainers" or serves(one, every))
                for number, one in enumerate(every)
            ]
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "revision"}, "spec": spec}
    length = len(_TEMPLATE) - 1
    below = {path[length:]: origin for path, origin in origins.items() if path[: length + 1] == _TEMPLATE}
    above = [path for path in origins if path == _TEMPLATE[: len(path)]]
    if above:
        nearest = max(above, key=len)
        below.setdefault(("spec",), origins[nearest].below(*_TEMPLATE[len(nearest) :]))
    return Made(Child(whole, below, "", made.child.whole), made.document, made.changed)


def _completed(container: Any, number: int, *, serving: bool) -> Any:
    """A container with a name and with those probes that are judged.

    What runs beside the container that serves has no probes or has them completed, as a feature of the cluster says.
    """
    if not isinstance(container, dict):
        return container
    found = {**container, "name": container.get("name") or f"container-{number}"}
    for name, completed in _PROBES.items():
        probe = found.pop(name, None)
        if isinstance(probe, dict) and serving:
            found[name] = completed({field: value for field, value in probe.items() if field != _GRACE})
    return found


def _readiness(probe: Probe) -> Probe:
    """Knative itself asks, but for a command: at the container's port where it says none, and in TCP if in no way."""
    said = [name for name in _HANDLERS if isinstance(probe.get(name), dict)]
    if not said:
        return {**probe, "tcpSocket": {"port": _PORT}}
    return {**probe, **{name: {"port": _port(probe[name])} for name in said if name != "exec"}}


def _liveness(probe: Probe) -> Probe:
    """It asks the container's own port over HTTP and TCP, whichever number it says."""
    said = [name for name in ("httpGet", "tcpSocket") if isinstance(probe.get(name), dict)]
    return {**probe, **{name: {**probe[name], "port": _port(probe[name])} for name in said}}


def _port(target: Probe) -> Any:
    """A port's name has to be one; a number is replaced, or left to Knative."""
    port = target.get("port")
    return port if isinstance(port, str) and port else _PORT


def _startup(probe: Probe) -> Probe:
    """It stays as it is."""
    return probe


_PROBES: Mapping[str, Callable[[Probe], Probe]] = {
    "readinessProbe": _readiness,
    "livenessProbe": _liveness,
    "startupProbe": _startup,
}
