"""A variant as Seldon Core 1 has it: a unit of the graph, and the pod that its container runs in.

What the operator reads and overwrites: SeldonIO/seldon-core v1.17.1, operator/controllers/mlserver.go
(``mergeMLServerContainer``), operator/controllers/seldondeployment_prepackaged_servers.go,
operator/apis/machinelearning.seldon.io/v1/defaults.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.platforms import access, proof
from generator.platforms.fragments import laid
from generator.platforms.seldon_core_1 import servers
from generator.platforms.seldon_core_1.servers import TENSORFLOW_IMAGE, TFSERVING, SeldonServer
from generator.platforms.servers import server_of, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Share
    from generator.platforms.base import Platform
    from generator.service import Service

METRICS_PORT = {"name": "metrics", "containerPort": 6000, "protocol": "TCP"}
"""The port at which a unit shows its metrics.

Without it the operator counts from 6000 over the units of all predictors and tells the pods. A canary that is promoted
moves from second place to first, and all its pods would restart for another number (``addMetricsPortAndIncrement``).
"""


FOLDER = "/mnt/models"
"""Where the operator's init container puts a model (``DefaultModelLocalMountPath``)."""
STARTING = 600
"""Seconds that a model may take until it answers for the first time."""
PROXY_RESOURCES = {"requests": {"cpu": "100m", "memory": "256Mi"}}
"""What TensorFlow's proxy, a small Python server, asks for: an autoscaler wants a number from every container."""


@dataclass(frozen=True)
class Part:
    """A unit and its pod.

    Attributes:
        unit: The node of the graph, without children.
        pod: The componentSpec.
    """

    unit: dict[str, Any]
    pod: dict[str, Any]

    def over(self, *children: Part) -> dict[str, Any]:
        """The node with children below it."""
        return {**self.unit, "children": [child.unit for child in children]} if children else self.unit


def seldon_server(platform: Platform, service: Service, share: Share) -> SeldonServer:
    """The server of a variant.

    Raises:
        InputError: As ``servers.server_of``.
    """
    found = server_of(platform, service, share)
    if not isinstance(found, SeldonServer):
        raise TypeError(f"{found.runtime} is no server of Seldon Core 1")
    return found


def model(service: Service, share: Share, platform: Platform, name: str, protocol: str) -> Part:
    """A variant's model.

    Args:
        service: The service.
        share: The variant.
        platform: The platform.
        name: The unit's name, which is the container's and, where the server takes it from there, the model's.
        protocol: The protocol as the platform names it.

    Raises:
        InputError: The variant's server isn't known, too old, or lacks its layout; or nobody would fetch its files.
    """
    server = seldon_server(platform, service, share)
    _hold_folder(service, share, server)
    unit: dict[str, Any] = {"name": name}
    unit |= _files(service, share, server) if server.prepackaged else {"type": "MODEL"}
    if service.model.parameters:
        unit["parameters"] = [
            {"name": key, "type": "STRING", "value": value} for key, value in service.model.parameters.items()
        ]
    if service.logger:
        unit["logger"] = logger(service)
    containers = _containers(service, share, server, name, protocol)
    return Part(unit, pod(service, containers, annotations=_annotations(share, server), users=share.pod))


def _files(service: Service, share: Share, server: SeldonServer) -> dict[str, Any]:
    """The server, and how it gets the model: rclone takes the URI's scheme for the remote that the Secret sets up."""
    known = {
        "implementation": server.runtime,
        "modelUri": share.files.uri(server.layout),
        "envSecretRefName": service.access.secret,
        "serviceAccountName": access.account_name(service),
    }
    return {key: value for key, value in known.items() if value}


def logger(service: Service) -> dict[str, Any]:
    """Where requests and answers go; without a url to the operator's default."""
    if service.logger is None:
        return {}
    return {"mode": service.logger.mode, **({"url": service.logger.url} if service.logger.url else {})}


def _hold_folder(service: Service, share: Share, server: SeldonServer) -> None:
    """Refuse what would serve the model under another name, or without its files.

    Raises:
        InputError: So it is.
    """
    if server.layout == "triton" and share.files.name != service.model_name:
        raise InputError(
            f"Triton serves '{share.variant}' as '{share.files.name}', the name of its folder, and requests would ask "
            f"for '{service.model_name}'.",
            fix=f"Publish the model under the name {service.model_name}, or change model.name.",
            place=service.place("model", "name"),
        )
    if not server.prepackaged and share.files.base:
        raise InputError(
            f"nobody would fetch the files of '{share.variant}': Seldon Core 1 does it for its own servers only.",
            fix="Let the image hold the model, or name a format that one of the servers runs.",
            place=service.place("model", "format"),
        )


def _annotations(share: Share, server: SeldonServer) -> dict[str, str]:
    """What tells the release, on its own pods and nobody else's."""
    files = share.files
    if files.version is None or files.digest is None:
        return {}
    found = {"serinus.dev/digest": files.digest, "serinus.dev/release": str(files.version)}
    oldest = files.runtimes.get(server.layout)
    if not oldest or server.layout != "tensorflow-serving":  # of others it is the server's own number
        return found
    return {**found, "serinus.dev/trained-with": f"{server.model_format} {oldest}"}


def _containers(service: Service, share: Share, server: SeldonServer, name: str, protocol: str) -> list[dict[str, Any]]:
    """The unit's container; with TensorFlow's proxy the server itself beside it."""
    release = "" if "image" in share.container else version_of(service, share, server)
    ours: dict[str, Any] = {"name": name, "ports": [METRICS_PORT]}
    if server.image == TENSORFLOW_IMAGE and protocol == "seldon":
        behind = {"name": TFSERVING, "image": server.pinned(release)} if release else {"name": TFSERVING}
        return [{**ours, "resources": PROXY_RESOURCES}, container({**behind, **_resources(share)}, share.container)]
    if release:
        ours["image"] = server.pinned(release)
        ours |= _startup(service, share, server, name, protocol)
    return [container({**ours, **_resources(share)}, share.container)]


def _startup(service: Service, share: Share, server: SeldonServer, name: str, protocol: str) -> dict[str, Any]:
    """The probe that predicts, of MLServer: the operator counts up the ports, and tells the container which it has.

    It overwrites how readiness and liveness are asked, and leaves a startup probe alone. TensorFlow Serving and Triton
    hear their port by an argument, which no probe knows.
    """
    if server.layout != "mlserver":
        return {}
    probe = proof.startup(
        service, share, server, port="MLSERVER_HTTP_PORT", folder=FOLDER, protocol=protocol, name=name
    )
    return {"startupProbe": {**probe, "failureThreshold": STARTING // proof.PERIOD}} if probe else {}


def _resources(share: Share) -> dict[str, Any]:
    return {"resources": share.resources.mapping} if share.resources.mapping else {}


def container(ours: Mapping[str, Any], users: Mapping[str, Any]) -> dict[str, Any]:
    """The user's fields over ours, with the default that the CRD writes into ports."""
    made = laid(ours, users)
    if "ports" in made:
        made["ports"] = [{**port, "protocol": port.get("protocol", "TCP")} for port in made["ports"]]
    return {key: made[key] for key in ("name", "image", *sorted(made)) if key in made}


def pod(
    service: Service,
    containers: list[dict[str, Any]],
    *,
    annotations: Mapping[str, str] | None = None,
    users: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A componentSpec."""
    account = access.account_name(service)
    spec = laid({"serviceAccountName": account} if account else {}, users or {})
    metadata = {"metadata": {"annotations": dict(annotations)}} if annotations else {}
    return {**metadata, "spec": {"containers": containers, **spec}}


def image_unit(service: Service, name: str, kind: str, image: str, replicas: int) -> Part:
    """A unit that is nothing but an image: a router or a combiner."""
    made = {"name": name, "image": image, "ports": [METRICS_PORT]}
    return Part({"name": name, "type": kind}, {"replicas": replicas, **pod(service, [made])})


__all__ = ["METRICS_PORT", "Part", "container", "image_unit", "logger", "model", "pod", "seldon_server", "servers"]
