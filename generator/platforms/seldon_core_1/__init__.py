"""Seldon Core 1: SeldonDeployments behind the operator's Istio or Ambassador routes, or behind routes of ours.

Where rules and numbers come from: SeldonIO/seldon-core at v1.17.1, operator/ and executor/, the last release under
Apache-2.0; the operator and the CRD of 1.18 are the same. Each module names its files.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.plan.traffic import HUNDRED
from generator.platforms import access, routes
from generator.platforms.backends import Backend
from generator.platforms.base import GATEWAY, NATIVE, Composition, Platform, Sheet
from generator.platforms.labels import own_labels
from generator.platforms.seldon_core_1 import explainers, graphs, ingress, names, scaling, splits, units
from generator.platforms.seldon_core_1.cells import CELLS, MODES, NONE
from generator.platforms.seldon_core_1.objections import notes, objections, word_of
from generator.platforms.seldon_core_1.servers import PROTOCOLS, SERVERS, on_cluster
from generator.platforms.stores import Kind
from generator.service import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan, Share
    from generator.platforms.base import Objection
    from generator.service import Service

PORTS = MappingProxyType({"rest": 8000, "grpc": 5001})
"""The engine's, at the Service of each predictor, by transport."""


@dataclass(frozen=True)
class _Making:
    """One plan on its way to sheets.

    Attributes:
        protocol: As the platform names it.
        transport: ``rest`` or ``grpc``.
    """

    plan: Plan
    platform: Platform
    mode: str
    way: str
    protocol: str
    transport: str

    @property
    def service(self) -> Service:
        """The service."""
        return self.plan.service

    def object(self, name: str, predictors: list[dict[str, Any]], annotations: Mapping[str, str]) -> Sheet:
        """A SeldonDeployment."""
        context = {
            "name": name,
            "namespace": self.service.namespace,
            "labels": own_labels(self.service),
            "annotations": {**self.service.annotations, **annotations},
            "pod_annotations": ingress.timeouts(self.service, self.mode, self.way),
            "protocol": self.protocol,
            "transport": self.transport if self.transport != "rest" else "",
            "predictors": [self._finished(predictor) for predictor in predictors],
        }
        template = "seldon-core-1/seldondeployment.yaml.j2"
        return Sheet(template, "SeldonDeployment", name, self.service.namespace, context)

    def _finished(self, predictor: dict[str, Any]) -> dict[str, Any]:
        """A predictor with what all have, and every key that its template asks for."""
        labels = access.pod_labels(self.service)
        known = {"labels": labels, "progressDeadlineSeconds": self.service.rollout.deadline}
        return {**dict.fromkeys(_OPTIONAL), **known, **predictor}


_OPTIONAL = ("shadow", "replicas", "svcOrchSpec", "explainer")
"""What a predictor's template asks for and not every predictor has: strict templates want to be told so."""


def compose(plan: Plan, platform: Platform) -> Composition:
    """ServiceAccount and Secret, the SeldonDeployment (or several), budgets, and a route where one of ours leads in.

    Raises:
        InputError: A variant's release can't be served.
    """
    service = plan.service
    mode, way = platform.mode_of(service), platform.way(service)
    found = [units.seldon_server(platform, service, share) for share in plan.shares]
    protocol, transport = PROTOCOLS[word_of(service, found)]
    making = _Making(plan, platform, mode, way, protocol, transport)
    told = (*plan.notes, *notes(service), *scaling.notes(service), *ingress.notes(service, mode, way))
    made = access.compose(service) + Composition((), (("seldon-core-1", platform.release_of(service)),), told)
    return made + (_graph(making) if graphs.is_graph(service, way) else _split(making))


def _graph(making: _Making) -> Composition:
    """All variants in one predictor."""
    service = making.service
    predictor = graphs.predictor(making.plan, making.platform, making.protocol, making.way)
    predictor |= _explained(making, service.name, graphs.predictor_name(service))
    sheets = [making.object(service.name, [predictor], ingress.bound(service, making.mode, NATIVE))]
    for share in making.plan.shares if service.replicas.available else ():
        labels = names.unit_labels(service.name, names.DEFAULT, share.variant)
        sheets.append(scaling.budget(service, f"{service.name}-{share.variant}", labels))
    told = tuple(_url(making))
    made = Composition(tuple(sheets), (), told)
    return made + _way_in(making, {}) if making.mode == NONE else made


def _url(making: _Making) -> Iterator[str]:
    chosen = making.service.strategy.chosen
    if isinstance(chosen, Chain) and making.protocol == "tensorflow":
        yield (
            f"{making.service.name}: requests ask for /v1/models/{chosen.variants[0]}:predict, the first of the chain; "
            "the name of another one begins there."
        )


def _split(making: _Making) -> Composition:
    """A predictor for each variant."""
    service, plan = making.service, making.plan
    called = names.predictors(plan)
    dealt = splits.deal(plan, making.mode, making.way)
    predictors = [_predictor(making, share, dealt.traffic[share.variant], called) for share in dealt.shares]
    explained = next((share for share in dealt.shares if share is plan.stable), None)
    if explained:
        index = dealt.shares.index(explained)
        predictors[index] |= _explained(making, service.name, called[explained.variant])
    sheets = [making.object(service.name, predictors, ingress.bound(service, making.mode, making.way))]
    sheets += [sheet for share in dealt.shares for sheet in _budget(making, service.name, called[share.variant])]
    for variant, rule in splits.matched(plan, making.mode, making.way).items():
        name = f"{service.name}-{variant}"
        alone = [_predictor(making, plan.share(variant), HUNDRED, called)]
        sheets.append(making.object(name, alone, ingress.matching(service, rule)))
        sheets += _budget(making, name, called[variant])
    made = Composition(tuple(sheets), (), (*dealt.notes, *_alone(making, len(dealt.shares))))
    if making.way != GATEWAY and making.mode != NONE:
        return made
    beside = (names.predictor_service(service.name, called[share.variant]) for share in dealt.shares[1:])
    made += Composition((), (), tuple(routes.notes(plan, beside)))
    return made + _way_in(making, {share.variant: called[share.variant] for share in dealt.shares})


def _predictor(making: _Making, share: Share, traffic: int, called: Mapping[str, str]) -> dict[str, Any]:
    name = called[share.variant]
    return splits.predictor(making.plan, share, making.platform, making.protocol, traffic, name)


def _explained(making: _Making, deployment: str, predictor: str) -> dict[str, Any]:
    """The explainer, beside the predictor that serves."""
    made = explainers.explainer_of(making.service, deployment, predictor, making.protocol)
    return {"explainer": made} if made else {}


def _alone(making: _Making, predictors: int) -> Iterator[str]:
    if making.service.explainer and predictors > 1:
        yield f"{making.service.name}: the explainer explains '{making.plan.stable.variant}' only."


def _budget(making: _Making, deployment: str, predictor: str) -> list[Sheet]:
    service = making.service
    if not service.replicas.available:
        return []
    labels = names.unit_labels(deployment, predictor, service.model_name)
    return [scaling.budget(service, f"{deployment}-{predictor}", labels)]


def _way_in(making: _Making, called: Mapping[str, str]) -> Composition:
    """Our route to the Services of the predictors, of a graph to the only one."""
    service, plan, port = making.service, making.plan, PORTS[making.transport]
    if called:
        backends = {
            variant: Backend(names.predictor_service(service.name, name), port) for variant, name in called.items()
        }
        return routes.compose(plan, backends)
    entry = names.predictor_service(service.name, graphs.predictor_name(service))
    return routes.compose(graphs.as_one(plan), {graphs.WHOLE: Backend(entry, port)})


def _objections(service: Service) -> Iterator[Objection]:
    return objections(service, PLATFORM)


PLATFORM = Platform(
    id="seldon-core-1",
    title="Seldon Core 1",
    releases=("1.17", "1.18"),
    modes=MODES,
    cells=CELLS,
    servers=SERVERS,
    compose=compose,
    objections=_objections,
    reads={
        **dict.fromkeys((Kind.S3, Kind.HADOOP), "the rclone remote of that name"),
        Kind.GOOGLE: "the rclone remote gs; without a Secret as anybody",
        Kind.CLAIM: "mounted",
        Kind.OTHER: "the rclone remote of that name, such as azureblob",
    },
    names=("rolling", "canary", "ab", "shadow", "blue-green"),
    on_cluster=on_cluster,
)
