"""Replicas of a SeldonDeployment: a component's own, then the predictor's, then the deployment's; HPA, KEDA, PDB."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.convert.draft import Draft
    from generator.convert.parts import Part


def read(draft: Draft, spec: Part, predictors: list[Part], *, in_words: bool) -> None:
    """The replicas of the first predictor hold for the service; another's are carried over where they are the same.

    Args:
        draft: Where they go.
        spec: The deployment's.
        predictors: Its predictors.
        in_words: Whether the pods stay in Seldon's words, so that theirs is said already.
    """
    levels = [[] if in_words else _of_pods(predictor) for predictor in predictors]
    levels = [
        [*own, predictor / "replicas", spec / "replicas"] for own, predictor in zip(levels, predictors, strict=True)
    ]
    counts = [next((part.value for part in parts if type(part.value) is int), 1) for parts in levels]
    scaled = not in_words and _scaled(draft, predictors[0])
    if not scaled:
        draft.put(("replicas", "min"), counts[0], *(part for part in levels[0] if part.there))
    for parts, count in zip(levels, counts, strict=True):
        if count == counts[0] or parts is levels[0]:
            for part in parts:
                if type(part.value) is int:
                    part.take()
    for component in (predictors[0] / "componentSpecs").items()[:1] if not in_words else ():
        budget = component / "pdbSpec" / "minAvailable"
        if isinstance(budget.value, (str, int)) and not isinstance(budget.value, bool):
            draft.put(("replicas", "available"), str(budget.take()), budget)


def _of_pods(predictor: Part) -> list[Part]:
    """The replicas of the first component, which win over the predictor's."""
    return [each / "replicas" for each in (predictor / "componentSpecs").items()[:1]]


def _scaled(draft: Draft, predictor: Part) -> bool:
    """An autoscaler of the first component, where it watches one thing."""
    for component in (predictor / "componentSpecs").items()[:1]:
        if (component / "hpaSpec").mapping:
            return _hpa(draft, component / "hpaSpec")
        if (component / "kedaSpec").mapping:
            return _keda(draft, component / "kedaSpec")
    return False


def _hpa(draft: Draft, part: Part) -> bool:
    metrics = (part / "metricsv2").items() or (part / "metrics").items()
    if len(metrics) != 1:
        return False
    resource = metrics[0] / "resource"
    name = resource / "name"
    target = resource / "target" / "averageUtilization"
    if target.value is None:
        target = resource / "targetAverageUtilization"
    if name.value not in ("cpu", "memory") or type(target.value) is not int:
        return False
    for each in (metrics[0] / "type", resource / "target" / "type"):
        if each.value in ("Resource", "Utilization"):
            each.take()
    draft.put(("replicas", "min"), (part / "minReplicas").number() or 1, part / "minReplicas")
    draft.put(("replicas", "max"), (part / "maxReplicas").number(), part / "maxReplicas")
    draft.put(("replicas", "metric"), name.text(), name)
    draft.put(("replicas", "target"), target.number(), target)
    return True


def _keda(draft: Draft, part: Part) -> bool:
    triggers = (part / "triggers").items()
    if len(triggers) != 1 or (triggers[0] / "type").value != "prometheus":
        return False
    metadata = triggers[0] / "metadata"
    threshold = metadata / "threshold"
    if not (isinstance(threshold.value, str) and re.fullmatch(r"[0-9]{1,9}", threshold.value)):
        return False
    (triggers[0] / "type").take()
    draft.put(("replicas", "min"), (part / "minReplicaCount").number() or 0, part / "minReplicaCount")
    draft.put(("replicas", "max"), (part / "maxReplicaCount").number(), part / "maxReplicaCount")
    draft.put(("replicas", "metric"), "prometheus", triggers[0])
    draft.put(("replicas", "scaler"), "keda", part)
    draft.put(("replicas", "target"), int(str(threshold.take())), threshold)
    draft.put(("replicas", "query"), (metadata / "query").text(), metadata / "query")
    draft.put(("replicas", "server"), (metadata / "serverAddress").text(), metadata / "serverAddress")
    return True
