"""An LLMInferenceService with the configs that it names: what its controller goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.rules.kserve.llm_config import SHIPPED
from generator.checks.rules.kserve.spec import V0_20
from generator.checks.subject import mapping, may_be_in, sequence, text
from generator.outcome.facts import facts
from generator.schemas.kinds import LLM_CONFIG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.checks.subject import Subject


def whole(subject: Subject) -> Mapping[str, Any] | None:
    """The spec of a service over those of its baseRefs, the last one uppermost; None where one of them isn't known.

    The well-known configs that the controller adds by itself are none of them (config_merge.go, combineBaseRefsConfig).
    """
    return subject.derive(_whole)


def _whole(subject: Subject) -> Mapping[str, Any] | None:
    layers: list[Mapping[str, Any]] = []
    for reference in sequence(subject.data, "spec", "baseRefs"):
        found = _config(subject, text(reference, "name") or "")
        if found is None:
            return None
        layers.append(found)
    merged: Mapping[str, Any] = {}
    for layer in (*layers, mapping(subject.data, "spec")):
        merged = _over(layer, merged)
    return merged


def _config(subject: Subject, name: str) -> Mapping[str, Any] | None:
    """The spec of a config: of the service's namespace, else of KServe's, else KServe's own."""
    there = [one for one in subject.index.by_kind.get(LLM_CONFIG, ()) if one.name == name]
    near = [one for one in there if may_be_in([one.namespace], subject.document.namespace)]
    if near or there:
        return mapping((near or there)[0].data, "spec")
    if name.startswith(SHIPPED):
        presets = facts("kserve", subject.release or V0_20).part("presets")
        return mapping(presets.get(name), "spec") if name in presets else None
    return None


def _over(upper: Mapping[str, Any], lower: Mapping[str, Any]) -> dict[str, Any]:
    """Objects merged key by key; everything else is taken from the upper one where it says something."""
    found = dict(lower)
    for key, value in upper.items():
        below = lower.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            found[key] = _over(value, below)
        elif value is not None:
            found[key] = value
    return found
