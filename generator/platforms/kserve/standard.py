"""Mode standard: Deployments, and a route of ours wherever traffic is shared.

What the canaries do from 0.20 on: kserve/kserve v0.20.0, pkg/controller/v1beta1/inferenceservice/components/
predictor.go (``reconcileRawDeployment``, ``canaryReplicaCount``, ``buildCanaryPredictor``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import InputError
from generator.outcome.kserve.entry import PORT
from generator.platforms import routes
from generator.platforms.backends import Backend
from generator.platforms.base import Composition
from generator.platforms.kserve import names, predictor, scaling
from generator.platforms.kserve.manifest import inference_service

if TYPE_CHECKING:
    from generator.plan.plan import Plan
    from generator.platforms.kserve.setting import Setting


def compose(setting: Setting, plan: Plan) -> Composition:
    """One InferenceService, or one a variant, and the route where a Gateway leads to them."""
    made = _several(setting, plan) if setting.many else _one(setting, plan)
    backends = {share.variant: Backend(names.entry_of(setting, share), PORT) for share in plan.shares}
    route = routes.compose(plan, backends)
    # KServe ends the pods of another predictor.name at once: the route must not give them requests any more.
    return route + made if plan.promoted and setting.canaries_inside else made + route


def _several(setting: Setting, plan: Plan) -> Composition:
    hidden = setting.service.gateway is not None
    return Composition(
        tuple(
            inference_service(setting, share, predictor.scaled(setting, share), hidden=hidden) for share in plan.shares
        )
    )


def _one(setting: Setting, plan: Plan) -> Composition:
    """The stable variant, and the canaries beside it in ``spec.canary``."""
    service = setting.service
    # The controller takes the canaries' pods off the stable's minReplicas; what is wanted is put on top before.
    minimum = plan.stable.replicas + sum(share.replicas for share in plan.shares[1:])
    stable = predictor.ordered(
        {
            **predictor.predictor(setting, plan.stable),
            **scaling.fields(setting, minimum),
            **predictor.more(setting, plan.stable),
        }
    )
    canaries = _canaries(setting, plan, stable)
    notes = []
    if service.replicas.max is not None and minimum > service.replicas.max:
        notes.append(
            f"{service.name}: while the canary runs, the stable variant may scale to {minimum} instead of "
            f"{service.replicas.max} pods: KServe wants room for both in one number."
        )
    hidden = service.gateway is not None
    sheet = inference_service(setting, plan.stable, stable, hidden=hidden, canaries=canaries)
    return Composition((sheet,), (), tuple(notes))


def _canaries(setting: Setting, plan: Plan, stable: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    made = []
    for share in plan.shares[1:]:
        live = predictor.predictor(setting, share) | {"minReplicas": share.replicas}
        if "model" in live:
            # The webhook names the container of the stable's model only, and the schema wants the name here.
            live["model"] = {"name": predictor.CONTAINER, **live["model"]}
        taken = [
            where
            for key in ("annotations", "model", "containers", *plan.stable.pod)
            for where in predictor.inherited({key: stable[key]} if key in stable else {}, live)
        ]
        if taken:
            raise InputError(
                f"KServe lays the canary over the stable predictor, so '{share.variant}' would get {', '.join(taken)} "
                f"of '{plan.stable.variant}', which it hasn't itself.",
                fix="Write strategy.canary.by: gateway, which makes two InferenceServices; or let both have the field.",
                place=setting.service.place("strategy", "canary"),
            )
        made.append({"percent": int(share.percent), "predictor": predictor.ordered(live)})
    return tuple(made)
