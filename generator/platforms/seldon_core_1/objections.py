"""What a service file may ask for and Seldon Core 1 can't do, ignores, or accepts and never runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms.seldon_core_1 import explainers, graphs, ingress, names, scaling, splits
from generator.platforms.seldon_core_1.servers import PROTOCOLS, SERVERS, SeldonServer
from generator.platforms.servers import on_cluster, server_named
from generator.service.store import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.platforms.base import Objection, Platform, Server
    from generator.service import Service, Variant

OPEN_SCHEMES = ("gs", "pvc", "http", "https", "hf")
"""Schemes that rclone needs no Secret for; the initializer knows gs as an anonymous remote."""


def objections(service: Service, platform: Platform) -> Iterator[Objection]:
    """All of them, the most telling first."""
    mode, way = platform.mode_of(service), platform.way(service)
    graph = graphs.is_graph(service, way)
    yield from names.objections(service, graph=graph)
    yield from graphs.objections(service, way)
    yield from splits.objections(service, way)
    yield from ingress.objections(service, mode, way)
    yield from scaling.objections(service)
    yield from _of_rollout(service)
    yield from _of_model(service)
    yield from _of_places(service)
    yield from _of_access(service)
    yield from _of_pods(service)
    for index, variant in enumerate(service.variants):
        yield from _of_variant(service, platform, index, variant)
    yield from _of_protocol(service, platform, way)


def _of_rollout(service: Service) -> Iterator[Objection]:
    for key, value in (("maxSurge", service.rollout.max_surge), ("maxUnavailable", service.rollout.max_unavailable)):
        if value is not None:
            yield (
                ("rollout", key),
                "Seldon's operator fixes how its Deployments replace pods: at most 10 % unavailable.",
                "Leave it out.",
            )


def _of_model(service: Service) -> Iterator[Objection]:
    if service.model.format_version:
        yield ("model", "formatVersion"), "Seldon Core 1 chooses no server by it.", "Leave it out."
    if service.batcher:
        yield (
            ("batcher",),
            "Seldon Core 1 gathers no requests into batches.",
            "Leave it out; MLServer does it by max_batch_size and max_batch_time in model-settings.json.",
        )
    if service.transformer and service.transformer.replicas == 0:
        message = "a transformer without pods keeps the SeldonDeployment from ever being ready."
        yield ("transformer", "replicas"), message, "Write 1."


def _of_places(service: Service) -> Iterator[Objection]:
    """The storage initializer copies from a URL of rclone's: neither from an image nor from a folder on the servers."""
    if service.store and service.store.door != FILES:
        message = "Seldon's storage initializer copies files by rclone, which reads no registry."
        yield ("store", "door"), message, f"Write door: {FILES}."
    places: list[tuple[tuple[str | int, ...], str | None]] = [
        (("variants", index, "uri"), variant.uri) for index, variant in enumerate(service.variants)
    ]
    places.append((("explainer", "uri"), service.explainer.uri if service.explainer else None))
    for path, place in places:
        if place and place.startswith("/"):
            message = f"Seldon's storage initializer copies from a URL, and {place} is a path on the servers."
            yield path, message, "Write a URL, such as pvc://claim/path."


def _of_access(service: Service) -> Iterator[Objection]:
    """The Secret is rclone's: its keys are variables RCLONE_CONFIG_<SCHEME>_<OPTION>."""
    external = service.access.external
    if external is None:
        return
    urls = [variant.uri for variant in service.variants] + [service.store.url if service.store else None]
    for scheme in dict.fromkeys(url.partition("://")[0] for url in urls if url and "://" in url):
        key = f"RCLONE_CONFIG_{scheme.upper()}_TYPE"
        if scheme not in OPEN_SCHEMES and key not in external.keys:
            yield (
                ("access", "external", "keys"),
                f"the Secret gets no {key}, so rclone doesn't know the remote of {scheme}://.",
                f"Add {key} and its siblings, which rclone's page on the store lists.",
            )


def _pods(service: Service) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Every fragment of pods, and where it stands."""
    yield ("pod",), service.pod
    for index, variant in enumerate(service.variants):
        yield ("variants", index, "pod"), variant.pod
    if service.transformer:
        yield ("transformer", "pod"), service.transformer.pod


def _of_pods(service: Service) -> Iterator[Objection]:
    for path, fields in _pods(service):
        if "securityContext" in fields:
            yield (
                (*path, "securityContext"),
                "the operator writes the pods' security context itself (defaultUserID of its chart).",
                "Write it under container, where it is kept.",
            )
        for key in ("serviceAccountName", "containers"):
            if key in fields:
                yield (*path, key), f"Serinus writes {key} itself.", "Leave it out."
    for index, variant in enumerate(service.variants):
        if variant.pod and service.strategy.graph:
            message = "a graph in the operator's words says itself which pods its units have."
            yield ("variants", index, "pod"), message, "Write it in strategy.graph.spec.componentSpecs[].spec."
    if service.transformer and "name" in service.transformer.container:
        yield ("transformer", "container", "name"), "Serinus names the container.", "Take it out."


def _of_variant(service: Service, platform: Platform, index: int, variant: Variant) -> Iterator[Objection]:
    """What the operator overwrites in a server's container, or gives up for what is there."""
    server = _server(service, platform, index, variant)
    own = {**service.container, **variant.container}
    where = {key: _place(key, index, variant) for key in own}
    if "name" in own:
        yield where["name"], "Seldon Core 1 names the container after the model.", "Say it by model.name."
    if "resources" in own:
        yield where["resources"], "the service file says this by resources.", "Write it there."
    version = variant.runtime_version or (service.model.runtime_version if not variant.runtime else None)
    if server.configured:
        yield from _of_configured(service, server, index, variant)
    if version and ("image" in own or not server.prepackaged):
        path = ("variants", index, "runtimeVersion") if variant.runtime_version else ("model", "runtimeVersion")
        yield path, "the container's image says its release already.", "Take one of them out."
    if not server.prepackaged:
        if "image" not in own:
            yield ("variants", index), "a model of the format custom is in its image.", "Add container: {image: …}."
        return
    if "ports" in own and server.protocol == "v2":
        yield where["ports"], f"the operator writes {server.runtime}'s ports over these.", "Take them out."
    for key in ("args", "command"):
        if key in own and server.own_args:
            yield (
                where[key],
                f"the operator gives {server.runtime} its arguments only where there are none.",
                "Take them out, or bring an image of your own (format: custom).",
            )


def _of_configured(service: Service, server: SeldonServer, index: int, variant: Variant) -> Iterator[Objection]:
    """What a server of the cluster's seldon-config can't be told: it is found by its name, and its image is there."""
    for key in ("runtime", "runtimeVersion"):
        name = "runtime" if key == "runtime" else "runtime_version"
        at = ("variants", index, key) if getattr(variant, name) else ("model", key)
        if getattr(variant, name) or (getattr(service.model, name) and not variant.model_format):
            yield at, f"the cluster's seldon-config says what {server.runtime} runs.", "Leave it out."


def _server(service: Service, platform: Platform, index: int, variant: Variant) -> SeldonServer:
    """The server of a variant before anything is pinned."""
    runtime = variant.runtime or (service.model.runtime if not variant.format else None)
    implementation = variant.model_format or (None if variant.format else service.model.model_format)
    path: tuple[str | int, ...] = ("variants", index) if variant.format or variant.runtime else ("model",)
    release, wanted = platform.release_of(service), variant.format or service.model.format
    found: Server = (
        on_cluster(platform, implementation, None, service)
        if implementation
        else server_named(platform, release, wanted, runtime, service, *path)
    )
    if not isinstance(found, SeldonServer):
        raise TypeError(f"{found.runtime} is no server of Seldon Core 1")
    return found


def _place(key: str, index: int, variant: Variant) -> tuple[str | int, ...]:
    return ("variants", index, "container", key) if key in variant.container else ("container", key)


def _of_protocol(service: Service, platform: Platform, way: str) -> Iterator[Objection]:
    """One protocol for the whole object, which everything in it speaks."""
    found = [_server(service, platform, index, variant) for index, variant in enumerate(service.variants)]
    wanted = word_of(service, found)
    at = ("model", "protocol") if service.model.protocol else ("model",)
    for index, server in enumerate(found):
        if wanted not in (server.protocols or (server.protocol,)):
            own = service.variants[index].format or service.variants[index].runtime
            spoken = ", ".join(server.protocols or (server.protocol,))
            yield (
                ("variants", index) if own else at,
                f"{server.runtime} doesn't speak the protocol {wanted}, and a SeldonDeployment has one for all.",
                f"It speaks {spoken}.{_seldon_instead(service, wanted)}",
            )
            return
    protocol, _ = PROTOCOLS[wanted]
    yield from explainers.objections(service, protocol)
    yield from _of_parameters(service, found, protocol)
    if service.strategy.name in graphs.SELDON_ONLY and protocol != "seldon":
        message = f"a {service.strategy.name} speaks the protocol seldon only, not {wanted}."
        yield ("model", "protocol"), message, "Write protocol: seldon."
    if service.transformer and protocol == "tensorflow":
        yield (
            ("transformer",),
            f"a request for /v1/models/{service.model_name} goes to the model at once, past the transformer.",
            "Write protocol: seldon.",
        )
    graph = graphs.is_graph(service, way) and not service.strategy.graph
    if graph and protocol == "v2" and any(server.layout != "triton" for server in found):
        message = "with the protocol v2 every unit of a graph is asked for the model that the path names, "
        fix = "Write runtime: seldon or triton, where the format has it."
        yield at, f"{message}and MLServer has a model of its unit's name only.", fix


def _seldon_instead(service: Service, wanted: str) -> str:
    """Another runtime of the same format that speaks what is wanted."""
    able = [
        name
        for name, server in SERVERS.get(service.model.format, {}).items()
        if wanted in (server.protocols or (server.protocol,))
    ]
    return f" The protocol {wanted} has the runtime {' or '.join(able)}." if able else ""


def word_of(service: Service, found: list[SeldonServer]) -> str:
    """The protocol in the service file's words: what it says, what the strategy needs, or the first server's own."""
    if service.model.protocol:
        return service.model.protocol
    return "seldon" if service.strategy.name in graphs.SELDON_ONLY else found[0].protocol


def _of_parameters(service: Service, found: list[SeldonServer], protocol: str) -> Iterator[Objection]:
    for server in found if service.model.parameters else ():
        if not server.prepackaged or server.configured:
            continue
        taken: Mapping[str, tuple[str, ...]] = server.parameters.get(protocol, {})
        for name, value in service.model.parameters.items():
            at = ("model", "parameters", name)
            if name not in taken:
                known = f"It takes {', '.join(taken)}." if taken else "It takes none."
                yield at, f"{server.runtime} takes no parameter '{name}' with the protocol {protocol}.", known
            elif taken[name] and value not in taken[name]:
                message = f"{server.runtime} knows no {name} '{value}' and would take another one without a word."
                yield at, message, f"Write one of {', '.join(taken[name])}."


def notes(service: Service) -> Iterator[str]:
    """Keys that are for other platforms, so that one file can serve several; and what the cluster has to have."""
    store, model = service.store, service.model
    elsewhere = (
        ("store.endpoint", store and store.endpoint, "the pods take it from the Secret, RCLONE_CONFIG_…_ENDPOINT"),
        ("store.key", store and store.key, "it is KServe's; the pods' credentials are access.secret"),
        ("store.fetch", store and store.fetch, "the operator's storage initializer fetches the model"),
        ("model.requirements", model.requirements, "it is Seldon Core 2's"),
        ("model.memory", model.memory, "it is Seldon Core 2's; resources says what the pods take"),
        ("server", service.server != type(service.server)(), "it is Seldon Core 2's"),
    )
    for key, there, reason in elsewhere:
        if there:
            yield f"{service.name}: {key} has no effect on Seldon Core 1: {reason}."
    shipped = {server.runtime for servers in SERVERS.values() for server in servers.values()}
    for implementation in dict.fromkeys(each.model_format or model.model_format for each in service.variants):
        if implementation and implementation not in shipped:
            yield (
                f"{service.name}: the cluster's seldon-config has to have a server {implementation} "
                "(predictor_servers); without it the operator refuses the object."
            )
