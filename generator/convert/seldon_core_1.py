"""SeldonDeployments of anyone's: v1, v1alpha2 and v1alpha3, which have one schema.

Facts: SeldonIO/seldon-core v1.18.2, operator/apis/machinelearning.seldon.io/v1 (seldondeployment_webhook.go and
defaults.go).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.convert import common, seldon_graphs, seldon_scaling
from generator.convert.seldon_core_2 import WHOLE
from generator.convert.seldon_units import containers_of, model, unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.convert.draft import Draft
    from generator.convert.parts import Part
    from generator.convert.seldon_units import Unit

PROTOCOLS: Mapping[str, str] = MappingProxyType(
    {"seldon": "seldon", "tensorflow": "tensorflow", "v2": "v2", "kfserving": "v2"}
)
GRPC: Mapping[str, str] = MappingProxyType({"v2": "grpc-v2", "tensorflow": "grpc-v1"})
PLATFORM = "seldon-core-1"
FIRST_METRICS_PORT = 6000
AMBASSADOR = "seldon.io/ambassador"
"""What annotations for the other ingress begin with."""


def read(draft: Draft, root: Part) -> None:
    """A SeldonDeployment into a draft."""
    common.metadata(draft, root)
    spec = root / "spec"
    (spec / "name").take()  # deprecated; nothing in the operator reads it
    if draft.get("platform", "kind") == PLATFORM:
        _mode(draft, root)
    _protocol(draft, spec)
    predictors = [each for each in (spec / "predictors").items() if each.mapping]
    if not predictors:
        return
    graphs = [unit(each / "graph", containers_of(each)) for each in predictors]
    in_words = False
    if len(predictors) > 1:
        _several(draft, predictors, graphs)
    elif graphs[0].children or (_own_pods(predictors[0]) and draft.get("platform", "kind") == PLATFORM):
        _traffic_of_one(predictors[0])
        in_words = draft.get("platform", "kind") == PLATFORM
        seldon_graphs.read(draft, predictors[0], graphs[0])
    else:
        _traffic_of_one(predictors[0])
        _one(draft, predictors[0], graphs[0])
    seldon_scaling.read(draft, spec, predictors, in_words=in_words)


def _own_pods(predictor: Part) -> bool:
    """Whether the pods say what a service file has no key for, so that they have to stay in Seldon's words."""
    components = (predictor / "componentSpecs").items()
    return len(components) > 1 or any(each.mapping.keys() - {"spec", "replicas", "hpaSpec"} for each in components)


def _mode(draft: Draft, root: Part) -> None:
    """Which ingress answers: the manifest says it by annotations of the other one only."""
    places = (root / "metadata" / "annotations", root / "spec" / "annotations")
    ambassador = any(key.startswith(AMBASSADOR) for place in places for key in place.mapping)
    draft.put(("platform", "mode"), "ambassador" if ambassador else "istio")
    if not ambassador:
        draft.comments["platform"] = (
            "The manifest leaves the ingress to the cluster. Say ambassador, or none, for others."
        )


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


def _traffic_of_one(predictor: Part) -> None:
    """What the only predictor's traffic says: nothing."""
    if (predictor / "traffic").value in (0, WHOLE):
        (predictor / "traffic").take()


def _one(draft: Draft, predictor: Part, only: Unit) -> None:
    """One predictor with one model."""
    _called(draft, predictor, 0)
    draft.put(("variants", 0, "name"), "stable", predictor)
    _answers_as(draft, only)
    model(draft, only, 0)
    _explainer(draft, predictor / "explainer")
    _pods(draft, predictor)


def _called(draft: Draft, predictor: Part, index: int) -> None:
    """The predictor's name, which is in the names of its Deployment and its Service."""
    name = predictor / "name"
    if draft.get("platform", "kind") == PLATFORM:
        draft.put(("variants", index, "object"), name.text(), name)
    else:
        name.take()


def _answers_as(draft: Draft, only: Unit) -> None:
    """The unit's name, which is the model's where the protocol asks for one."""
    if only.name != draft.get("name"):
        draft.put(("model", "name"), only.name or None, only.part / "name")


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
    for each in (part / "config").children():
        draft.put((*at, "parameters", each.key), each.text(), each)
    container = part / "containerSpec"
    common.container(draft, (*at, "container"), container)
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
    _answers_as(draft, graphs[0])
    _metrics(draft, graphs)
    for index, (predictor, graph) in enumerate(zip(predictors, graphs, strict=True)):
        name = common.variant_name(str((predictor / "name").value or f"predictor-{index}"))
        names.append(name)
        draft.put(("variants", index, "name"), name, predictor)
        _called(draft, predictor, index)
        model(draft, graph, index)
        if graph.name != graphs[0].name:
            (graph.part / "name").lose("the variants of a service answer to one name, that of the first")
        for child in graph.children:
            child.part.lose("a service whose traffic is split has one model in each part")
    _pods(draft, predictors[0])
    _explainer(draft, predictors[0] / "explainer")
    copies = [index for index, each in enumerate(predictors) if (each / "shadow").value is True]
    live = [index for index in range(len(predictors)) if index not in copies]
    if len(copies) == 1 and len(live) == 1:
        _shadow(draft, predictors, names, live[0], copies[0])
    else:
        _split(draft, predictors, names, live)


def _metrics(draft: Draft, graphs: list[Unit]) -> None:
    """The ports for metrics, which the operator counts over all predictors: with the same numbers no pod restarts."""
    if draft.get("platform", "kind") != PLATFORM or any(graph.children for graph in graphs):
        return
    for index in range(1, len(graphs)):
        port = {"name": "metrics", "containerPort": FIRST_METRICS_PORT + index, "protocol": "TCP"}
        draft.put(("variants", index, "container", "ports"), [port])


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
