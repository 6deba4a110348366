"""Models, Experiments and Pipelines as Seldon Core 2 reads them.

SeldonIO/seldon-core v2.10.2, operator/apis/mlops/v1alpha1, scheduler/pkg/store.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from generator.convert.meaning import tidy


def model(data: dict[str, Any]) -> dict[str, Any]:
    """A Model as the operator hands it to the scheduler; ``data`` is changed."""
    spec = data["spec"]
    if spec.get("minReplicas") == 0:
        del spec["minReplicas"]
    if spec.get("maxReplicas") == 0:
        del spec["maxReplicas"]
    spec.setdefault("replicas", spec.get("minReplicas", 1))  # internal/utils.go
    if not spec.get("maxReplicas") and spec.get("minReplicas") == spec["replicas"]:
        del spec["minReplicas"]  # without a most nothing scales, and the least is what runs
    if "explainer" in spec:  # asked for anyway (scheduler/filters/explainer.go)
        spec["requirements"] = sorted({*spec.get("requirements", []), "alibi-explain"})
    if "requirements" in spec:
        spec["requirements"] = sorted(each.strip() for each in spec["requirements"])  # a set (serverrequirements.go)
    if "memory" in spec:
        spec["memory"] = tidy.quantity(spec["memory"])
    if "parameters" in spec:
        spec["parameters"] = sorted(spec["parameters"], key=lambda each: each["name"])
    return data


def experiment(data: dict[str, Any]) -> dict[str, Any]:
    """An Experiment with its shares as fractions of their sum; ``data`` is changed."""
    spec = data["spec"]
    spec.setdefault("resourceType", "model")
    total = sum(each.get("weight", 0) for each in spec.get("candidates", [])) or 1
    for each in spec.get("candidates", []):  # relative (store.go)
        each["weight"] = str(Fraction(each.get("weight", 0), total))
    spec["candidates"] = sorted(spec.get("candidates", []), key=lambda each: each["name"])
    return data


def pipeline(data: dict[str, Any]) -> dict[str, Any]:
    """A Pipeline with its joins, and a step's name as its outputs; ``data`` is changed."""
    spec = data["spec"]
    names = {step.get("name") for step in spec.get("steps", [])}

    def full(reference: str) -> str:
        return f"{reference}.outputs" if reference in names else reference

    for step in spec.get("steps", []):
        step.setdefault("inputsJoinType", "inner")
        for key in ("inputs", "triggers"):
            if key in step:
                step[key] = [full(each) for each in step[key]]
    for part, keys in (("output", ("stepsJoin",)), ("input", ("joinType", "triggersJoinType"))):
        if part in spec:
            for key in keys:
                spec[part].setdefault(key, "inner")
    if "output" in spec:
        spec["output"]["steps"] = [full(each) for each in spec["output"].get("steps", [])]
    return data
