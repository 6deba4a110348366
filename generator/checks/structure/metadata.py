"""Object metadata: its fields, their types, and the syntax of names, labels and annotations.

Source: ``ObjectMeta`` and ``pkg/api/validation/objectmeta.go`` of k8s.io/apimachinery; the limits are those that
https://kubernetes.io/docs/concepts/overview/working-with-objects/ names.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from generator.checks.structure.bookkeeping import bookkeeping_problems
from generator.checks.structure.names import (
    LABEL_LIMIT,
    SUBDOMAIN_LIMIT,
    generated,
    is_label,
    is_label_value,
    is_subdomain,
    key_fault,
    masked,
)
from generator.checks.structure.problem import Code, Path, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING, _INTEGER, _BOOLEAN, _TIME, _FREE = "string", "integer", "boolean", "time", "free"
_OWNER = {
    **dict.fromkeys(("apiVersion", "kind", "name", "uid"), _STRING),
    **dict.fromkeys(("controller", "blockOwnerDeletion"), _BOOLEAN),
}
_MANAGED = {
    **dict.fromkeys(("manager", "operation", "apiVersion", "fieldsType", "subresource"), _STRING),
    "time": _TIME,
    "fieldsV1": _FREE,
}
METADATA_FIELDS: dict[str, Any] = {
    **dict.fromkeys(("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion"), _STRING),
    **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), _INTEGER),
    **dict.fromkeys(("creationTimestamp", "deletionTimestamp"), _TIME),
    "labels": {"*": _STRING},
    "annotations": {"*": _STRING},
    "ownerReferences": [_OWNER],
    "finalizers": [_STRING],
    "managedFields": [_MANAGED],
}
"""The fields of ObjectMeta with their Go types: a name, ``{"*": type}`` a map, ``[type]`` a list."""

ANNOTATIONS_LIMIT = 256 * 1024
_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d))", re.ASCII)
_INT64 = range(-(2**63), 2**63)


def type_name(value: Any) -> str:
    """A value's type in the words of JSON Schema, with ``list`` and ``mapping`` as people say."""
    if isinstance(value, bool):
        return "boolean"
    names = {int: "integer", float: "number", str: "string", list: "list", dict: "mapping", type(None): "null"}
    return names[type(value)]


def unknown_metadata(metadata: Any, path: Path, fields: dict[str, Any] | None = None) -> Iterator[Path]:
    """The paths of fields that ObjectMeta doesn't have."""
    known = METADATA_FIELDS if fields is None else fields
    for key, value in metadata.items() if isinstance(metadata, dict) else ():
        kind = known.get(key)
        if kind is None:
            yield (*path, key)
        elif isinstance(kind, list) and isinstance(kind[0], dict) and isinstance(value, list):
            for index, item in enumerate(value):
                yield from unknown_metadata(item, (*path, key, index), kind[0])


def is_time(text: str) -> bool:
    """Whether Go reads a text as a time (RFC 3339)."""
    return not _time_fault(text)


def _time_fault(text: str) -> bool:
    found = _RFC3339.fullmatch(text)
    if not found:
        return True
    year, month, day, hour, minute, second, *offset = (int(part or 0) for part in found.groups())
    try:
        date(year or 4, month, day)
    except ValueError:
        return True
    return hour > 23 or minute > 59 or second > 59 or offset[0] > 24 or offset[1] > 60  # noqa: PLR2004 (a clock's limits)


def _decoding(value: Any, kind: Any, path: Path) -> Iterator[Problem]:
    """What Go can't decode into ObjectMeta; null always passes, it leaves the field at its zero value."""
    if value is None or kind == _FREE:
        return
    if isinstance(kind, str):
        wanted = {_STRING: str, _INTEGER: int, _BOOLEAN: bool, _TIME: str}[kind]
        fits = isinstance(value, wanted) and (kind != _INTEGER or (not isinstance(value, bool) and value in _INT64))
        integral = kind == _INTEGER and isinstance(value, float) and value.is_integer() and int(value) in _INT64
        if not fits and not integral:
            expected = _STRING if kind == _TIME else kind
            yield Problem(
                Code.WRONG_TYPE, path, values={"expected": expected, "found": type_name(value), "value": value}
            )
        elif kind == _TIME and _time_fault(value):
            yield Problem(Code.FORMAT, path, values={"value": value, "format": "date-time"})
    elif isinstance(value, list) != isinstance(kind, list) or not isinstance(value, (list, dict)):
        expected = "list" if isinstance(kind, list) else "mapping"
        yield Problem(Code.WRONG_TYPE, path, values={"expected": expected, "found": type_name(value), "value": value})
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _decoding(item, kind[0], (*path, index))
    else:
        for key, item in value.items():
            inner = kind.get(key, kind.get("*"))
            if inner is not None:
                yield from _decoding(item, inner, (*path, key))


def _name_problem(path: Path, value: str, wanted: str) -> Problem:
    limit = LABEL_LIMIT if wanted == "label" else SUBDOMAIN_LIMIT
    return Problem(Code.NAME_SYNTAX, path, values={"value": value, "wanted": wanted, "limit": limit})


def _labels(metadata: dict[str, Any], path: Path) -> Iterator[Problem]:
    for key, value in (metadata.get("labels") or {}).items():
        fault = key_fault(key)
        if fault:
            yield Problem(Code.LABEL_KEY, (*path, "labels", key), on_key=True, values={"key": key, "what": fault})
        if value is not None and not is_label_value(value):
            yield Problem(Code.LABEL_VALUE, (*path, "labels", key), values={"key": key, "value": value})


def _annotations(metadata: dict[str, Any], path: Path) -> Iterator[Problem]:
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        fault = key_fault(key.lower())
        if fault:
            place = (*path, "annotations", key)
            yield Problem(Code.ANNOTATION_KEY, place, on_key=True, values={"key": key, "what": fault})
    size = sum(len(key.encode()) + len((value or "").encode()) for key, value in annotations.items())
    if size > ANNOTATIONS_LIMIT:
        place = (*path, "annotations")
        values = {"length": size, "bound": ANNOTATIONS_LIMIT}
        yield Problem(Code.ANNOTATIONS_TOO_LARGE, place, on_key=True, values=values)


def _names(metadata: dict[str, Any], path: Path) -> Iterator[Problem]:
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    if prefix:
        if not is_subdomain(masked(prefix)) or not (name or is_subdomain(generated(prefix))):
            yield _name_problem((*path, "generateName"), prefix, "subdomain")
    elif not name:
        yield Problem(Code.NAME_MISSING, (*path, "name"))
    if name and not is_subdomain(name):
        yield _name_problem((*path, "name"), name, "subdomain")


def metadata_problems(metadata: Any, path: Path, *, namespaced: bool, counted: bool = True) -> Iterator[Problem]:
    """What the API server refuses in an object's metadata at creation.

    Args:
        metadata: What stands under ``metadata``; None where nothing does.
        path: Its path.
        namespaced: Whether the kind's objects live in namespaces; a missing namespace is filled in by kubectl, and one
            on a kind without namespaces is dropped.
        counted: Whether the API server sets ``generation`` itself, as it does for every object of a CRD.
    """
    decoding = list(_decoding(metadata, METADATA_FIELDS, path))
    yield from decoding
    if decoding:
        return
    fields = metadata or {}
    yield from _names(fields, path)
    namespace = fields.get("namespace") or ""
    if namespaced and namespace and not is_label(namespace):
        yield _name_problem((*path, "namespace"), namespace, "label")
    yield from _labels(fields, path)
    yield from _annotations(fields, path)
    yield from bookkeeping_problems(fields, path, counted=counted, created=True)


def _embedded_type(value: dict[str, Any], field: str, path: Path) -> Iterator[Problem]:
    """``apiVersion`` or ``kind`` of an object inside an object."""
    text = value.get(field)
    if field not in value:
        yield Problem(Code.EMBEDDED_OBJECT, path, values={"field": field, "reason": "is missing"})
    elif not isinstance(text, str):
        yield Problem(Code.WRONG_TYPE, path, values={"expected": _STRING, "found": type_name(text), "value": text})
    elif field == "apiVersion":
        if not text or text.count("/") > 1:
            yield Problem(Code.EMBEDDED_OBJECT, path, values={"field": field, "reason": "is not one"})
    elif not (text[:1].isalpha() and is_label(text.lower())):
        yield Problem(Code.EMBEDDED_OBJECT, path, values={"field": field, "reason": "is not one"})


def embedded_problems(value: dict[str, Any], path: Path) -> Iterator[Problem]:
    """What the API server refuses in an object inside an object (``x-kubernetes-embedded-resource``)."""
    for field in ("apiVersion", "kind"):
        yield from _embedded_type(value, field, (*path, field))
    if "metadata" not in value:
        return
    metadata, place = value["metadata"], (*path, "metadata")
    decoding = list(_decoding(metadata, METADATA_FIELDS, place))
    yield from decoding
    if decoding:
        return
    fields = metadata or {}
    for field in ("name", "generateName"):
        name = fields.get(field) or ""
        if name in (".", "..") or "/" in name or "%" in name:
            yield _name_problem((*place, field), name, "segment")
    if fields.get("namespace") and not is_label(fields["namespace"]):
        yield _name_problem((*place, "namespace"), fields["namespace"], "label")
    yield from _labels(fields, place)
    yield from _annotations(fields, place)
    yield from bookkeeping_problems(fields, place, counted=False, created=False)
