"""Which model server runs a variant, whether its release holds what that server reads, and in which version it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from generator.decoding.exact import likely
from generator.errors import InputError
from generator.platforms.base import numbers

if TYPE_CHECKING:
    from generator.plan.plan import Share
    from generator.platforms.base import Platform, Server
    from generator.service import Service


def on_cluster(platform: Platform, model_format: str, runtime: str | None, service: Service) -> Server:
    """The server of a runtime that the cluster brings; it reads what the first of ``model.runtimes`` does.

    Args:
        platform: The platform.
        model_format: The format in the runtime's words.
        runtime: Its name; None for any that takes the format.
        service: For the place of what is wrong.

    Raises:
        InputError: The platform has no such thing.
    """
    if platform.on_cluster is None:
        raise InputError(
            f"{platform.title} looks no server up by the name of a format.",
            fix="Leave it out.",
            place=service.place("model", "modelFormat"),
        )
    server = platform.on_cluster(model_format, runtime or "")
    alike = platform.servers.get(service.model.format, {}).get(next(iter(service.model.runtimes), ""))
    return replace(server, layout=alike.layout) if alike else server


def server_named(
    platform: Platform, release: str, model_format: str, runtime: str | None, service: Service, *path: str | int
) -> Server:
    """The server for a format and a runtime; without a runtime the platform's own.

    Args:
        platform: The platform.
        release: Its release.
        model_format: The model's format.
        runtime: The runtime's name in service files, None for the default.
        service: For the place of what is wrong.
        path: Where format and runtime stand in the file; empty for ``model``.

    Raises:
        InputError: The format or the runtime isn't known here.
    """
    at = path or ("model",)
    here = numbers(release)
    servers = {
        name: server
        for name, server in platform.servers.get(model_format, {}).items()
        if not server.since or numbers(server.since) <= here
    }
    if not servers:
        meant = likely(model_format, platform.servers)
        hint = f"Did you mean '{meant}'? " if meant else ""
        raise InputError(
            f"{platform.title} {release} has no server for the format '{model_format}' here.",
            fix=f"{hint}Known formats: {', '.join(platform.servers)}.",
            place=service.place(*at, "format"),
        )
    wanted = runtime or next(iter(servers))
    if wanted not in servers:
        raise InputError(
            f"the runtime '{wanted}' doesn't run {model_format} on {platform.title} {release}.",
            fix=f"Known runtimes for it: {', '.join(servers)}.",
            place=service.place(*at, "runtime"),
        )
    return servers[wanted]


def server_of(platform: Platform, service: Service, share: Share) -> Server:
    """The server that runs a variant, whose release holds the layout that it reads, with the format that it runs.

    Raises:
        InputError: The format or the runtime isn't known here, the layout isn't there (the message has the command that
            makes it), or what lies in it is of another format.
    """
    index = next(number for number, variant in enumerate(service.variants) if variant.name == share.variant)
    own = service.variants[index].format or service.variants[index].runtime
    path = ("variants", index) if own else ("model",)
    release = platform.release_of(service)
    if share.model_format:
        server = on_cluster(platform, share.model_format, share.runtime, service)
    else:
        server = server_named(platform, release, share.format, share.runtime, service, *path)
    layouts = share.files.layouts
    if layouts is not None and server.layout not in layouts:
        known = platform.servers.get(share.format, {})
        name = next((name for name, other in known.items() if other.layout == server.layout), "custom")
        # What the model's own runtime reads is published by itself; a variant's own has to be asked for.
        first = f"add {name} to model.runtimes, then " if own and name not in service.model.runtimes else ""
        raise InputError(
            f"release {share.files.version} of {share.files.name} has no layout {server.layout}, which "
            f"{server.runtime} reads; it has {', '.join(layouts)}.",
            fix=f"Publish the model with it: {first}serinus publish {service.file} --model PATH.",
            place=service.place(*path),
        )
    if layouts is not None and layouts[server.layout] != share.format:
        there = layouts[server.layout]
        raise InputError(
            f"release {share.files.version} of {share.files.name} holds {there} in the layout {server.layout}, and "
            f"{server.runtime} is to run {share.format}.",
            fix=f"Write format: {there}, or publish a release of {share.format} and pin it.",
            place=service.place(*path),
        )
    return server


def protocol_of(service: Service, server: Server) -> str:
    """The prediction protocol that is rendered.

    Raises:
        InputError: The server doesn't speak the one that is asked for.
    """
    wanted = service.model.protocol or server.protocol
    spoken = server.protocols or (server.protocol,)
    if wanted not in spoken:
        raise InputError(
            f"{server.runtime} doesn't speak the protocol {wanted}.",
            fix=f"It speaks {', '.join(spoken)}.",
            place=service.place("model", "protocol"),
        )
    return wanted


def version_of(service: Service, share: Share, server: Server) -> str:
    """The server's image tag, empty for the platform's own.

    New servers load old models, never the reverse, so a server that is older than the model's own is refused.

    Raises:
        InputError: The server is too old for the model.
    """
    oldest = share.files.runtimes.get(server.layout)
    wanted = share.runtime_version or server.newest
    if oldest and numbers(wanted) and numbers(wanted) < numbers(oldest):
        own = server.layout == "tensorflow-serving"  # its releases are numbered as TensorFlow's
        problem = (
            f"a model that {server.model_format} {oldest} wrote" if own else f"the model: it takes {oldest} or newer"
        )
        other = f"train with an older {server.model_format}" if own else "export the model for an older one"
        raise InputError(
            f"{server.layout} {wanted} can't load {problem}.",
            fix=f"Write a model.runtimeVersion of {oldest} or newer, or {other}.",
            place=service.place("model", "runtimeVersion"),
        )
    return wanted
