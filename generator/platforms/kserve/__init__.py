"""KServe 0.15 to 0.21 in mode standard and knative: InferenceServices, and InferenceGraphs for graphs of models.

Each module says where its numbers and rules come from: kserve/kserve at the tags v0.15.0 to v0.20.0, and for 0.21
its branch at aaac4e294 and the wheel of the release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.platforms import access
from generator.platforms.base import GRAPH, Brought, Composition, Platform
from generator.platforms.kserve import graph, knative, manifest, names, notes, objections, predictor, scaling, standard
from generator.platforms.kserve.cells import CELLS
from generator.platforms.kserve.servers import SERVERS, on_cluster
from generator.platforms.kserve.setting import KNATIVE, STANDARD, Setting
from generator.platforms.stores import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.plan.plan import Plan
    from generator.platforms.base import Objection
    from generator.service import Service


def compose(plan: Plan, platform: Platform) -> Composition:
    """Access, runtimes, InferenceServices, budgets, and the way in, in the order in which they are to be applied."""
    setting = Setting(platform, plan.service)
    names.hold(setting, plan)
    build = graph.compose if setting.way == GRAPH else standard.compose if setting.standard else knative.compose
    made = Composition((), (("kserve", setting.release),), (*plan.notes, *notes.of(setting, plan)))
    made += access.compose(plan.service, secrets_on_account=not access.pulls(setting.service))
    made += Composition(tuple(manifest.runtimes(setting, plan)))
    made += build(setting, plan)
    return made + Composition(tuple(scaling.budgets(setting, plan)))


def _objections(service: Service) -> Iterator[Objection]:
    return objections.objections(service, PLATFORM)


def _routes(service: Service) -> bool:
    return Setting(PLATFORM, service).splits_itself


PLATFORM = Platform(
    id="kserve",
    title="KServe",
    releases=("0.15", "0.16", "0.17", "0.18", "0.19", "0.20", "0.21"),
    modes=(STANDARD, KNATIVE),
    cells=CELLS,
    servers=SERVERS,
    compose=compose,
    objections=_objections,
    reads={
        **dict.fromkeys((Kind.S3, Kind.GOOGLE, Kind.AZURE, Kind.HADOOP), "storage initializer"),
        Kind.CLAIM: "mounted",
        Kind.OTHER: "a ClusterStorageContainer of the cluster's own",
    },
    deployed=("canary", "graph", "ensemble", "chain", "switch"),
    names=("canary",),
    beside=True,
    pods=Brought(predictor.VOLUMES, ("storage-initializer",)),
    storage=True,
    on_cluster=on_cluster,
    routes=_routes,
)
