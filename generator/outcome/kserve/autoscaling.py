"""The annotations by which Knative scales a revision, for components and for an InferenceGraph's router.

kserve/kserve v0.20.0, pkg/controller/v1alpha1/utils/utils.go (``SetAutoScalingAnnotations``,
``ValidateInitialScaleAnnotation``); the same since v0.15.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from generator.outcome.given import named
from generator.outcome.kserve.hpa import LEAST
from generator.outcome.kserve.values import spelled, whole, words
from generator.schemas.kinds import CONFIG_MAP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.outcome.given import Given
    from generator.outcome.part import Tree

_GROUP = "autoscaling.knative.dev/"
CLASS, METRIC, TARGET = f"{_GROUP}class", f"{_GROUP}metric", f"{_GROUP}target"
MIN_SCALE, MAX_SCALE, INITIAL_SCALE = f"{_GROUP}min-scale", f"{_GROUP}max-scale", f"{_GROUP}initial-scale"
KPA = "kpa.autoscaling.knative.dev"
"""Knative's own autoscaler, which holds where no annotation names a class."""
_NUMBER = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def scaled(annotations: Mapping[str, Tree], extension: Mapping[str, Tree]) -> dict[str, Tree]:
    """Annotations with those about scaling.

    Args:
        annotations: What the template of the revision has besides. Its own numbers of pods are written over.
        extension: What is said about scaling, by its names in a component. Without a number of pods it is one; without
            a largest number, or with 0, Knative's own setting holds.
    """
    least, most = extension.get("minReplicas"), extension.get("maxReplicas")
    found = {CLASS: KPA, **annotations, MIN_SCALE: str(LEAST) if whole(least) is None else spelled(least)}
    target, metric = spelled(extension.get("scaleTarget")), extension.get("scaleMetric")
    if target is not None:
        found[TARGET] = target
    if metric is not None:
        found[METRIC] = metric
    if whole(most):
        found[MAX_SCALE] = spelled(most)
    return found


def drops_initial_scale(said: Tree, given: Given) -> bool:
    """Whether KServe takes an ``initial-scale`` away: one that isn't a number, or nought where Knative allows none.

    Args:
        said: The annotation's value.
        given: The set, whose ``config-autoscaler`` may allow nought.
    """
    text = words(said)
    if not _NUMBER.fullmatch(text):
        return True
    config = named(given, CONFIG_MAP, "config-autoscaler", "knative-serving")
    data = config.data.get("data") if config else None
    allowed = data.get("allow-zero-initial-scale") if isinstance(data, dict) else None
    return int(text) == 0 and allowed not in ("1", "t", "T", "true", "TRUE", "True")
