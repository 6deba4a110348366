"""What Core 2 refuses, or takes and never does: said when the service file is loaded, with what to write instead."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.platforms.seldon_core_2 import names, objections_pods, own_server
from generator.service.store import FILES
from generator.service.types import DNS_LABEL
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.platforms.base import Objection
    from generator.service import Service

NEWEST = "2.10"

NO_REMOTE = MappingProxyType(
    {
        "pvc": "Mount the claim into the rclone container (server.pod), and write the path there as uri",
        "oci": "Bring the files into the store",
        "hf": "Bring the snapshot into the store: serinus publish",
        "http": "Bring the files into the store",
        "https": "Bring the files into the store",
        "file": "Bring the files into the store",
    }
)
"""Schemes of other platforms. rclone takes the scheme for the name of a remote, and none is called that."""


def objections(service: Service) -> Iterator[Objection]:
    """All that can't be, in the order of the service file."""
    release = service.platform.version or NEWEST
    yield from _names(service)
    yield from _store(service)
    yield from _model(service)
    yield from _variants(service)
    yield from objections_pods.objections(service, release)


def _names(service: Service) -> Iterator[Objection]:
    """Names that the scheduler refuses (scheduler/pkg/store/utils/validate.go), or that don't fit."""
    base = service.model_name
    at = ("model", "name") if service.model.name else ("name",)
    if not re.fullmatch(DNS_LABEL, base):
        yield at, "on Core 2 this is the Model's own name.", "Use lower-case letters, digits and '-', at most 63."
        return
    graph = service.strategy.graph
    if graph and base in graph.variants:
        at_variant = ("strategy", "graph", "variants", graph.variants.index(base))
        yield at_variant, f"the Pipeline is called {base} too, which Core 2 refuses.", "Write another model.name."
    if service.explainer and len(base) + len("-explainer") > names.LONGEST:
        yield at, "the name of the explainer's Model would have more than 63 characters.", "Shorten it."
    if service.server.config and len(service.name) > own_server.LONGEST:
        message = f"{len(service.name)} characters; a label of a Server's pods has room for {own_server.LONGEST}."
        yield ("name",), message, "Shorten it, or leave server.config out."


def _store(service: Service) -> Iterator[Objection]:
    store, external = service.store, service.access.external
    yield from _schemes(service)
    if store and store.door != FILES:
        message = "Core 2's agent downloads by rclone, which reads no registry, and a Server's pods serve many models."
        yield ("store", "door"), message, f"Write door: {FILES}."
    if store and store.key:
        yield ("store", "key"), "Core 2 has no storage secret with entries.", "Name the Secret: access.secret."
    if store and store.fetch:
        yield ("store", "fetch"), "Core 2's agent downloads the files, by rclone.", "Leave it out."
    if external and len(external.keys) != 1:
        remote = "an rclone remote (type, name, parameters) as YAML or JSON"
        yield (
            ("access", "external", "keys"),
            f"{len(external.keys)} keys; Core 2 wants a Secret with one, whose value is {remote}.",
            "Keep that one.",
        )


def _uris(service: Service) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What is downloaded, and where the file says it."""
    if service.store and any(variant.release for variant in service.variants):
        yield ("store", "url"), service.store.url
    for index, variant in enumerate(service.variants):
        if variant.uri:
            yield ("variants", index, "uri"), variant.uri
    if service.explainer and service.explainer.uri:
        yield ("explainer", "uri"), service.explainer.uri


def _schemes(service: Service) -> Iterator[Objection]:
    """A scheme is the name of an rclone remote, and a Secret holds one (scheduler/pkg/agent/k8s/secrets.go)."""
    first, secret = None, service.access.secret
    for path, uri in _uris(service):
        scheme = uri.partition("://")[0] if "://" in uri else ""
        first = first or scheme
        if not scheme:
            if secret:
                yield path, "a path on the servers needs no Secret.", "Leave access.secret out, or write a URL."
        elif scheme in NO_REMOTE and path != ("store", "url"):  # of the store the table of stores has spoken
            yield path, f"Core 2 downloads by rclone, which has no remote '{scheme}'.", f"{NO_REMOTE[scheme]}."
        elif secret and scheme != first:
            several = "name the Secrets in the SeldonRuntime (config.agentConfig.rclone.config_secrets)"
            yield (
                path,
                f"the Secret {secret} holds one remote, named '{first}' like the scheme of the others.",
                f"Keep the files in one store, or {several} and leave access.secret out.",
            )


def _model(service: Service) -> Iterator[Objection]:
    model = service.model
    if model.format_version:
        yield (
            ("model", "formatVersion"),
            "Core 2 chooses a server by its capabilities, not by the format's version.",
            "Give such a Server a capability of its own, and name it in model.requirements.",
        )
    words = model.requirements or service.server.name or service.server.config
    if model.format == "custom" and not words and any(not each.deployed for each in service.variants):
        yield (
            ("model", "format"),
            "custom says nothing of the server, so any would be taken, Triton as well as MLServer.",
            "Name what the Server must be able to do, such as model.requirements: [mlserver, python].",
        )
    if model.memory and not _whole_bytes(model.memory):
        yield ("model", "memory"), "Core 2 wants whole bytes.", "Write a quantity such as 500Mi."
    if model.runtime_version and not service.server.config:
        yield (
            ("model", "runtimeVersion"),
            "a Model runs in the release that its Server has.",
            "Give the service a Server of its own: server.config.",
        )
    elif model.runtime_version and "image" in service.container:
        yield ("model", "runtimeVersion"), "container.image says this already.", "Take one of them out."
    if model.protocol == "grpc-v2" and service.gateway:
        yield (
            ("model", "protocol"),
            "the route carries HTTP, and the Service seldon-mesh doesn't tell a gateway that it speaks HTTP/2.",
            "Leave gateway out and call seldon-mesh, or leave the protocol out.",
        )


def _whole_bytes(memory: str) -> bool:
    """Whether a quantity is a number of bytes (AsSchedulerModel in model_types.go)."""
    exact = quantity.value(memory)
    return exact == int(exact)


def _variants(service: Service) -> Iterator[Objection]:
    """What a variant can't have of its own, since its Model is loaded into a Server beside others."""
    for index, variant in enumerate(service.variants):
        at = ("variants", index)
        if variant.container:
            brought = not (variant.release or variant.uri or variant.deployed)
            what = "brings its model in an image" if brought else "has a container"
            yield (
                (*at, "container"),
                f"the variant '{variant.name}' {what}; Core 2 loads models into Servers.",
                "Bring the model into the store, or use the platform kserve, seldon-core-1 or kubernetes.",
            )
        if variant.resources:
            yield (
                (*at, "resources"),
                "the Models of a service share a Server.",
                "Write resources for all, with a Server of the service's own: server.config.",
            )
        if variant.runtime_version:
            yield (
                (*at, "runtimeVersion"),
                "the Models of a service share a Server.",
                "Write model.runtimeVersion for all, with a Server of the service's own: server.config.",
            )
