"""What the objects of a service are called, and why.

The Model that serves today is named after the service: ``/v2/models/<service>/infer`` is the address that clients
know, whatever the strategy, and a Model that keeps its name is replaced without a gap.

Beside it, in an Experiment, Models are named after their files (``digits-r3``): metrics tell releases apart by the
name, a new candidate is a new object, so that its Ready is its own, and as long as it isn't loaded the Experiment sends
everything to its default, the Model that is loaded. An Experiment without a default, with release-named Models behind
one header, would answer 404 as soon as one candidate has no live replica
(scheduler/pkg/envoy/processor/incremental.go, v2.10.2).

Behind a gateway nobody steps in for a Model that isn't loaded yet, so there the Models beside the first are named after
their variants and replaced in place. In a Pipeline a step is called like its Model, so those too are named after the
variants: a new release changes the Model and leaves the Pipeline as it is.

A Model that is on the cluster already (``variants[].deployed``) has the name that it has there, and one whose name has
to stay (``variants[].object``) that one; in a graph in Core 2's
own words (``strategy.graph``) each step's Model is called as the graph calls it, which is the variant's name.

Blue-green keeps both Models as they are and changes the weights alone, so there the variant that comes first in the
service file has the service's name, active or not.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.plan.plan import Role
from generator.text.names import fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Plan, Share
    from generator.service import Service

LONGEST = 63
"""Of a Model: monitoring carries it as a label's value. Core 2 itself has no bound; a longer one is shortened."""
MESH, MESH_PORT = "seldon-mesh", 80
"""The Service that leads to every Model and Pipeline of a namespace."""
MODEL_HEADER = "seldon-model"
"""Names the Model; where a client sets none, Envoy takes it from the path."""
PIPELINE_SUFFIX, EXPERIMENT_SUFFIX = ".pipeline", ".experiment"


def first_name(plan: Plan) -> str:
    """The variant whose Model has the service's name."""
    if plan.service.strategy.blue_green:
        there = {share.variant for share in plan.shares}
        return next(variant.name for variant in plan.service.variants if variant.name in there)
    return plan.stable.variant


def models(plan: Plan, *, routed: bool) -> Mapping[str, str]:
    """Variant to the name of its Model, in the order of the plan; with a promoted canary that one too.

    Args:
        plan: The plan.
        routed: Whether the gateway shares out the traffic.
    """
    shares: list[Share] = [*plan.shares, *([plan.promoted] if plan.promoted else [])]
    first = first_name(plan)
    ids = Counter(share.files.id for share in shares if share.variant != first)
    return MappingProxyType(
        {
            share.variant: share.files.deployed
            or share.object
            or _name(plan.service, share, first=share.variant == first, routed=routed, alone=ids[share.files.id] == 1)
            for share in shares
        }
    )


def _name(service: Service, share: Share, *, first: bool, routed: bool, alone: bool) -> str:
    """What a Model of ours is called.

    Args:
        service: The service.
        share: The variant.
        first: Whether it has the service's name.
        routed: Whether the gateway shares out the traffic.
        alone: Whether no other variant beside the first has the same files.
    """
    base = service.model_name
    if share.role is Role.NODE:
        return share.variant if service.strategy.graph else fit(f"{base}-{share.variant}", LONGEST)
    if first:
        return base
    if routed:
        return fit(f"{base}-{share.variant}", LONGEST)
    return fit(f"{base}-{share.files.id}" if alone else f"{base}-{share.files.id}-{share.variant}", LONGEST)


def explainer(service: Service) -> str:
    """The explainer's Model."""
    return f"{service.model_name}-explainer"
