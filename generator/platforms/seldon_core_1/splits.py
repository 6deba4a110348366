"""One predictor for each variant: rolling, canary, A/B, shadow and blue-green.

Traffic is whole percentages that sum to 100 (SeldonIO/seldon-core v1.17.1, operator/apis/machinelearning.seldon.io/v1/
seldondeployment_webhook.go, ``checkTraffic``). The engine isn't told of traffic and of a predictor's replicas
(operator/controllers/seldondeployment_engine.go, ``createEngineContainer``), so a step restarts no pod.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.plan.plan import Role
from generator.plan.traffic import HUNDRED, apportion
from generator.platforms.base import NATIVE
from generator.platforms.seldon_core_1 import names, scaling, units
from generator.platforms.seldon_core_1.cells import AMBASSADOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan, Share
    from generator.platforms.base import Objection, Platform
    from generator.service import Service


@dataclass(frozen=True)
class Deal:
    """Which variants are predictors of the object, and what each gets.

    Attributes:
        shares: In the order of the predictors.
        traffic: Variant to whole percent; the shadow's is what is copied.
        notes: What the person who renders should know.
    """

    shares: tuple[Share, ...]
    traffic: Mapping[str, int]
    notes: tuple[str, ...] = ()


def objections(service: Service, way: str) -> Iterator[Objection]:
    """Shares that no predictor can have."""
    test = service.strategy.ab
    if test and way == NATIVE and any(share.denominator != 1 for share in test.split.values()):
        yield (
            ("strategy", "ab", "split"),
            "the traffic of a predictor is a whole percentage.",
            "Write whole numbers that sum to 100, or by: gateway.",
        )


def deal(plan: Plan, mode: str, way: str) -> Deal:
    """Share the traffic out.

    Ambassador gives the first predictor what the others leave (and in its API v1 a second one of 0 a half), so there
    nobody but the first may have a share of 0: a preview stands first, others are left out. By a gateway of ours all
    predictors are needed.
    """
    shares = tuple(share for share in plan.shares if share.variant not in matched(plan, mode, way))
    traffic = _whole(plan, shares)
    if mode != AMBASSADOR:
        return Deal(_in_order_of_file(plan, shares), traffic)
    if plan.service.strategy.blue_green:
        shares = tuple(sorted(shares, key=lambda share: traffic[share.variant]))
    if way != NATIVE:
        idle = [share.variant for share in shares[1:] if not traffic[share.variant]]
        note = (
            f"{plan.service.name}: call the gateway's host only. The operator's own path shares evenly with "
            f"{' and '.join(idle)} where ambassador.version is v1, which loses a share of 0."
        )
        return Deal(shares, traffic, (note,) if idle else ())
    left = tuple(share for index, share in enumerate(shares) if traffic[share.variant] or not index)
    notes = tuple(
        f"{plan.service.name}: '{share.variant}' has a share of 0 and is left out, since Ambassador may give it a half."
        for share in shares
        if share not in left
    )
    return Deal(left, traffic, notes)


def matched(plan: Plan, mode: str, way: str) -> dict[str, Any]:
    """Variant to its rule, for those that Ambassador finds by a header: each is a SeldonDeployment of its own."""
    if mode != AMBASSADOR or way != NATIVE:
        return {}
    return {rule.variant: rule for rule in plan.traffic.rules}


def _in_order_of_file(plan: Plan, shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """Blue and green as the file has them, so that the switch changes two numbers and moves nothing."""
    if not plan.service.strategy.blue_green:
        return shares
    order = [variant.name for variant in plan.service.variants]
    return tuple(sorted(shares, key=lambda share: order.index(share.variant)))


def _whole(plan: Plan, shares: tuple[Share, ...]) -> dict[str, int]:
    """The split in whole percent, and the shadow's copies."""
    split = [share for share in shares if share.role is not Role.SHADOW]
    parts = apportion([share.percent for share in split], HUNDRED)
    traffic = {share.variant: part for share, part in zip(split, parts, strict=True)}
    if plan.traffic.mirror:
        variant, percent = plan.traffic.mirror
        traffic[variant] = percent
    return traffic


def predictor(plan: Plan, share: Share, platform: Platform, protocol: str, traffic: int, name: str) -> dict[str, Any]:
    """A variant's predictor, without its explainer.

    Raises:
        InputError: As ``units.model``.
    """
    service = plan.service
    made: dict[str, Any] = {"name": name}
    if share.role is Role.SHADOW:
        made["shadow"] = True
    made["traffic"] = traffic
    model = units.model(service, share, platform, service.model_name, protocol)
    scale = scaling.scaler(service, share)
    if not scale:
        made["replicas"] = share.replicas
    pods = [dict((*_metadata(model.pod), *scale.items(), ("spec", model.pod["spec"])))]
    graph = model.unit
    if service.transformer:
        before = _transformer(service, protocol)
        graph = before.over(model)
        pods.append(before.pod)
    return {**made, "graph": graph, "componentSpecs": pods}


def _metadata(pod: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [("metadata", pod["metadata"])] if "metadata" in pod else []


def _transformer(service: Service, protocol: str) -> units.Part:
    """A unit of its own pods; the model's pods stay the first, which hold the engine and name the Deployment.

    With the protocol seldon it sees the answers too; with the others both calls would go to one endpoint.
    """
    asked = service.transformer
    if asked is None:
        raise TypeError("there is no transformer")
    unit: dict[str, Any] = {"name": names.TRANSFORMER, "type": "TRANSFORMER"}
    if protocol == "seldon":
        unit["methods"] = ["TRANSFORM_INPUT", "TRANSFORM_OUTPUT"]
    made = units.container({"name": names.TRANSFORMER, "ports": [units.METRICS_PORT]}, asked.container)
    pod = units.pod(service, [made], users=asked.pod)
    if asked.max_replicas is None:
        return units.Part(unit, {"replicas": asked.replicas, **pod})
    return units.Part(unit, {"hpaSpec": scaling.hpa(asked.replicas, asked.max_replicas), **pod})
