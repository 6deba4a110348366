"""Graphs of several units in one predictor of a SeldonDeployment.

On Seldon Core 1 itself a graph stays in its own words: which units share a pod, what each is, and what it is told, has
no other place. For another platform it is a chain, an ensemble, a switch or an A/B test, where it is one.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from generator.convert import common
from generator.convert.draft import cleaned
from generator.convert.seldon_core_2 import WHOLE, percent_of
from generator.convert.seldon_units import contents, model, node, server
from generator.service.types import DNS_LABEL

if TYPE_CHECKING:
    from generator.convert.draft import Draft
    from generator.convert.parts import Part
    from generator.convert.seldon_units import Unit

IN_WORDS = ("name", "componentSpecs", "svcOrchSpec", "labels")
"""Fields of a predictor that stay in Seldon's words, beside the graph."""


def read(draft: Draft, predictor: Part, graph: Unit) -> None:
    """A graph into a draft."""
    if draft.get("platform", "kind") == "seldon-core-1":
        _own_words(draft, predictor, graph)
        return
    (predictor / "name").take()
    units = list(graph.all())
    straight = all(len(each.children) <= 1 for each in units)
    if straight and {each.role for each in units} == {"MODEL"}:
        names = _members(draft, units)
        draft.put(("strategy", "chain", "variants"), names, graph.part)
    elif straight and [each.role for each in units] == ["TRANSFORMER", "MODEL"] and graph.container is not None:
        _transformed(draft, graph)
    elif graph.role == "COMBINER" and _leaves(graph) and graph.container is not None:
        draft.put(("strategy", "ensemble", "variants"), _members(draft, list(graph.children)), graph.part)
        _head(draft, graph, ("strategy", "ensemble", "combiner"))
    elif graph.role == "ROUTER" and _leaves(graph) and graph.container is not None:
        for index, name in enumerate(_members(draft, list(graph.children))):
            draft.put(("strategy", "switch", "branches", index, "variant"), name, graph.children[index].part)
        _head(draft, graph, ("strategy", "switch", "router"))
    elif graph.implementation == "RANDOM_ABTEST" and len(graph.children) == 2 and _leaves(graph):  # noqa: PLR2004 (two)
        _random(draft, graph)
    else:
        graph.part.lose("no strategy of a service file is such a graph; Seldon Core 1 takes it in its own words")


def _own_words(draft: Draft, predictor: Part, graph: Unit) -> None:
    """The predictor as it stands, without what its variants say: the servers, the files, the containers."""
    units = [each for each in graph.all() if re.fullmatch(DNS_LABEL, each.name)]
    members = [each for each in units if each.prepackaged or each.container is not None]
    for index, each in enumerate(members):
        draft.put(("variants", index, "name"), each.name, each.part)
        server(draft, each, index)
        draft.put(("variants", index, "uri"), (each.part / "modelUri").text(), each.part / "modelUri")
        if each.container is not None:
            contents(draft, ("variants", index, "container"), each.container)
            common.resources(draft, ("variants", index, "resources"), each.container / "resources")
    draft.put(("strategy", "graph", "variants"), [each.name for each in members], graph.part)
    spec: dict[str, Any] = {"graph": _words(graph, members)}
    named = {each.name for each in members}
    for key in IN_WORDS:
        part = predictor / key
        if part.there:
            spec[key] = _components(part, named) if key == "componentSpecs" else part.take()
    draft.put(("strategy", "graph", "spec"), cleaned(spec), predictor)


def _words(found: Unit, members: list[Unit]) -> dict[str, Any]:
    """A unit in its own words, without what its variant says."""
    own = dict(found.part.mapping)
    node(found)
    if found in members:
        for key in ("modelUri", "implementation") if found.prepackaged else ():
            own.pop(key, None)
    for key in own:
        if key != "children":
            (found.part / key).take()
    own.pop("children", None)
    children = [_words(child, members) for child in found.children]
    (found.part / "children").take() if not children else None
    return {**own, "children": children} if children else own


def _components(part: Part, named: set[str]) -> list[Any]:
    """The pods, each container of a variant by its name alone."""
    made = []
    for component in part.items():
        own = dict(component.mapping)
        pod = dict((component / "spec").mapping)
        containers = (component / "spec" / "containers").items()
        if containers:
            pod["containers"] = [
                {"name": name} if isinstance(name := (each / "name").value, str) and name in named else each.value
                for each in containers
            ]
        made.append({**own, "spec": pod})
        component.take()
    return made


def _leaves(graph: Unit) -> bool:
    """Whether all children are models."""
    return all(not child.children and child.role == "MODEL" for child in graph.children)


def _members(draft: Draft, units: list[Unit]) -> list[str]:
    names = []
    for index, each in enumerate(units):
        name = common.variant_name(each.name)
        draft.put(("variants", index, "name"), name, each.part)
        model(draft, each, index)
        names.append(name)
    return names


def _transformed(draft: Draft, graph: Unit) -> None:
    """A transformer before one model."""
    draft.put(("variants", 0, "name"), "stable", graph.children[0].part)
    model(draft, graph.children[0], 0)
    node(graph)
    if graph.container is not None:
        at = ("transformer", "container")
        contents(draft, at, graph.container)
        common.resources(draft, (*at, "resources"), graph.container / "resources")


def _head(draft: Draft, graph: Unit, path: tuple[str, ...]) -> None:
    """The container of a combiner or a router: its image has a key."""
    node(graph)
    if graph.container is not None:
        (graph.container / "name").take()
        draft.put(path, (graph.container / "image").text(), graph.container / "image")


def _random(draft: Draft, graph: Unit) -> None:
    """RANDOM_ABTEST: the first child's share is ``ratioA``, where it is the only parameter, else a half."""
    names = _members(draft, list(graph.children))
    parameters = (graph.part / "parameters").items()
    share = Fraction(1, 2)
    if len(parameters) == 1 and (parameters[0] / "name").value == "ratioA":
        written = str((parameters[0] / "value").value)
        share = Fraction(written) if re.fullmatch(r"0(\.[0-9]{1,9})?|1(\.0{1,9})?", written) else share
    node(graph)
    (graph.part / "parameters").take()
    for name, part in zip(names, (share, 1 - share), strict=True):
        draft.put(("strategy", "ab", "split", name), percent_of(part * WHOLE), graph.part / "parameters")
