"""SeldonDeployments of anyone's: v1, v1alpha2 and v1alpha3, which have one schema.

Facts: SeldonIO/seldon-core v1.18.2, operator/apis/machinelearning.seldon.io/v1 (seldondeployment_webhook.go and
defaults.go).
"""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.convert import common, seldon_scaling
from generator.convert.seldon_core_2 import WHOLE, percent_of
from generator.convert.seldon_units import BUILT_IN, FORMATS, Unit, containers_of, unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.convert.draft import Draft
    from generator.convert.parts import Part

PROTOCOLS: Mapping[str, str] = MappingProxyType(
    {"seldon": "seldon", "tensorflow": "tensorflow", "v2": "v2", "kfserving": "v2"}
)
GRPC: Mapping[str, str] = MappingProxyType({"v2": "grpc-v2", "tensorflow": "grpc-v1"})
OVERWRITTEN = ("service_host", "service_port", "httpPort", "grpcPort")
"""Fields of an endpoint that the operator sets itself, whatever stands there (setContainerPredictiveUnitDefaults)."""


def read(draft: Draft, root: Part) -> None:
    """A SeldonDeployment into a draft."""
    common.metadata(draft, root)
    spec = root / "spec"
    (spec / "name").take()
    _protocol(draft, spec)
    predictors = [each for each in (spec / "predictors").items() if each.mapping]
    if not predictors:
        return
    graphs = [unit(each / "graph", containers_of(each)) for each in predictors]
    if len(predictors) > 1:
        _several(draft, predictors, graphs)
    else:
        _one(draft, predictors[0], graphs[0])
    seldon_scaling.read(draft, spec, predictors)


def _protocol(draft: Draft, spec: Part) -> None:
    """Protocol and transport, which a service file says in one word; the operator's default is seldon over REST."""
    protocol, transport, kind = spec / "protocol", spec / "transport", spec / "serverType"
    spoken = PROTOCOLS.get(str(protocol.value or "seldon"))
    if spoken and transport.value == "grpc" and spoken in GRPC:
        spoken = GRPC[spoken]
        transport.take()
    if transport.value == "rest":
        transport.take()
    if kind.value == "rpc":
        kind.take()
    if spoken:
        protocol.take()
        draft.put(("model", "protocol"), spoken, protocol)


def _one(draft: Draft, predictor: Part, graph: Unit) -> None:
    """One predictor: a model, or a graph of several."""
    (predictor / "name").take()
    if (predictor / "traffic").value in (0, WHOLE):
        (predictor / "traffic").take()
    _explainer(draft, predictor / "explainer")
    units = list(graph.all())
    if len(units) == 1:
        _model(draft, graph, 0, "stable")
    else:
        _graph(draft, graph, units)
    _pods(draft, predictor)


def _graph(draft: Draft, graph: Unit, units: list[Unit]) -> None:
    """A graph of several: a transformer before a model, a chain, an ensemble, a switch."""
    roles = [each.role for each in units]
    straight = all(len(each.children) <= 1 for each in units)
    if straight and roles == ["TRANSFORMER", "MODEL"] and graph.container is not None:
        _model(draft, units[1], 0, "stable")
        _node(graph)
        at = ("transformer", "container")
        _container(draft, at, graph.container)
        common.resources(draft, (*at, "resources"), graph.container / "resources")
        return
    if straight and set(roles) == {"MODEL"}:
        _members(draft, units, "chain")
    elif roles[0] == "COMBINER" and graph.container is not None and _leaves(graph):
        _members(draft, list(graph.children), "ensemble")
        _image(draft, graph, ("strategy", "ensemble", "combiner"))
    elif roles[0] == "ROUTER" and graph.container is not None and _leaves(graph):
        names = _members(draft, list(graph.children), None)
        for index, name in enumerate(names):
            draft.put(("strategy", "switch", "branches", index, "variant"), name, graph.children[index].part)
        _image(draft, graph, ("strategy", "switch", "router"))
    elif graph.implementation == "RANDOM_ABTEST" and len(graph.children) == 2 and _leaves(graph):  # noqa: PLR2004 (two)
        _random(draft, graph)
    else:
        _own_words(draft, graph, units)


def _leaves(graph: Unit) -> bool:
    """Whether all children are models."""
    return all(not child.children and child.role == "MODEL" for child in graph.children)


def _members(draft: Draft, units: list[Unit], strategy: str | None) -> list[str]:
    names = []
    for index, each in enumerate(units):
        name = common.variant_name(each.name)
        _model(draft, each, index, name)
        names.append(name)
    if strategy:
        draft.put(("strategy", strategy, "variants"), names, units[0].part)
    return names


def _image(draft: Draft, graph: Unit, path: tuple[str, ...]) -> None:
    """The container of a combiner or a router: its image has a key."""
    _node(graph)
    if graph.container is not None:
        (graph.container / "name").take()
        draft.put(path, (graph.container / "image").text(), graph.container / "image")


def _random(draft: Draft, graph: Unit) -> None:
    """RANDOM_ABTEST: the first child's share is ``ratioA``, where it is the only parameter, else a half."""
    names = _members(draft, list(graph.children), None)
    parameters = (graph.part / "parameters").items()
    share = Fraction(1, 2)
    if len(parameters) == 1 and (parameters[0] / "name").value == "ratioA":
        try:
            share = Fraction(str((parameters[0] / "value").value))
        except (ValueError, ZeroDivisionError):
            return
    if not 0 <= share <= 1:
        return
    _node(graph)
    (graph.part / "parameters").take()
    for name, part in zip(names, (share, 1 - share), strict=True):
        draft.put(("strategy", "ab", "split", name), percent_of(part * WHOLE), graph.part / "parameters")
    draft.put(("strategy", "ab", "by"), "graph", graph.part / "implementation")


def _own_words(draft: Draft, graph: Unit, units: list[Unit]) -> None:
    """Any other graph stands as it is, with its leaves as variants."""
    names = _members(draft, units, None)
    draft.put(("strategy", "graph", "variants"), names, graph.part)
    draft.put(("strategy", "graph", "spec"), graph.part.take(), graph.part)


def _node(node: Unit) -> None:
    """What a node of a graph says by standing where it stands."""
    for key in ("name", "type", "implementation", "methods"):
        (node.part / key).take()
    endpoint = node.part / "endpoint"
    if node.container is not None or (node.implementation and node.implementation not in BUILT_IN):
        for key in OVERWRITTEN:
            (endpoint / key).take()
    kind, transport = (endpoint / "type").value, (node.part.source.root / "spec" / "transport").value or "rest"
    if isinstance(kind, str) and kind.lower() == transport:
        (endpoint / "type").take()


def _model(draft: Draft, node: Unit, index: int, name: str) -> None:
    """A unit as the variant ``index``: a prepackaged server with a uri, or a container that brings the model."""
    draft.put(("variants", index, "name"), name, node.part)
    _node(node)
    at = () if index == 0 else ("variants", index)
    found = FORMATS.get(node.implementation, "custom")
    if node.implementation and found == "custom" and node.implementation not in BUILT_IN:
        (node.part / "implementation").lose("Serinus knows no such prepackaged server")
        node.part.source.taken.discard((*node.part.path, "implementation"))
    if index == 0:
        draft.put(("model", "format"), found, node.part / "implementation")
    elif found != draft.get("model", "format"):
        draft.put(("variants", index, "format"), found, node.part / "implementation")
    draft.put(("variants", index, "uri"), (node.part / "modelUri").text(), node.part / "modelUri")
    _settings(draft, node, index)
    if node.container is None:
        return
    (node.container / "name").take()
    brings = found == "custom"
    _container(draft, ("variants", index, "container") if brings or index else ("container",), node.container)
    common.resources(draft, (*at, "resources"), node.container / "resources")


def _container(draft: Draft, path: tuple[str | int, ...], part: Part) -> None:
    (part / "name").take()
    common.container(draft, path, part)


def _settings(draft: Draft, node: Unit, index: int) -> None:
    """Parameters, secrets and logger of a unit; what holds for the service comes from the first."""
    first = index == 0
    for each in (node.part / "parameters").items():
        name, value = (each / "name").value, (each / "value").value
        if first and isinstance(name, str) and isinstance(value, str):
            draft.put(("model", "parameters", name), value, each)
            (each / "name").take()
            (each / "value").take()
            if (each / "type").value == "STRING":
                (each / "type").take()
    for theirs, ours in (("envSecretRefName", ("access", "secret")), ("serviceAccountName", ("serviceAccount",))):
        part = node.part / theirs
        if first:
            draft.put(ours, part.text(), part)
        elif part.value == draft.get(*ours):
            part.take()
    if first:
        _logger(draft, node.part / "logger")


def _logger(draft: Draft, part: Part) -> None:
    """What a unit's logger sends on; one that stands in a later unit stays there, as a patch."""
    if part.value is None:
        return
    part.take()
    draft.put(("logger",), {}, part)
    for key in ("mode", "url"):
        draft.put(("logger", key), (part / key).text(), part / key)


def _explainer(draft: Draft, part: Part) -> None:
    """What explains; without a type the platform ignores it."""
    kind = part / "type"
    if not kind.there:
        if part.value is not None:
            part.take()
        return
    at = ("explainer",)
    draft.put((*at, "type"), kind.text(), kind)
    draft.origins[at] = (part,)
    draft.put((*at, "uri"), (part / "modelUri").text(), part / "modelUri")
    config = part / "config"
    for each in config.children():
        draft.put((*at, "parameters", each.key), each.text(), each)
    container = part / "containerSpec"
    _container(draft, (*at, "container"), container)
    common.resources(draft, (*at, "resources"), container / "resources")
    draft.put((*at, "replicas"), (part / "replicas").number(), part / "replicas")


def _pods(draft: Draft, predictor: Part) -> None:
    """The fields of the pods; those of the first component hold for the service."""
    for component in (predictor / "componentSpecs").items()[:1]:
        common.pod(draft, ("pod",), component / "spec", common.POD_FIELDS.__contains__)
        account = component / "spec" / "serviceAccountName"
        if draft.get("serviceAccount") is None:
            draft.put(("serviceAccount",), account.text(), account)


def _several(draft: Draft, predictors: list[Part], graphs: list[Unit]) -> None:
    """Several predictors: shares of the traffic, and at most one that gets copies."""
    names: list[str] = []
    for index, (predictor, graph) in enumerate(zip(predictors, graphs, strict=True)):
        name = common.variant_name(str((predictor / "name").value or f"predictor-{index}"))
        names.append(name)
        (predictor / "name").take()
        _model(draft, graph, index, name)
        for child in graph.children:
            child.part.lose("a service whose traffic is split has one model in each part")
        _pods(draft, predictor) if index == 0 else None
        if index == 0:
            _explainer(draft, predictor / "explainer")
    copies = [index for index, each in enumerate(predictors) if (each / "shadow").value is True]
    live = [index for index in range(len(predictors)) if index not in copies]
    if len(copies) == 1 and len(live) == 1:
        _shadow(draft, predictors, names, live[0], copies[0])
    else:
        _split(draft, predictors, names, live)


def _shadow(draft: Draft, predictors: list[Part], names: list[str], live: int, copy: int) -> None:
    at = ("strategy", "shadow")
    traffic = predictors[copy] / "traffic"
    (predictors[copy] / "shadow").take()
    (predictors[live] / "traffic").take()
    draft.put((*at, "stable"), names[live], predictors[live])
    draft.put((*at, "variant"), names[copy], predictors[copy])
    draft.put((*at, "percent"), traffic.number() or WHOLE, traffic)


def _split(draft: Draft, predictors: list[Part], names: list[str], live: list[int]) -> None:
    """A canary where a smaller share goes to the second of two, else an A/B test."""
    shares = {index: (predictors[index] / "traffic").number() or 0 for index in live}
    if len(live) == 2 and shares[live[1]] < shares[live[0]]:  # noqa: PLR2004 (a stable and a canary)
        stable, canary = live
        share = shares[canary]
        at = ("strategy", "canary")
        draft.put((*at, "stable"), names[stable], predictors[stable])
        draft.put((*at, "variant"), names[canary], predictors[canary])
        draft.put((*at, "steps"), [share, WHOLE] if share else [WHOLE], predictors[canary] / "traffic")
        draft.put((*at, "step"), 1 if share else 0, predictors[canary] / "traffic")
        replicas = predictors[canary] / "replicas"
        draft.put((*at, "replicas"), replicas.number() or None, replicas)
        return
    for index in live:
        draft.put(("strategy", "ab", "split", names[index]), shares[index], predictors[index] / "traffic")
