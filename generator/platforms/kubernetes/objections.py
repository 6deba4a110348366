"""What a service file may ask for, and plain Kubernetes can't give: each with what can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms.kubernetes import scaling, store
from generator.platforms.kubernetes.servers import SERVERS
from generator.platforms.kubernetes.workload import RESERVED
from generator.service import Server
from generator.service.store import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.platforms.base import Objection
    from generator.platforms.kubernetes.servers.base import ModelServer
    from generator.service import Service, Variant


def objections(service: Service, release: str) -> Iterator[Objection]:
    """All of them."""
    yield from _labels(service)
    yield from _around(service)
    yield from _model(service)
    for index, variant in enumerate(service.variants):
        yield from _variant(service, index, variant)
    yield from store.objections(service, release, uris(service))
    yield from scaling.objections(service)


def uris(service: Service) -> dict[int, str]:
    """The address of each variant's model, or for a release that of the store; none where the container brings it."""
    store = service.store
    url = "" if store is None else store.url if store.door == FILES else f"oci://{store.oci}/{service.name}"
    found = {index: each.uri or (url if each.release else "") for index, each in enumerate(service.variants)}
    return {index: uri for index, uri in found.items() if uri}


def _labels(service: Service) -> Iterator[Objection]:
    for key in RESERVED:
        if key in service.labels:
            yield ("labels", key), f"Serinus writes {key} itself: it selects the pods.", "Take it out."


def _around(service: Service) -> Iterator[Objection]:
    """What stands around a model server elsewhere."""
    if service.transformer:
        yield (
            ("transformer",),
            "nothing here puts a container before the model server.",
            "Do it inside the model (an ensemble of Triton, a handler of TorchServe), or use KServe or Seldon Core.",
        )
    if service.explainer:
        yield ("explainer",), "nothing here leads requests to an explainer.", "Use KServe or Seldon Core."
    if service.logger:
        yield (
            ("logger",),
            "nothing here copies requests and answers.",
            "Use KServe or Seldon Core, the gateway's own log, or the strategy shadow to copy requests to a variant.",
        )
    if service.server != Server():
        yield ("server",), "that is a Server of Seldon Core 2.", "Take it out."


def _model(service: Service) -> Iterator[Objection]:
    """What only other platforms read."""
    model = service.model
    if model.format_version:
        yield ("model", "formatVersion"), "no server is chosen by it here.", "Name the server by model.runtime."
    for key in ("requirements", "memory"):
        if getattr(model, key):
            fix = "Take it out; what the pods need is said by resources." if key == "memory" else "Take it out."
            yield ("model", key), "that is for the scheduler of Seldon Core 2.", fix
    if service.batcher and service.batcher.timeout is not None:
        yield ("batcher", "timeout"), "TensorFlow Serving has no such limit.", "Leave it out."


def _variant(service: Service, index: int, variant: Variant) -> Iterator[Objection]:
    model = service.model
    name = variant.format or model.format
    runtime = variant.runtime or (model.runtime if not variant.format else None)
    key = ("variants", index) if variant.format else ("model",)
    brings_model = not variant.release and not variant.uri
    has_image = "image" in service.container or "image" in variant.container
    if name == "custom" and not has_image:
        yield ("variants", index), "a custom model server has no image.", "Add container: {image: …}."
    if brings_model and name != "custom":
        yield (
            (*key, "format"),
            f"the container of '{variant.name}' brings the model, so no server for {name} is started in it.",
            "Write format: custom.",
        )
    if name == "onnx" and runtime == "kserve":
        yield (
            (*(("variants", index) if variant.runtime else ("model",)), "runtime"),
            "none of KServe's own servers runs ONNX.",
            "Write triton or mlserver.",
        )
    server = _server(name, runtime)
    if server:
        yield from _settings(service, server)


def _server(name: str, runtime: str | None) -> ModelServer | None:
    """The server, None for one that is refused later with the list of those that are there."""
    servers = SERVERS.get(name, {})
    return servers.get(runtime) if runtime else next(iter(servers.values()), None)


def _settings(service: Service, server: ModelServer) -> Iterator[Objection]:
    """What a server can't be told."""
    for name in service.model.parameters:
        path = ("model", "parameters", name)
        if not server.flags:
            yield (
                path,
                f"{server.runtime} takes no parameters at its start.",
                "Set its environment by container.env, or the file that is part of the release.",
            )
        elif name in server.taken:
            yield path, f"Serinus sets {name} of {server.runtime} itself.", "Take it out."
    if service.batcher and not server.batches:
        yield (
            ("batcher",),
            f"{server.runtime} isn't told to gather requests when it starts.",
            "Use TensorFlow Serving or KServe, or say it in the release's config.pbtxt or model-settings.json.",
        )
