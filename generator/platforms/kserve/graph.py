"""InferenceGraph: a router of KServe's that asks one model, all of them, or one after the other.

kserve/kserve v0.20.0, cmd/router/main.go (``routeStep``, ``pickupRouteByCondition``); the webhook wants the weights
of a Splitter to sum to 100 (pkg/apis/serving/v1alpha1/inference_graph_validation.go).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from generator.decoding.exact import nearest
from generator.errors import InputError
from generator.outcome.kserve.entry import PORT
from generator.outcome.kserve.hosts import within
from generator.plan.traffic import HUNDRED, Traffic, apportion
from generator.platforms import routes
from generator.platforms.backends import Backend
from generator.platforms.base import Composition, Sheet
from generator.platforms.kserve import knative, names, predictor
from generator.platforms.kserve.manifest import (
    AUTOSCALER_ANNOTATION,
    MODE_ANNOTATION,
    inference_service,
    metadata,
)
from generator.platforms.kserve.servers import PREDICT
from generator.platforms.servers import protocol_of
from generator.service import Chain, Ensemble, Graph, Switch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Plan, Share
    from generator.platforms.kserve.setting import Setting

HARD: dict[str, Any] = {"dependency": "Hard"}
"""A step that fails ends the request with its answer; without it a chain would hand the error on as a request."""
MAPPED: dict[str, Any] = {"mapPredictionsToInstances": True}
"""The answer's predictions become the next request's instances; an answer without predictions stays as it is."""
ALWAYS = "@this"
"""A condition that every JSON document meets (tidwall/gjson, modifiers): a Switch knows no default."""
ENTRY = ""
"""Stands for the graph where the traffic names a variant."""


def compose(setting: Setting, plan: Plan) -> Composition:
    """An InferenceService a variant, none of them seen from outside, the graph, and the route to it."""
    service = setting.service
    made = Composition(
        (
            *(
                inference_service(setting, share, predictor.scaled(setting, share), hidden=True)
                for share in names.made(plan)
            ),
            _graph(setting, plan),
        )
    )
    if service.gateway is None:
        host = within(service.name, service.namespace or "NAMESPACE")
        where = f"at http://{host} inside the cluster" if setting.standard else "at the host that Knative gives it"
        return made + Composition((), (), (f"{service.name}: the InferenceGraph answers {where}, under any path.",))
    seen = replace(plan, traffic=Traffic({ENTRY: Fraction(HUNDRED)}))
    if setting.standard:
        return made + routes.compose(seen, {ENTRY: Backend(service.name, PORT)})
    return made + knative.way_in(setting, seen, {ENTRY: knative.local(setting, service.name)})


def _graph(setting: Setting, plan: Plan) -> Sheet:
    service = setting.service
    annotations = {MODE_ANNOTATION: setting.mode_of_graphs}
    if setting.standard:
        annotations[AUTOSCALER_ANNOTATION] = "none"
    context = {
        **metadata(setting, service.name, hidden=not setting.standard and service.gateway is not None),
        "annotations": {**service.annotations, **annotations},
        "replicas": max(service.replicas.min, 1),
        "spec": _spec(setting, plan),
    }
    return Sheet("kserve/inferencegraph.yaml.j2", "InferenceGraph", service.name, service.namespace, context)


def _spec(setting: Setting, plan: Plan) -> dict[str, Any]:
    """The whole spec: one node, or what the user wrote."""
    replicas = {"minReplicas": max(setting.service.replicas.min, 1)}
    chosen = setting.service.strategy.chosen
    if isinstance(chosen, Graph):
        return replicas | _own(setting, plan, chosen.spec)
    router, steps = _root(setting, plan)
    return {**replicas, "nodes": {"root": {"routerType": router, "steps": steps}}}


def _own(setting: Setting, plan: Plan, spec: Mapping[str, Any]) -> dict[str, Any]:
    """A graph in KServe's words, in which a step's ``serviceName`` is a variant."""
    steps = {share.variant: _step(setting, share) for share in plan.shares}
    nodes = spec.get("nodes")
    if not isinstance(nodes, dict):
        raise InputError(
            "an InferenceGraph has nodes.",
            fix="Write nodes: {root: {routerType: Sequence, steps: […]}}.",
            place=setting.service.place("strategy", "graph", "spec"),
        )
    return {**spec, "nodes": {name: _node(setting, node, name, steps) for name, node in nodes.items()}}


def _node(setting: Setting, node: Any, name: str, steps: Mapping[str, dict[str, Any]]) -> Any:
    """A node, its variants replaced by where they are asked; a step has the name that the user gives it, or none.

    The names are the keys of an Ensemble's answer.
    """
    if not isinstance(node, dict) or not isinstance(node.get("steps"), (list, tuple)):
        return node  # the checks say what is wrong with it
    found = []
    for index, step in enumerate(node["steps"]):
        variant = step.get("serviceName") if isinstance(step, dict) else None
        if variant is None:
            found.append(step)
        elif isinstance(variant, str) and variant in steps:
            asked = {key: value for key, value in steps[variant].items() if key != "name"}
            found.append({**step, **asked} if "serviceName" in asked else {**asked, **_without_service(step)})
        else:
            raise InputError(
                f"'{variant}' is no variant of this graph.",
                fix=nearest(str(variant), steps),
                place=setting.service.place("strategy", "graph", "spec", "nodes", name, "steps", index, "serviceName"),
            )
    return {**node, "steps": found}


def _without_service(step: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key != "serviceName"}


def _root(setting: Setting, plan: Plan) -> tuple[str, list[dict[str, Any]]]:
    """The type of the root node, and its steps."""
    chosen = setting.service.strategy.chosen
    steps = {share.variant: _step(setting, share) for share in plan.shares}
    if isinstance(chosen, Ensemble):
        return "Ensemble", [step | HARD for step in steps.values()]
    if isinstance(chosen, Chain):
        return "Sequence", [_link(setting, plan, steps, index) for index in range(len(plan.shares))]
    if isinstance(chosen, Switch):
        return "Switch", [
            steps[branch.variant] | {"name": f"branch-{number}", "condition": branch.when or ALWAYS}
            for number, branch in enumerate(chosen.branches, start=1)
        ]
    shares = apportion([plan.traffic.split[name] for name in steps], HUNDRED)
    return "Splitter", [step | {"weight": weight} for step, weight in zip(steps.values(), shares, strict=True)]


def _step(setting: Setting, share: Share) -> dict[str, Any]:
    """A step that asks a variant by its address.

    By the InferenceService's name the controller would make an address with that name as the model's, and of the first
    protocol that the runtime lists (pkg/controller/v1beta1/inferenceservice/utils/utils.go, ``GetPredictorEndpoint``).
    """
    service = setting.service
    if share.files.deployed:
        return {"name": share.variant, "serviceName": share.files.deployed}
    found = predictor.server(setting, share)
    protocol = protocol_of(service, found)
    if protocol not in PREDICT or not found.paths:
        spoken = "the OpenAI API" if not found.paths else protocol or "what its runtime chooses"
        raise InputError(
            f"an InferenceGraph asks its models by the V1 or V2 protocol over HTTP, and '{share.variant}' speaks "
            f"{spoken}.",
            fix="Choose another runtime or protocol, or the strategy's way by: gateway where it has one.",
            place=service.place("model"),
        )
    host = names.entry_of(setting, share)
    if service.namespace:
        host = within(host, service.namespace)
    return {"name": share.variant, "serviceUrl": f"http://{host}{PREDICT[protocol].format(service.model_name)}"}


def _link(setting: Setting, plan: Plan, steps: dict[str, dict[str, Any]], index: int) -> dict[str, Any]:
    """A step of a chain: the first gets the request, each other what the one before answered.

    Raises:
        InputError: The answer of the protocol is no request of it.
    """
    share = plan.shares[index]
    if not index:
        return steps[share.variant] | HARD | {"data": "$request"}
    if share.files.deployed:
        return steps[share.variant] | HARD | {"data": "$response"} | MAPPED
    found = predictor.server(setting, share)
    if protocol_of(setting.service, found) != "v1" and not found.alone and not setting.service.transformer:
        raise InputError(
            f"the answer of the V2 protocol has outputs, and '{share.variant}' wants inputs: the router of an "
            "InferenceGraph turns predictions of V1 into instances, and nothing of V2.",
            fix="Write model.protocol: v1 where the server speaks it, or a transformer that makes a request of it.",
            place=setting.service.place("strategy", "chain"),
        )
    mapped = MAPPED if protocol_of(setting.service, found) == "v1" else {}
    return steps[share.variant] | HARD | {"data": "$response"} | mapped
