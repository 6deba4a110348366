"""Seldon Core 2: Models, Experiments, Pipelines and Servers of mlops.seldon.io/v1alpha1.

Where the rules come from: SeldonIO/seldon-core at v2.6.0, the last release under Apache-2.0, and for what is younger at
v2.10.2, read for facts only: releases from 2.7.0 on are under the BSL, and nothing of them is copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import InputError
from generator.platforms import access
from generator.platforms.base import GATEWAY, Composition, Platform
from generator.platforms.seldon_core_2 import (
    experiments,
    models,
    names,
    own_server,
    pipelines,
    scaling,
    ways_in,
)
from generator.platforms.seldon_core_2.cells import CELLS
from generator.platforms.seldon_core_2.notes import notes
from generator.platforms.seldon_core_2.objections import objections
from generator.platforms.seldon_core_2.servers import SERVERS
from generator.platforms.stores import Kind

if TYPE_CHECKING:
    from generator.plan.plan import Plan, Share
    from generator.platforms.seldon_core_2.servers import Core2Server
    from generator.service import Service

PRODUCT = "seldon-core-2"


def compose(plan: Plan, platform: Platform) -> Composition:
    """What opens the store, the Server, the Models, then who gets which requests, and the way in."""
    service, release = plan.service, platform.release_of(plan.service)
    routed = platform.way(service) == GATEWAY
    called = names.models(plan, routed=routed)
    shares = _in_order(plan)
    ours = [share for share in shares if not share.files.deployed]
    served = {share.variant: models.server_for(platform, service, share) for share in ours}
    made = Composition((), ((PRODUCT, release),), tuple(notes(plan, called, routed=routed)))
    made += access.compose(service)
    if service.server.config:
        made += own_server.compose(service, _one_server(service, ours, served), release)
    made += Composition(
        tuple(models.sheet(service, share, called[share.variant], served[share.variant]) for share in ours)
    )
    strategy = service.strategy
    graph = bool(strategy.chain or strategy.ensemble or strategy.graph)
    made += Composition(models.explainers(service, called[names.first_name(plan)], pipeline=graph))
    made += scaling.compose(plan, service.model_name)
    if graph:
        made += pipelines.compose(plan, called)
        return made + ways_in.to_one(plan, f"{service.model_name}{names.PIPELINE_SUFFIX}")
    if routed:
        return made + ways_in.shared_out(plan, called)
    first = names.first_name(plan)
    made += experiments.compose(plan, called, first)
    return made + ways_in.to_one(plan, called[first])


def _in_order(plan: Plan) -> list[Share]:
    """The variants, the one with the service's name first, so that a switch of blue and green moves nothing."""
    shares = [*plan.shares, *([plan.promoted] if plan.promoted else [])]
    first = names.first_name(plan)
    return sorted(shares, key=lambda share: share.variant != first)


def _one_server(service: Service, shares: list[Share], served: dict[str, Core2Server]) -> Core2Server:
    """The model server of the service's own Server, which runs all its Models.

    Raises:
        InputError: They need different ones, or the shipped ServerConfig that is named runs another.
    """
    first, config = served[shares[0].variant], service.server.config
    for share in shares:
        server = served[share.variant]
        wrong = config in own_server.SHIPPED and config != server.runtime
        if wrong or server.runtime != first.runtime:
            raise InputError(
                f"the variant '{share.variant}' runs on {server.runtime}, and the Server of the ServerConfig {config} "
                f"runs {config if wrong else first.runtime}.",
                fix="Choose the runtime and server.config for one another, or leave server.config out.",
                place=service.place("server", "config"),
            )
    return first


PLATFORM = Platform(
    id=PRODUCT,
    title="Seldon Core 2",
    whole_folders=False,
    releases=("2.6", "2.7", "2.8", "2.9", "2.10"),
    modes=("standard",),
    cells=CELLS,
    servers=SERVERS,
    compose=compose,
    objections=objections,
    reads={
        **dict.fromkeys((Kind.S3, Kind.HADOOP), "the rclone remote of that name"),
        Kind.GOOGLE: "the rclone remote gs; without a Secret as anybody",
        Kind.OTHER: "the rclone remote of that name, such as azureblob",
    },
    deployed=("canary", "ab", "shadow", "blue-green", "ensemble", "chain", "graph"),
    names=("rolling", "canary", "ab", "shadow", "blue-green", "ensemble", "chain"),
)
