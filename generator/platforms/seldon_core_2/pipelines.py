"""Pipelines: ensembles, chains, and graphs in Core 2's own words.

Every join stands there: from 2.7.0 on the API server writes ``inner`` where it is left out. Tensors keep their names
unless ``tensorMap`` says otherwise (scheduler/pkg/kafka/topics.go, GetFullyQualifiedTensorMap); a join puts the tensors
of all answers behind one another, also those of one name (scheduler/data-flow, Joiner.kt).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.platforms.base import Composition, Sheet
from generator.platforms.labels import own_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.plan.plan import Plan
    from generator.service import Chain, Ensemble

JOIN = "inner"
"""Wait for all."""


def compose(plan: Plan, names: Mapping[str, str]) -> Composition:
    """The Pipeline, named after the service."""
    service, strategy = plan.service, plan.service.strategy
    notes: tuple[str, ...] = ()
    if strategy.chain:
        spec, notes = _chain(strategy.chain, names), _chained(service.name, strategy.chain)
    elif strategy.ensemble:
        spec, notes = _ensemble(strategy.ensemble, names), _joined(service.name, strategy.ensemble)
    elif strategy.graph:
        spec = _written(strategy.graph.spec)
    else:
        raise ValueError(f"{strategy.name} is no Pipeline")
    context = {
        "name": service.model_name,
        "namespace": service.namespace,
        "labels": own_labels(service),
        "annotations": service.annotations,
        "spec": spec,
    }
    made = Sheet("seldon-core-2/pipeline.yaml.j2", "Pipeline", service.model_name, service.namespace, context)
    return Composition((made,), notes=notes)


def _ensemble(asked: Ensemble, names: Mapping[str, str]) -> dict[str, Any]:
    steps = [{"name": names[variant], "inputsJoinType": JOIN} for variant in asked.variants]
    output = {"steps": [_answer(names[variant]) for variant in asked.variants], "stepsJoin": JOIN}
    return {"steps": steps, "output": _mapped(output, asked.tensors, names)}


def _chain(asked: Chain, names: Mapping[str, str]) -> dict[str, Any]:
    first, last = asked.variants[0], asked.variants[-1]
    steps: list[dict[str, Any]] = [{"name": names[first], "inputsJoinType": JOIN}]
    for before, variant in zip(asked.variants, asked.variants[1:], strict=False):
        step = {"name": names[variant], "inputs": [_answer(names[before])], "inputsJoinType": JOIN}
        steps.append(_mapped(step, _of(asked.tensors, before), names))
    output = {"steps": [_answer(names[last])], "stepsJoin": JOIN}
    return {"steps": steps, "output": _mapped(output, _of(asked.tensors, last), names)}


def _written(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A graph as the user wrote it, with the joins that the API server would write."""
    made = dict(spec)
    steps = spec.get("steps")
    if isinstance(steps, (list, tuple)):
        made["steps"] = [_joined_all(each, "inputsJoinType") for each in steps]
    for part, joins in (("input", ("joinType", "triggersJoinType")), ("output", ("stepsJoin",))):
        if part in spec:
            made[part] = _joined_all(spec[part], *joins)
    return made


def _joined_all(part: Any, *joins: str) -> Any:
    """A part of a Pipeline with the joins that it leaves out; what is no such part is left to the checks."""
    return {**part, **{join: JOIN for join in joins if join not in part}} if isinstance(part, dict) else part


def _answer(name: str) -> str:
    """What a step answers, in full: a bare name would mean the same."""
    return f"{name}.outputs"


def _of(tensors: Mapping[str, str], variant: str) -> dict[str, str]:
    """The tensors of a variant's answer that are renamed."""
    return {key: name for key, name in tensors.items() if key.partition(".")[0] == variant}


def _mapped(part: dict[str, Any], tensors: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """A step or the output with its tensorMap, where there is something to rename."""
    found = {}
    for key, name in tensors.items():
        variant, _, tensor = key.partition(".")
        found[f"{_answer(names[variant])}.{tensor}"] = name
    return {**part, "tensorMap": found} if found else part


def _chained(service: str, asked: Chain) -> tuple[str, ...]:
    if asked.tensors:
        return ()
    note = (
        f"{service}: each Model of the chain gets the tensors of the one before under the names that they have there. "
        "Where a Model calls its inputs otherwise, rename them in strategy.chain.tensors."
    )
    return (note,)


def _joined(service: str, asked: Ensemble) -> tuple[str, ...]:
    if {key.partition(".")[0] for key in asked.tensors} >= set(asked.variants[1:]):
        return ()
    note = (
        f"{service}: the answer holds the tensors of all Models, in the order of strategy.ensemble.variants. Where two "
        "have the same name, tell them apart in strategy.ensemble.tensors."
    )
    return (note,)
