"""Values that the schema takes and Go can't decode."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.finding import Severity
from generator.checks.rule import Hit, Source, Stage, rule
from generator.checks.rules.kserve.graph import INFERENCE_GRAPH
from generator.checks.rules.kserve.llm import LLM_SERVICE
from generator.checks.rules.kserve.local_model import MODEL_CACHE
from generator.checks.rules.kserve.runtimes import RUNTIMES
from generator.checks.rules.kserve.spec import V0_21
from generator.checks.structure.limits import limits
from generator.checks.subject import integer, kind_of
from generator.schemas.kinds import INFERENCE_SERVICE, LLM_CONFIG, TRAINED_MODEL
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.subject import Subject
    from generator.reading.documents import Path
    from generator.schemas import Schema

SMALLEST, LARGEST = -(2**31), 2**31 - 1
LARGEST_SHORT = 2**16 - 1
"""``spec.replicas`` of a runtime is a uint16 (pkg/apis/serving/v1alpha1/servingruntime_types.go)."""
AMOUNTS = frozenset(("divisor", "sizeLimit"))
LISTS_OF_AMOUNTS = frozenset(("limits", "requests", "overhead"))
DIGITS = frozenset("+-.0123456789")
BROKEN_EXPONENT = re.compile(r"[+-]?[0-9.]+[eE][+-]?(?:[0-9]*\.[0-9]*|[0-9]{19,})")
"""The schema's pattern of quantities allows a fraction in the exponent, and one of any size; Go's quantities don't."""

GOOD = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: digits
  annotations: {serving.kserve.io/deploymentMode: Standard}
spec:
  predictor:
    maxReplicas: 3
    model: {modelFormat: {name: sklearn}, storageUri: s3://models/digits/1}
"""


@rule(
    id="KSV007",
    name="undecodable-value",
    product="kserve",
    kinds=(INFERENCE_SERVICE, INFERENCE_GRAPH, TRAINED_MODEL, *RUNTIMES, LLM_SERVICE, LLM_CONFIG, MODEL_CACHE),
    stage=Stage.WEBHOOK,
    severity=Severity.ERROR,
    message="KServe's webhook can't decode {value}: {reason}",
    fix="{advice}",
    source=Source("kserve/kserve", "v0.20.0", "pkg/apis/serving/v1beta1/component.go"),
    bad=GOOD.replace("maxReplicas: 3", "maxReplicas: 3000000000"),
    good=GOOD,
)
def undecodable_value(subject: Subject) -> Iterator[Hit]:
    """The API server doesn't enforce the format int32, and its pattern of quantities is wider than Go's.

    Nor does the schema know of uint16, nor, since 0.21, of quantities in an LLMInferenceServiceConfig. The webhook
    decodes the object into Go types before any schema is asked, and refuses what doesn't fit.
    """
    replicas = integer(subject.data, "spec", "replicas")
    if kind_of(subject.document) in RUNTIMES and replicas is not None and not 0 <= replicas <= LARGEST_SHORT:
        values = {"value": replicas, "reason": "it takes 16 bits without a sign"}
        yield Hit(("spec", "replicas"), {**values, "advice": f"Write a number from 0 to {LARGEST_SHORT}."})
        return
    if kind_of(subject.document) == LLM_CONFIG and subject.release is not None and subject.release >= V0_21:
        for path, written in _amounts(subject.document.data, ()):
            if quantity.read(written) is None:
                advice = "Write a quantity, such as 500m or 2Gi; a template has no place there."
                yield Hit(path, {"value": f"'{written}'", "reason": "it is no quantity", "advice": advice})
    if not _suspicious(subject.document.data):
        return
    for path, value in _suspects(subject.document.data, ()):
        node = _node(subject.schema, path)
        if node is None:
            continue
        is_amount = "[numkMGTPE]" in node.bounds.get("pattern", "")
        whole = node.bounds.get("format") == "int32" or (node.int_or_string and not is_amount)
        if not isinstance(value, str) and whole:
            values = {"value": value, "reason": "it takes 32 bits", "advice": _range(path[-1])}
            yield Hit(path, values, written=True)
        elif isinstance(value, str) and node.int_or_string and is_amount:
            advice = "Write a plain quantity, such as 500m or 2Gi."
            shown = {"value": f"'{value}'", "reason": "it is no quantity", "advice": advice}
            yield Hit(path, shown, written=True)


def _suspicious(data: dict[str, Any]) -> bool:
    """Whether there is anything to look for, told without keeping track of places: there isn't in most objects."""
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        for child in value.values() if value.__class__ is dict else value:
            kind = child.__class__
            if kind is dict or kind is list:
                waiting.append(child)
            elif kind is str:
                if _is_broken(child):
                    return True
            elif (kind is int or kind is float) and not SMALLEST <= child <= LARGEST:
                return True
    return False


def _is_broken(text: str) -> bool:
    return text[:1] in DIGITS and BROKEN_EXPONENT.fullmatch(text) is not None and quantity.parse(text) is None


def _range(field: object) -> str:
    low, high = limits(field)
    return f"Write a number from {low} to {high}."


def _suspects(value: Any, path: Path) -> Iterator[tuple[Path, float | str]]:
    """Large numbers, and texts that look like a quantity with a broken exponent."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        if isinstance(child, (dict, list)):
            yield from _suspects(child, (*path, key))
        elif isinstance(child, (int, float)):
            if not SMALLEST <= child <= LARGEST:
                yield (*path, key), child
        elif isinstance(child, str) and _is_broken(child):
            yield (*path, key), child


def _amounts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts that Go reads as quantities in a pod, by the names of their fields."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        if isinstance(child, (dict, list)):
            yield from _amounts(child, (*path, key))
        elif isinstance(child, str) and (key in AMOUNTS or (path and path[-1] in LISTS_OF_AMOUNTS)):
            yield (*path, key), child


def _node(root: Schema | None, path: Path) -> Schema | None:
    for part in path:
        root = root.child(part) if root else None
    return root
