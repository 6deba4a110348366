"""Experiments: who gets which share of the default Model's requests, and who gets copies.

Weights are relative (scheduler/pkg/envoy/xdscache/resource.go); percentages are written, so that they read as such. A
weight of 0 beside others is what Envoy calls a cluster without traffic: step 0 of a canary changes a number and leaves
every object, so that the canary is loaded before it gets its first request.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from generator.plan.plan import Role
from generator.plan.traffic import weights
from generator.platforms.base import Composition, Sheet
from generator.platforms.labels import own_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Plan


def compose(plan: Plan, names: Mapping[str, str], first: str) -> Composition:
    """The Experiment, named after the service; nothing where all requests go to one Model.

    Args:
        plan: The plan.
        names: Variant to the name of its Model.
        first: The variant whose endpoint is split.
    """
    service, mirror = plan.service, plan.traffic.mirror
    split = shares(plan)
    if len(split) == 1 and not mirror:
        return Composition(())
    order = sorted(split, key=lambda variant: variant != first)
    given = weights([split[variant] for variant in order])
    context = {
        "name": service.model_name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "default": names[first],
        "candidates": [
            {"name": names[variant], "weight": weight} for variant, weight in zip(order, given, strict=True)
        ],
        "mirror": {"name": names[mirror[0]], "percent": mirror[1]} if mirror else None,
    }
    template = "seldon-core-2/experiment.yaml.j2"
    return Composition((Sheet(template, "Experiment", service.model_name, service.namespace, context),))


def shares(plan: Plan) -> Mapping[str, Fraction]:
    """Variant to its share in percent, also of those that get nothing now.

    A promoted canary gets all: its model is loaded, and the stable variant's Model, which has the same release from now
    on, still serves the old one while it loads.
    """
    if plan.promoted:
        return {plan.stable.variant: Fraction(0), plan.promoted.variant: Fraction(100)}
    nothing = {share.variant: Fraction(0) for share in plan.shares if share.role in (Role.ACTIVE, Role.PREVIEW)}
    return {**nothing, **plan.traffic.split}
