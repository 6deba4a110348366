"""Graphs: bandit, combiner, chain, switch and the A/B test inside one predictor; each variant in a pod of its own.

How the engine walks a graph: SeldonIO/seldon-core v1.17.1, executor/predictor/predictor_process.go. The bandits:
components/routers/epsilon-greedy/EpsilonGreedy.py, components/routers/thompson-sampling/ThompsonSampling.py.
"""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator.plan.traffic import HUNDRED, Traffic
from generator.platforms.base import GRAPH
from generator.platforms.fragments import laid
from generator.platforms.seldon_core_1 import names, scaling, units
from generator.service import AB, Bandit, Chain, Ensemble, Graph, Switch
from generator.service.types import DNS_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.plan.plan import Plan
    from generator.platforms.base import Objection, Platform
    from generator.platforms.seldon_core_1.units import Part
    from generator.service import Service

STRATEGIES = ("bandit", "ensemble", "chain", "switch", "graph")
SELDON_ONLY = ("bandit", "ensemble", "switch")
"""Routing, rewards and aggregation are messages of the protocol seldon."""

WORDS = ("name", "graph", "componentSpecs", "svcOrchSpec", "labels")
"""What a graph in Seldon's own words may say of its predictor."""

SCALED = frozenset(("replicas", "hpaSpec", "kedaSpec"))
"""What a componentSpec may say of its own pods' number."""

ROUTING_INJECTION = {"name": "SELDON_ENABLE_ROUTING_INJECTION", "value": "true"}
"""The engine's variable without which no answer says which branch gave it, so that no reward finds its branch."""

ROUTER_IMAGES = MappingProxyType(
    {"epsilon-greedy": "seldonio/mab_epsilon_greedy", "thompson-sampling": "seldonio/mab_thompson_sampling"}
)
ROUTER_TAGS = MappingProxyType({"1.17": "1.17.1", "1.18": "1.18.2"})
"""The routers are released with the operator."""

_WHOLE, _SHARE, _SWITCH, _TEXT = r"[0-9]{1,9}", r"0(\.[0-9]+)?|1(\.0+)?", r"0|1|true|false|True|False", r".+"
_COMMON = {"seed": ("INT", _WHOLE), "verbose": ("BOOL", _SWITCH), "history": ("BOOL", _SWITCH)}
_NAMES = {"branch_names": ("STRING", _TEXT)}
PARAMETERS: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "epsilon-greedy": {"epsilon": ("FLOAT", _SHARE), "best_branch": ("INT", _WHOLE), **_COMMON, **_NAMES},
        "thompson-sampling": {**_COMMON, **_NAMES},
    }
)
"""What a router takes: its type, and what its values look like. Another name ends it at start-up."""


def is_graph(service: Service, way: str) -> bool:
    """Whether the variants are units of one predictor."""
    return service.strategy.name in STRATEGIES or way == GRAPH


def objections(service: Service, way: str) -> Iterator[Objection]:
    """What a graph can't hold."""
    chosen, key = service.strategy.chosen, service.strategy.key
    if service.transformer and is_graph(service, way):
        yield (
            ("transformer",),
            "a transformer before a graph isn't rendered.",
            "Make it the first variant of a chain, or leave it out.",
        )
    if isinstance(chosen, Graph):
        yield from _of_graph(service, chosen)
    elif isinstance(chosen, Bandit):
        yield from _of_bandit(chosen)
    elif isinstance(chosen, Switch):
        yield from _of_switch(chosen)
    elif isinstance(chosen, AB) and way == GRAPH and len(chosen.split) != 2:  # noqa: PLR2004 (A and B)
        yield ("strategy", key, "split"), "RANDOM_ABTEST draws between two variants.", "Name two, or write by: gateway."


def _of_graph(service: Service, asked: Graph) -> Iterator[Objection]:
    """A predictor in Seldon's words holds a graph, and says itself how it scales."""
    at = ("strategy", "graph", "spec")
    if not isinstance(asked.spec.get("graph"), dict):
        yield at, "on Seldon Core 1 this is a predictor, and a predictor has a graph.", "Write graph: {name: …}."
    if service.replicas.available:
        message = "units of a graph in Seldon's words may share a pod, and a pod has one budget."
        yield ("replicas", "available"), message, "Write pdbSpec there."
    for key in asked.spec:
        if key not in WORDS:
            yield (*at, key), f"{key} isn't read here.", "Write it under patches: {SeldonDeployment: …}."
    name = asked.spec.get("name", names.DEFAULT)
    if not (isinstance(name, str) and re.fullmatch(DNS_LABEL, name)):
        yield (*at, "name"), "this is no name of a predictor.", "Write lower-case letters, digits and '-'."
    if not isinstance(asked.spec.get("componentSpecs", []), list):
        yield (*at, "componentSpecs"), "this is a list.", "Write - {spec: {containers: [{name: …}]}}."


def _of_bandit(bandit: Bandit) -> Iterator[Objection]:
    taken = PARAMETERS[bandit.router]
    for name, value in bandit.parameters.items():
        at = ("strategy", "bandit", "parameters", name)
        if name not in taken:
            yield at, f"the router {bandit.router} takes no parameter '{name}'.", f"It takes {', '.join(taken)}."
        elif not re.fullmatch(taken[name][1], value):
            kind = taken[name][0]
            yield at, f"'{value}' is no {kind} that {name} can be: the router ends at start-up.", "Write another value."


def _of_switch(switch: Switch) -> Iterator[Objection]:
    """The router answers with the number of a child, and each variant is one child."""
    seen: set[str] = set()
    for index, branch in enumerate(switch.branches):
        at = ("strategy", "switch", "branches", index)
        if branch.when is not None:
            yield (*at, "when"), "the router's image chooses the branch, so this has no effect.", "Take it out."
        if branch.variant in seen:
            message = f"'{branch.variant}' is a branch already, and the router's number means one unit."
            yield (*at, "variant"), message, "Let the router answer with the number of the first."
        seen.add(branch.variant)


def predictor_name(service: Service) -> str:
    """The only predictor's name: in Seldon's own words it may have one of its own."""
    said = service.strategy.graph.spec.get("name") if service.strategy.graph else None
    return said or names.DEFAULT


def predictor(plan: Plan, platform: Platform, protocol: str, way: str) -> dict[str, Any]:
    """The only predictor, with all variants in its graph.

    The engine runs in the first pod, beside the unit that it asks first.

    Raises:
        InputError: As ``units.model``.
    """
    service, chosen = plan.service, plan.service.strategy.chosen
    models = [units.model(service, share, platform, share.variant, protocol) for share in plan.shares]
    if isinstance(chosen, Graph):
        return _in_words(service, chosen, models, scaling.scaler(service, plan.shares[0]))
    for part, share in zip(models, plan.shares, strict=True):
        scale = scaling.scaler(service, share)
        part.pod.update(scale or {"replicas": share.replicas})
    made: dict[str, Any] = {"name": names.DEFAULT, "traffic": HUNDRED}
    if isinstance(chosen, Chain):
        return {**made, "graph": _chain(models), "componentSpecs": [_ordered(part.pod) for part in models]}
    if way == GRAPH:
        root = {"name": service.model_name, "implementation": "RANDOM_ABTEST", "parameters": [_ratio(plan)]}
        graph = {**root, "children": [part.unit for part in models]}
        return {**made, "graph": graph, "componentSpecs": [_ordered(part.pod) for part in models]}
    head = _head(plan, platform)
    if isinstance(chosen, Bandit):
        made["svcOrchSpec"] = {"env": [ROUTING_INJECTION]}
    return {**made, "graph": head.over(*models), "componentSpecs": [_ordered(part.pod) for part in (head, *models)]}


def _in_words(service: Service, asked: Graph, models: list[Part], scaler: dict[str, Any]) -> dict[str, Any]:
    """The user's own predictor: a unit and a container that are named as a variant get what the variant has.

    A variant whose container no componentSpec names runs in the first pod, where the operator would put it.
    """
    for part in models:
        _leave_ports(part)
    parts = {part.unit["name"]: part for part in models}
    containers = {each["name"]: each for part in models for each in part.pod["spec"]["containers"]}
    words = dict(asked.spec)
    common = {key: value for key, value in models[0].pod["spec"].items() if key != "containers"}
    listed = [each for each in words.pop("componentSpecs", []) if isinstance(each, dict)]
    components = [_component(each, containers, common) for each in listed]
    named = {name for pod in components for name in _named(pod)}
    missing = [each for part in models for each in part.pod["spec"]["containers"] if each["name"] not in named]
    if missing:
        first = components[0] if components else {}
        pod = _mapping(first.get("spec"))
        components[:1] = [{**first, "spec": {**common, **pod, "containers": [*_list(pod.get("containers")), *missing]}}]
    components = [each if each.keys() & SCALED else _ordered({**each, **scaler}) for each in components]
    graph = _unit(words.pop("graph", {}), parts)
    made = {"name": predictor_name(service), "traffic": HUNDRED, "replicas": service.replicas.min}
    return {**made, **words, "graph": graph, "componentSpecs": components}


def _leave_ports(part: Part) -> None:
    """Containers may share a pod here, so the operator counts their ports for metrics as it does: 6000, 6001 …."""
    for container in part.pod["spec"]["containers"]:
        left = [port for port in container.pop("ports", []) if port != units.METRICS_PORT]
        if left:
            container["ports"] = left


def _unit(node: Any, parts: Mapping[str, Part]) -> dict[str, Any]:
    """A unit in the user's words over what its variant has; what is no unit is left to the checks."""
    own = dict(_mapping(node))
    children = own.pop("children", []) if isinstance(own.get("children", []), list) else []
    part = parts.get(own["name"]) if isinstance(own.get("name"), str) else None
    made = laid(part.unit, own) if part else own
    return {**made, "children": [_unit(child, parts) for child in children]} if children else made


def _component(component: dict[str, Any], containers: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """The user's own pod over what all pods of the service have, with the containers of the variants."""
    pod = component.get("spec", {})
    if not isinstance(pod, dict):
        return component
    listed = [
        laid(containers[each["name"]], each) if _name(each) in containers else each
        for each in _list(pod.get("containers"))
    ]
    own = {key: value for key, value in pod.items() if key != "containers" or not isinstance(value, list)}
    return {**component, "spec": laid(laid({"containers": listed} if listed else {}, common), own)}


def _named(component: Any) -> Iterator[str]:
    """The names of a pod's containers."""
    for each in _list(_mapping(_mapping(component).get("spec")).get("containers")):
        yield _name(each)


def _name(container: Any) -> str:
    name = _mapping(container).get("name")
    return name if isinstance(name, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _ordered(pod: dict[str, Any]) -> dict[str, Any]:
    """A componentSpec, its long part last."""
    return {key: pod[key] for key in sorted(pod, key=lambda key: (key == "spec", key != "metadata"))}


def _chain(models: list[Part]) -> dict[str, Any]:
    *before, last = models
    graph: dict[str, Any] = last.unit
    for part in reversed(before):
        graph = {**part.unit, "children": [graph]}
    return graph


def _ratio(plan: Plan) -> dict[str, str]:
    """The share of the first variant; the engine reads it only where it is the sole parameter."""
    share = plan.shares[0].percent / HUNDRED
    return {"name": "ratioA", "type": "FLOAT", "value": f"{float(share):.6g}"}


def _head(plan: Plan, platform: Platform) -> Part:
    """The unit above the variants; of a bandit one pod, since what it has learnt is in that pod's memory."""
    service, chosen, many = plan.service, plan.service.strategy.chosen, plan.service.replicas.min
    if isinstance(chosen, Ensemble):
        return units.image_unit(service, service.model_name, "COMBINER", chosen.combiner or "", many)
    if isinstance(chosen, Switch):
        return units.image_unit(service, service.model_name, "ROUTER", chosen.router or "", many)
    if not isinstance(chosen, Bandit):
        raise TypeError(f"{service.strategy.name} is no graph")
    tag = chosen.version or ROUTER_TAGS[platform.release_of(service)]
    head = units.image_unit(service, service.model_name, "ROUTER", f"{ROUTER_IMAGES[chosen.router]}:{tag}", 1)
    taken = PARAMETERS[chosen.router]
    given = {"branch_names": ":".join(share.variant for share in plan.shares), **chosen.parameters}
    branches = {"name": "n_branches", "type": "INT", "value": str(len(plan.shares))}
    head.unit["parameters"] = [
        branches,
        *({"name": name, "type": taken[name][0], "value": value} for name, value in given.items()),
    ]
    return head


WHOLE = "graph"
"""What a route calls the graph as a whole."""


def as_one(plan: Plan) -> Plan:
    """The plan as a route sees it: one thing that takes all requests."""
    return dataclasses.replace(plan, traffic=Traffic({WHOLE: Fraction(HUNDRED)}))
