"""InferenceGraphs (v1alpha1): an A/B test, a chain, an ensemble or a switch where the root is all there is.

On KServe itself it stays in its own words, which hold it exactly.

Facts: kserve/kserve v0.20.0, pkg/apis/serving/v1alpha1/inference_graph.go and inference_graph_validation.go.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from generator.convert import common
from generator.convert.kserve import HANDLED, mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.convert.draft import Draft
    from generator.convert.parts import Part

ROUTERS: Mapping[str, str] = MappingProxyType(
    {"Splitter": "ab", "Sequence": "chain", "Ensemble": "ensemble", "Switch": "switch"}
)


def read(draft: Draft, root: Part) -> None:
    """An InferenceGraph into a draft; its services are on the cluster already."""
    common.metadata(draft, root, HANDLED)
    mode(draft, root)
    spec = root / "spec"
    steps = [step for node in (spec / "nodes").children() for step in (node / "steps").items()]
    names = list(
        dict.fromkeys(value for step in steps if isinstance(value := (step / "serviceName").value, str) and value)
    )
    for index, name in enumerate(names):
        draft.put(("variants", index, "name"), common.variant_name(name), spec / "nodes")
        draft.put(("variants", index, "deployed"), name, spec / "nodes")
    own = draft.get("platform", "kind") == "kserve"
    if not own and not _plain(draft, spec, names):
        (spec / "nodes").lose("no strategy of a service file is such a graph; KServe takes it in its own words")
        draft.data.pop("variants", None)
    elif own:
        draft.put(("strategy", "graph", "variants"), [common.variant_name(name) for name in names], spec / "nodes")
        draft.put(("strategy", "graph", "spec"), spec.take(), spec)


def _plain(draft: Draft, spec: Part, names: list[str]) -> bool:
    """A root that names services alone, each once; its steps have no names or data of their own."""
    nodes = spec / "nodes"
    root = nodes / "root"
    steps = (root / "steps").items()
    strategy = ROUTERS.get(str((root / "routerType").value))
    named = [(step / "serviceName").value for step in steps]
    if list(nodes.mapping) != ["root"] or strategy is None or named != names or len(names) < 2:  # noqa: PLR2004 (two)
        return False
    if any(set(step.mapping) - {"serviceName", "weight", "condition"} for step in steps):
        return False
    if any(step.mapping.keys() & {"condition"} for step in steps) and strategy != "switch":
        return False
    variants = [common.variant_name(name) for name in names]
    if strategy == "ab":
        if not all(type((step / "weight").value) is int for step in steps):
            return False
        for step, name in zip(steps, variants, strict=True):
            draft.put(("strategy", "ab", "split", name), (step / "weight").number(), step / "weight")
        draft.put(("strategy", "ab", "by"), "graph", root / "routerType")
    elif strategy == "switch":
        for index, (step, name) in enumerate(zip(steps, variants, strict=True)):
            draft.put(("strategy", "switch", "branches", index, "variant"), name, step)
            draft.put(
                ("strategy", "switch", "branches", index, "when"), (step / "condition").text(), step / "condition"
            )
    else:
        draft.put(("strategy", strategy, "variants"), variants, root)
    (root / "routerType").take()
    for step in steps:
        (step / "serviceName").take()
    return True
