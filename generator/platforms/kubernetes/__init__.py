"""Plain Kubernetes: model servers as Deployments, without any operator.

Every variant is a Deployment; what divides traffic between them is a Gateway. A Service named after the service always
leads to the variant that serves today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms import access, routes
from generator.platforms.base import Brought, Composition, Platform
from generator.platforms.kubernetes import network, pods, scaling, store
from generator.platforms.kubernetes import objections as objecting
from generator.platforms.kubernetes.cells import CELLS
from generator.platforms.kubernetes.deployment import config_maps, deployment, workload
from generator.platforms.kubernetes.servers import SERVERS
from generator.platforms.stores import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan
    from generator.platforms.base import Objection
    from generator.service import Service

RELEASES = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
"""Those that the schema packs know. The first has what every object here uses: ``lifecycle.preStop.sleep``, on by
default, and ContainerResource metrics for good (kubernetes/kubernetes, pkg/features/kube_features.go)."""


def objections(service: Service) -> Iterator[Objection]:
    """What plain Kubernetes can't give."""
    yield from objecting.objections(service, PLATFORM.release_of(service))


def compose(plan: Plan, platform: Platform) -> Composition:
    """Everything of a service, what others read first."""
    service = plan.service
    release, way = platform.release_of(service), platform.way(service)
    made = tuple(workload(plan, share, platform) for share in plan.shares)
    targets = [("kubernetes", release)]
    if scaling.by_keda(service.replicas):
        targets.append(("keda", scaling.KEDA))
    sheets = (
        *config_maps(service, made),
        *network.policy(service, made),
        *network.services(plan, made, way),
        *(deployment(service, each) for each in made),
        *(sheet for each in made for sheet in scaling.scaler(service, each)),
        *(sheet for each in made for sheet in scaling.budget(service, each)),
    )
    notes = (
        *plan.notes,
        *store.notes(service, release, objecting.uris(service)),
        *scaling.notes(plan, made),
        *network.notes(service, made),
        *routes.notes(plan, (each.name for each in made[1:])),
        *routes.alone(plan),
    )
    return (
        Composition((), tuple(targets[:1]))
        + access.compose(service)
        + Composition(sheets, tuple(targets), notes)
        + routes.compose(plan, network.backends(plan, made, way))
    )


PLATFORM = Platform(
    id="kubernetes",
    title="Kubernetes",
    releases=RELEASES,
    modes=("deployment",),
    cells=CELLS,
    servers=SERVERS,
    compose=compose,
    objections=objections,
    reads={
        **dict.fromkeys((Kind.S3, Kind.GOOGLE), "KServe's storage initializer, or rclone by `store.fetch`"),
        **dict.fromkeys((Kind.AZURE, Kind.HADOOP), "KServe's storage initializer"),
        Kind.CLAIM: "mounted",
    },
    network=True,
    pods=Brought(pods.VOLUMES, (store.FETCHER,), probes=True),
)
