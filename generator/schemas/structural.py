"""Whether a CRD is one that the API server takes: what it needs to have, and that its schema is structural.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ ("Specifying a
structural schema") and ``pkg/apiserver/schema/validation.go`` of k8s.io/apiextensions-apiserver.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from generator.errors import InputError
from generator.schemas.words import faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.reading.documents import Document, Path
    from generator.schemas.words import RuleFault

_TYPES = frozenset(("object", "array", "string", "integer", "number", "boolean"))
_FORBIDDEN = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems")
_ONLY_OUTSIDE = ("type", "additionalProperties", "default", "nullable", "x-kubernetes-preserve-unknown-fields")
_API_VERSION = "apiextensions.k8s.io/v1"
_LARGEST = 3 << 20
"""Bytes of a request (``MaxRequestBodyBytes`` of k8s.io/apiserver); in YAML a few aliases can stand for far more."""


def _refuse(crd: Document, path: Path, message: str) -> NoReturn:
    raise InputError(
        f"the CRD {crd.name or 'without a name'} {message}.",
        fix="The API server would refuse it too; take the CRD as its project publishes it.",
        place=crd.place(path),
    )


def _want(crd: Document, parent: Any, path: Path, kind: type) -> Any:
    """A field that must be there and of a type."""
    value = parent.get(path[-1]) if isinstance(parent, dict) else None
    if not isinstance(value, kind) or value in ("", [], {}):
        _refuse(crd, path, f"has no {path[-1]}")
    return value


def _children(crd: Document, path: Path, schema: dict[str, Any]) -> Iterator[tuple[Path, Any, bool]]:
    """The sub-schemas with their paths, and whether each stands in a junction (allOf, anyOf, oneOf, not)."""
    properties = schema.get("properties") or {}
    if not isinstance(properties, dict):
        _refuse(crd, (*path, "properties"), "has properties that are no mapping")
    yield from (((*path, "properties", name), child, False) for name, child in properties.items())
    for key in ("items", "additionalProperties", "not"):
        if key in schema and not (key == "additionalProperties" and isinstance(schema[key], bool)):
            yield (*path, key), schema[key], key == "not"
    for key in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(key) or []
        if not isinstance(branches, list):
            _refuse(crd, (*path, key), f"has {key} that is no list")
        yield from (((*path, key, index), child, True) for index, child in enumerate(branches))


def _check_own(crd: Document, path: Path, schema: dict[str, Any]) -> None:
    """What holds of a sub-schema that describes a field."""
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("type") not in _TYPES and not ("type" not in schema and free):
        _refuse(crd, (*path, "type"), "is not structural: a schema has no type")
    if schema.get("type") == "array" and "items" not in schema:
        _refuse(crd, path, "is not structural: a list has no items")
    if schema.get("properties") and schema.get("additionalProperties"):
        _refuse(crd, path, "is not structural: properties and additionalProperties exclude one another")
    if schema.get("uniqueItems") is True:
        _refuse(crd, (*path, "uniqueItems"), "is not structural: uniqueItems is not allowed")


def _check_branch(crd: Document, path: Path, schema: dict[str, Any]) -> None:
    """What holds of a sub-schema in a junction: it may only constrain values."""
    if set(schema) == {"type"} and schema["type"] in ("integer", "string"):
        return
    for key in _ONLY_OUTSIDE:
        if key in schema:
            _refuse(crd, (*path, key), f"is not structural: {key} is not allowed inside allOf, anyOf, oneOf or not")


def _check_schema(
    crd: Document, path: Path, schema: Any, rule_fault: RuleFault | None, *, junction: bool = False
) -> None:
    if not isinstance(schema, dict):
        _refuse(crd, path, "has a schema that is no mapping")
    for key in _FORBIDDEN:
        if key in schema:
            _refuse(crd, (*path, key), f"is not structural: {key} is not allowed")
    for below, what in faults(schema, rule_fault):
        _refuse(crd, (*path, *below), what)
    (_check_branch if junction else _check_own)(crd, path, schema)
    for place, child, branch in _children(crd, path, schema):
        _check_schema(crd, place, child, rule_fault, junction=junction or branch)


def _check_scale(crd: Document, place: Path, version: dict[str, Any]) -> None:
    """The paths of the scale subresource are texts."""
    subresources = version.get("subresources") or {}
    scale = subresources.get("scale") if isinstance(subresources, dict) else None
    if not isinstance(subresources, dict) or not isinstance(scale, dict | None):
        _refuse(crd, (*place, "subresources"), "has subresources that are no mapping")
    for key, value in (scale or {}).items():
        if not isinstance(value, str | None):
            _refuse(crd, (*place, "subresources", "scale", key), f"has {key} that is not text")


def check(crd: Document, rule_fault: RuleFault | None = None) -> None:
    """Refuse what no pack can be made of.

    Args:
        crd: The CRD.
        rule_fault: What judges CEL expressions; None where nobody does.

    Raises:
        InputError: No CRD of apiextensions.k8s.io/v1, something that it must have is missing, or a schema that is not
            structural; with the place.
    """
    if crd.kind != "CustomResourceDefinition":
        _refuse(crd, ("kind",), f"is no CustomResourceDefinition but '{crd.kind or 'without a kind'}'")
    if crd.api_version != _API_VERSION:
        _refuse(crd, ("apiVersion",), f"is of {crd.api_version or 'no version'}; Kubernetes takes {_API_VERSION} only")
    if len(json.dumps(crd.data, separators=(",", ":"))) > _LARGEST:
        _refuse(crd, (), f"has more than {_LARGEST >> 20} MB, with its aliases written out")
    spec = _want(crd, crd.data, ("spec",), dict)
    _want(crd, spec, ("spec", "group"), str)
    names = _want(crd, spec, ("spec", "names"), dict)
    _want(crd, names, ("spec", "names", "kind"), str)
    _want(crd, names, ("spec", "names", "plural"), str)
    if _want(crd, spec, ("spec", "scope"), str) not in ("Namespaced", "Cluster"):
        _refuse(crd, ("spec", "scope"), "has a scope that is neither Namespaced nor Cluster")
    for index, version in enumerate(_want(crd, spec, ("spec", "versions"), list)):
        place: Path = ("spec", "versions", index)
        _want(crd, version, (*place, "name"), str)
        if not isinstance(version.get("served"), bool):
            _refuse(crd, (*place, "served"), "does not say whether a version is served")
        _check_scale(crd, place, version)
        schema = _want(crd, version, (*place, "schema"), dict)
        root = _want(crd, schema, (*place, "schema", "openAPIV3Schema"), dict)
        _check_schema(crd, (*place, "schema", "openAPIV3Schema"), root, rule_fault)
