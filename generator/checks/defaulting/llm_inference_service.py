"""KServe's mutating webhook on LLMInferenceServices, since 0.19.

Source: kserve/kserve v0.20.0, pkg/apis/serving/v1alpha2/llm_inference_service_defaults.go and
pkg/webhook/admission/llminferenceservice/defaulter.go. Left out is what neither the schema nor a rule can see: the
label of the routing group, empty lists of containers, labels and annotations of local models. The configs in baseRefs
are merged by the controller, and an LLMInferenceServiceConfig has no such webhook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.defaulting import Changed, Defaulter
from generator.checks.defaulting.reencoding import undecodable, written_back
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.spec import V0_19
from generator.checks.subject import mapping, reach, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.checks.structure.verdict import Problem
    from generator.reading.documents import Path
    from generator.schemas import Schema, Version


def change(data: dict[str, Any], release: Version) -> Changed:
    """The object after the webhook: the model has a name."""
    if release < V0_19:
        return Changed(data)
    model = reach(data, "spec", "model")
    if (model is None or isinstance(model, dict)) and mapping(model).get("name") in (None, ""):
        data = _with(data, ("spec", "model"), {**mapping(model), "name": text(data, "metadata", "name") or ""})
    return Changed(data)


def _with(data: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """A copy with another value at ``path``; left as it is where something else than an object is on the way."""
    step, *rest = path
    if rest:
        inner = data.get(str(step), {})
        if not isinstance(inner, dict):
            return data
        value = _with(inner, tuple(rest), value)
    return {**data, str(step): value}


def _written_back(
    data: dict[str, Any], problems: Iterable[Problem], schema: Schema, release: Version
) -> dict[str, Any]:
    """Up to 0.18 no webhook writes the object back."""
    return written_back(data, problems, schema, release) if release >= V0_19 else data


DEFAULTER = Defaulter(
    product="kserve",
    kind=LLM_SERVICE,
    change=change,
    adds=frozenset(("spec", "model", "name")),
    written_back=_written_back,
    undecodable=undecodable,
)
