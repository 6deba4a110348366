"""Objects of the API server's own kinds: decoded into Go types, not checked against a CRD.

Null is the same as nothing, everywhere; no pruning, no patterns, no required fields: those are the kinds' own rules
(``generator.checks.rules.kubernetes``). Source: the decoder of sigs.k8s.io/json, and the types that read themselves in
k8s.io/apimachinery (``Quantity``, ``IntOrString``, ``Time``, ``MicroTime``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from generator.checks.structure.limits import limits
from generator.checks.structure.metadata import is_time, metadata_problems, type_name
from generator.checks.structure.problem import Code, Path, Problem
from generator.text import quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.schemas import KindSchema, Schema

_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_MICRO = re.compile(r"[^.,]*[.,]\d{6}(?:Z|[-+].*)", re.ASCII)
_LAST_INTEGER = 1e21
"""From here on Go writes a whole float with an exponent, and no integer field takes that."""
_FREELY_NAMED = frozenset(("rbac.authorization.k8s.io", "policy"))
"""The groups whose kinds have names that need no DNS: whatever can be a part of a URL, such as ``system:reader``."""
_COUNTED = frozenset(
    (
        *("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job", "PodTemplate", "EndpointSlice"),
        *("ReplicationController", "FlowSchema", "PriorityLevelConfiguration", "Ingress", "IngressClass"),
        *("NetworkPolicy", "PodDisruptionBudget", "PriorityClass", "MutatingWebhookConfiguration", "DeviceClass"),
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration"),
        *("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "DeviceTaintRule", "ResourceSlice"),
    )
)
"""Kinds whose objects have a generation of the API server's own, in every release since 1.30."""
_JUDGED_BY_ITS_RULE = "ReplicationController"
"""The kind whose generateName is judged in other ways from release to release (K8S050)."""
_NAMED_BY_SERVER = "LimitRange"
"""The kind that gets a name where it has none."""


def is_base64(text: str) -> bool:
    """Whether Go reads a text as bytes; line breaks don't count."""
    return _BASE64.fullmatch(text.replace("\n", "").replace("\r", "")) is not None


def _whole(value: Any) -> int | None:
    """A value as the whole number that kubectl sends; None where it sends none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LAST_INTEGER else None
    return value if isinstance(value, int) else None


def _in_range(number: int, form: str) -> bool:
    low, high = _RANGES[form]
    return low <= number <= high


def _is_bytes(value: Any) -> bool:
    if isinstance(value, list):
        return all(item is None or ((number := _whole(item)) is not None and 0 <= number < 256) for item in value)  # noqa: PLR2004 (a byte)
    return isinstance(value, str) and is_base64(value)


def _scalar_fits(value: Any, schema: Schema) -> bool:
    form = schema.bounds.get("format", "")
    if schema.int_or_string:
        return isinstance(value, str) or ((number := _whole(value)) is not None and _in_range(number, "int32"))
    if schema.type == "integer":
        return (number := _whole(value)) is not None and _in_range(number, form or "int64")
    if schema.type == "boolean":
        return isinstance(value, bool)
    if form == "quantity":
        return quantity.read(value) is not None
    if form == "byte":
        return _is_bytes(value)
    return isinstance(value, str) and (
        form not in ("date-time", "date-time-micro")
        or (is_time(value) and (form == "date-time" or _MICRO.fullmatch(value) is not None))
    )


def decodes(value: Any, schema: Schema) -> bool:
    """Whether Go decodes a value strictly: no unknown field, every type right."""
    if value is None or schema.preserve:
        return True
    if schema.properties or schema.type == "object":
        if not isinstance(value, dict):
            return False
        properties, values = schema.properties, schema.values
        for key, child in value.items():
            inner = properties.get(key) or values
            if inner is None or not decodes(child, inner):
                return False
        return True
    if schema.items is not None:
        items = schema.items
        return isinstance(value, list) and all(decodes(item, items) for item in value)
    return _scalar_fits(value, schema)


def _undecodable(value: Any, schema: Schema, path: Path) -> Iterator[Problem]:
    """What Go can't decode; unknown fields aside."""
    if value is None or schema.preserve:
        return
    if schema.type == "object":
        if not isinstance(value, dict):
            yield _wrong("mapping", value, path)
            return
        for key, child in value.items():
            inner = schema.properties.get(key) or schema.values
            if inner is not None:
                yield from _undecodable(child, inner, (*path, key))
    elif schema.items is not None:
        if not isinstance(value, list):
            yield _wrong("list", value, path)
            return
        for index, item in enumerate(value):
            yield from _undecodable(item, schema.items, (*path, index))
    elif not _scalar_fits(value, schema):
        yield _scalar_problem(value, schema, path)


def _wrong(expected: str, value: Any, path: Path) -> Problem:
    values = {"expected": expected, "found": type_name(value), "value": value, "field": path[-1]}
    return Problem(Code.WRONG_TYPE, path, values=values)


def _scalar_problem(value: Any, schema: Schema, path: Path) -> Problem:
    form = schema.bounds.get("format", "")
    number = _whole(value)
    if number is not None and (schema.type == "integer" or schema.int_or_string):
        holds = form if form in _RANGES else "int32" if schema.int_or_string else "int64"
        low, high = limits(path[-1] if path else "", holds)
        code, bound = (Code.BELOW_MINIMUM, low) if number < 0 else (Code.ABOVE_MAXIMUM, high)
        return Problem(code, path, values={"value": value, "bound": bound, "exclusive": False})
    if isinstance(value, str) and schema.type == "string":
        name = "base64" if form == "byte" else form.removesuffix("-micro")
        return Problem(Code.FORMAT, path, values={"value": value, "format": name})
    expected = "integer or string" if schema.int_or_string else schema.type
    return _wrong("number or string" if form == "quantity" else expected, value, path)


def _metadata(data: dict[str, Any], kind: KindSchema) -> Iterator[Problem]:
    found = metadata_problems(
        data.get("metadata"),
        ("metadata",),
        namespaced=kind.kind.namespaced,
        counted=_sets_generation(kind),
    )
    for problem in found:
        if problem.code is Code.NAME_MISSING and kind.kind.kind == _NAMED_BY_SERVER:
            continue
        named = problem.code is Code.NAME_SYNTAX and problem.path[-1] != "namespace"
        if named and kind.kind.kind == _JUDGED_BY_ITS_RULE and problem.path[-1] == "generateName":
            continue
        if not named or kind.kind.group not in _FREELY_NAMED:
            yield problem
        elif not _is_segment(problem):
            yield Problem(problem.code, problem.path, values={**problem.values, "wanted": "segment"})


def _sets_generation(kind: KindSchema) -> bool:
    """Whether the API server sets the generation of a new object (``PrepareForCreate`` of the kind's strategy).

    Pods have it since 1.33 and autoscalers since 1.37; their status told of it from the same release on.
    The status of an autoscaler of v1 has no conditions, so it is taken for one of the newest.
    """
    name, status = kind.kind.kind, kind.schema.child("status")
    if name == "Pod":
        return status is not None and status.child("observedGeneration") is not None
    if name == "HorizontalPodAutoscaler":
        conditions = status.child("conditions") if status else None
        item = conditions.items if conditions else None
        return conditions is None or (item is not None and item.child("observedGeneration") is not None)
    return name in _COUNTED


def _is_segment(problem: Problem) -> bool:
    name = problem.values["value"]
    return not ("/" in name or "%" in name or (problem.path[-1] == "name" and name in (".", "..")))


def typed_violations(data: dict[str, Any], kind: KindSchema) -> list[Problem]:
    """What the API server can't decode, and what it refuses in the metadata of every object.

    Args:
        data: The object as decoded.
        kind: The kind in the release.
    """
    problems = list(_metadata(data, kind))
    for key, value in data.items():
        schema = kind.schema.properties.get(key)
        if schema is not None and key != "metadata":
            problems += _undecodable(value, schema, (key,))
    return problems


def typed_valid(data: dict[str, Any], kind: KindSchema) -> bool:
    """Whether nothing is wrong for certain: all decodes, and the metadata has nothing unusual."""
    return decodes(data, kind.schema) and next(_metadata(data, kind), None) is None
