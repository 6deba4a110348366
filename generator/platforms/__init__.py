"""The platforms: one module each, discovered, never listed; a Plan goes in, sheets for the templates come out."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.decoding.exact import nearest
from generator.errors import InputError
from generator.platforms import routes, stores
from generator.platforms.base import FEATURES, Level, Platform, never
from generator.platforms.servers import on_cluster, server_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from generator.errors import Place
    from generator.platforms.base import Cell, Objection
    from generator.service import Service

KEPT: Mapping[str, str] = MappingProxyType({"keras": "keras"})
"""Formats that no server runs, to the layout in which a release keeps them beside the others."""


@functools.cache
def platforms() -> Mapping[str, Platform]:
    """Every platform by id: each module of this package that holds ``PLATFORM``."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        platform = getattr(importlib.import_module(f"{__name__}.{module.name}"), "PLATFORM", None)
        if isinstance(platform, Platform):
            found[platform.id] = platform
    return MappingProxyType(dict(sorted(found.items())))


@functools.cache
def _alone(kind: str) -> Platform | None:
    """A platform by id without importing the others, which costs a render 40 ms; None where that doesn't find it."""
    known = {module.name for module in pkgutil.iter_modules(__path__)}
    name = kind.replace("-", "_")
    platform = getattr(importlib.import_module(f"{__name__}.{name}"), "PLATFORM", None) if name in known else None
    return platform if isinstance(platform, Platform) and platform.id == kind else None


def named(service: Service) -> Platform:
    """The platform that a service names.

    Raises:
        InputError: The platform, its release or its mode isn't known.
    """
    wanted = service.platform
    platform = _alone(wanted.kind) or platforms().get(wanted.kind)
    if platform is None:
        fix = nearest(wanted.kind, platforms())
        raise _refusal(service, f"the platform '{wanted.kind}' isn't known.", fix, "kind")
    if wanted.version and wanted.version not in platform.releases:
        listed = ", ".join(f'"{release}"' for release in platform.releases)
        fix = f"Known releases: {listed}."
        raise _refusal(service, f"{platform.title} {wanted.version} isn't known.", fix, "version")
    if wanted.mode and wanted.mode not in platform.modes:
        fix = nearest(wanted.mode, platform.modes)
        raise _refusal(service, f"{platform.title} has no mode '{wanted.mode}'.", fix, "mode")
    return platform


def of(service: Service) -> Platform:
    """The platform of a service, after asking whether it can do what the service wants.

    Raises:
        InputError: As ``named``; or it can't do the strategy: the message names what can.
    """
    platform = named(service)
    _demand(service, platform)
    return platform


def layouts_of(service: Service) -> dict[str, str]:
    """The layouts that a release of a service needs, that of the rendered server first, and the format in each.

    A format beside the model's own lies where the variants that ask for it find it, and in the layouts of those
    ``model.runtimes`` that run it; where none does, in that of the platform's own server for it. A runtime that runs
    several has the one that lies nowhere yet, else the first.

    Raises:
        InputError: As ``named``; a format or a runtime isn't known to any platform; or two formats want one layout.
    """
    platform, model = named(service), service.model
    release = platform.release_of(service)
    if model.model_format:
        rendered = on_cluster(platform, model.model_format, model.runtime, service)
    else:
        rendered = server_named(platform, release, model.format, model.runtime, service)
    found = {rendered.layout: model.format}
    for index, variant in enumerate(service.variants):
        if variant.release and not variant.service and not variant.model_format and variant.format in model.formats:
            own = server_named(platform, release, variant.format, variant.runtime, service, "variants", index)
            _add(found, service, {own.layout: variant.format}, ("formats", model.formats.index(variant.format)))
    for index, runtime in enumerate(model.runtimes):
        _add(found, service, _runs(service, runtime, model.all_formats, found), ("runtimes", index))
    for index, model_format in enumerate(model.formats):
        if model_format not in found.values():
            known = KEPT.get(model_format) or next(iter(_everywhere(platform, model_format).values()), None)
            if known is None:
                raise InputError(
                    f"no platform runs the format '{model_format}'.",
                    fix="Leave it out of model.formats.",
                    place=service.place("model", "formats", index),
                )
            _add(found, service, {known: model_format}, ("formats", index))
    return found


def _add(found: dict[str, str], service: Service, more: Mapping[str, str], path: tuple[str | int, ...]) -> None:
    """Add layouts, each with its format.

    Raises:
        InputError: One is another format's already.
    """
    for layout, model_format in more.items():
        if found.setdefault(layout, model_format) != model_format:
            raise InputError(
                f"the layout {layout} can't hold both {found[layout]} and {model_format} in one release.",
                fix="Publish them as two services, or name a runtime in model.runtimes that reads another layout.",
                place=service.place("model", *path),
            )


def _runs(service: Service, runtime: str, among: Sequence[str], found: Mapping[str, str]) -> dict[str, str]:
    """What a runtime reads, on whichever platform, and the one of some formats that lies there.

    Args:
        service: For the place of what is wrong.
        runtime: Its name.
        among: The formats.
        found: Where some lie already.

    Raises:
        InputError: No platform runs any of them with it.
    """
    known = {name: _everywhere(None, name) for name in among}
    fitting = [(runtimes[runtime], name) for name, runtimes in known.items() if runtime in runtimes]
    there = [each for each in fitting if each in found.items()]
    homeless = [each for each in fitting if each[1] not in found.values()]
    for each in (*there, *homeless, *fitting):
        return dict([each])
    alike = dict.fromkeys(name for runtimes in known.values() for name in runtimes)
    raise InputError(
        f"no platform runs {' or '.join(among)} with '{runtime}'.",
        fix=nearest(runtime, alike) if alike else "",
        place=service.place("model", "runtimes"),
    )


def _everywhere(first: Platform | None, model_format: str) -> dict[str, str]:
    """The layout of every runtime of a format, on whichever platform; those of the first platform before the others."""
    runtimes: dict[str, str] = {}
    for platform in (*([first] if first else []), *platforms().values()):
        for name, server in platform.servers.get(model_format, {}).items():
            runtimes.setdefault(name, server.layout)
    return runtimes


def _demand(service: Service, platform: Platform) -> None:
    """Hold the table of capabilities, and what it says a strategy needs, against the service."""
    mode, release = platform.mode_of(service), platform.release_of(service)
    title = f"{platform.title} {release} in mode {mode}" if len(platform.modes) > 1 else f"{platform.title} {release}"
    rows = {feature: platform.ways(feature, mode, release) for feature in service.strategy.chosen.features()}
    for cells in rows.values():
        if all(cell.level is Level.NO for cell in cells):
            fix = f"Instead: {cells[0].instead}." if cells[0].instead else ""
            raise InputError(f"{title} can't do this: {cells[0].sentence}", fix=fix, place=_at(service))
    way = platform.way(service)
    if not way:
        fix = "Leave by out." if service.strategy.by else ""
        raise InputError(f"{title} can't do this {_together(service, rows)}", fix=fix, place=_at(service))
    chosen = [cell for cells in rows.values() for cell in cells if cell.way == way]
    cell = next((cell for cell in chosen if cell.level is Level.GATEWAY), None)
    if cell and service.gateway is None and not platform.routes(service):
        raise InputError(
            f"the strategy {service.strategy.name} on {title} needs a Gateway: {cell.sentence}",
            fix="Add for example gateway: {name: models, namespace: gateways, host: digits.example.com}.",
            place=service.place("gateway"),
        )
    for path, message, fix in (
        *_of_variants(service, platform),
        *_beside(service, platform),
        *_network(service, platform),
        *_own_routes(service, platform),
        *routes.objections(service, shares=cell is not None),
        *stores.objections(service, platform),
        *platform.objections(service),
    ):
        raise InputError(message, fix=fix, place=service.place(*path))


def _of_variants(service: Service, platform: Platform) -> Iterator[Objection]:
    """What is on the cluster already can take part only in what names other objects; names have to be usable."""
    strategy = service.strategy.name
    for path, wanted in (
        (("model", "modelFormat"), service.model.model_format),
        *((("variants", index, "modelFormat"), each.model_format) for index, each in enumerate(service.variants)),
    ):
        if wanted and platform.on_cluster is None:
            yield path, f"{platform.title} looks no server up by the name of a format.", "Leave it out."
    for index, variant in enumerate(service.variants):
        if variant.object and strategy not in platform.names:
            yield (
                ("variants", index, "object"),
                f"{platform.title} has no name of its own for a variant with the strategy {strategy}.",
                "Leave it out.",
            )
        if variant.deployed and strategy not in platform.deployed:
            yield (
                ("variants", index, "deployed"),
                f"{platform.title} renders the strategy {strategy} with models of its own.",
                "Write uri: or release: instead.",
            )


def _beside(service: Service, platform: Platform) -> Iterator[Objection]:
    """Files beside a model's own, where the platform fetches one folder a model; and an entry of a storage secret."""
    for index, variant in enumerate(service.variants):
        if variant.storage and not platform.storage:
            yield (
                ("variants", index, "storage"),
                f"{platform.title} has no storage secret with entries that say where a model lies.",
                "Write uri: with the whole address.",
            )
        if variant.beside and not platform.beside:
            yield (
                ("variants", index, "beside"),
                f"{platform.title} fetches one folder a model.",
                "Put the files into the model's own folder.",
            )


def _network(service: Service, platform: Platform) -> Iterator[Objection]:
    """Who makes the pods knows their ports."""
    if service.network and not platform.network:
        yield (
            ("network",),
            f"{platform.title} makes the pods itself, so Serinus renders no NetworkPolicy for them.",
            "Leave network out, or lay a policy of your own beside the manifests.",
        )


def _own_routes(service: Service, platform: Platform) -> Iterator[Objection]:
    """What a cluster's own routes do is asked of a platform that has some."""
    if service.platform.gateway_api and platform.routes is never:
        yield ("platform", "gatewayApi"), f"that is a setting of KServe's, not of {platform.title}.", "Leave it out."


def _at(service: Service) -> Place:
    """Where the strategy stands; asked for only when something is wrong, since it reads the file once more."""
    return service.place("strategy", service.strategy.key)


def _together(service: Service, rows: Mapping[str, tuple[Cell, ...]]) -> str:
    """Why no single way serves all that is wanted."""
    able = [
        f"{FEATURES[feature]} goes by {' or '.join(cell.way for cell in cells if cell.level is not Level.NO)}"
        for feature, cells in rows.items()
    ]
    asked = f"by {service.strategy.by}" if service.strategy.by else "in one way"
    return f"{asked}: {'; '.join(able)}."


def _refusal(service: Service, message: str, fix: str, key: str) -> InputError:
    return InputError(message, fix=fix, place=service.place("platform", key))
