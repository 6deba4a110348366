"""The way in: a route to the Service of all Models, with the header that names the one that is meant.

The header wins over the path (the Lua filter in scheduler/pkg/envoy/xdscache/resource.go), and the server gets the path
with the Model's own name, so that clients call ``/v2/models/<service>/infer`` whichever Model answers.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING

from generator.plan.traffic import Traffic
from generator.platforms import routes
from generator.platforms.backends import Backend
from generator.platforms.seldon_core_2 import experiments
from generator.platforms.seldon_core_2.names import MESH, MESH_PORT, MODEL_HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Plan
    from generator.platforms.base import Composition


def shared_out(plan: Plan, names: Mapping[str, str]) -> Composition:
    """The route that shares the traffic out between Models."""
    backends = {variant: backend(name) for variant, name in names.items()}
    if plan.promoted:
        plan = dataclasses.replace(plan, traffic=dataclasses.replace(plan.traffic, split=experiments.shares(plan)))
    return routes.compose(plan, backends)


def to_one(plan: Plan, header: str) -> Composition:
    """The route to one Model, Experiment or Pipeline, which does the rest itself; nothing without a gateway."""
    name = plan.service.name
    traffic = Traffic({name: Fraction(100)})
    return routes.compose(dataclasses.replace(plan, traffic=traffic), {name: backend(header)})


def backend(header: str) -> Backend:
    """The Service of all Models, for one of them."""
    return Backend(MESH, MESH_PORT, headers={MODEL_HEADER: header})
