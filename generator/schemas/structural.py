"""Whether a CRD is one that the API server takes: what it needs to have, and that its schema is structural.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ ("Specifying a
structural schema") and ``pkg/apiserver/schema/validation.go`` of k8s.io/apiextensions-apiserver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from generator.errors import InputError

if TYPE_CHECKING:
    from generator.documents import Document, Path

_TYPES = frozenset(("object", "array", "string", "integer", "number", "boolean"))
_FORBIDDEN = ("$ref", "definitions", "dependencies", "patternProperties", "additionalItems")
_ONLY_OUTSIDE = ("type", "additionalProperties", "default", "nullable", "x-kubernetes-preserve-unknown-fields")
_API_VERSION = "apiextensions.k8s.io/v1"


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


def _check_junction(crd: Document, path: Path, schema: Any) -> None:
    """A branch of allOf, anyOf, oneOf or not may only constrain values."""
    if not isinstance(schema, dict):
        _refuse(crd, path, "has a schema that is no mapping")
    for key in _FORBIDDEN:
        if key in schema:
            _refuse(crd, (*path, key), f"is not structural: {key} is not allowed")
    int_or_string = set(schema) == {"type"} and schema["type"] in ("integer", "string")
    for key in _ONLY_OUTSIDE:
        if key in schema and not int_or_string:
            _refuse(crd, (*path, key), f"is not structural: {key} is not allowed inside allOf, anyOf, oneOf or not")
    for name, child in (schema.get("properties") or {}).items():
        _check_junction(crd, (*path, "properties", name), child)
    for key in ("items", "not"):
        if key in schema:
            _check_junction(crd, (*path, key), schema[key])
    _check_junctions(crd, path, schema)


def _check_junctions(crd: Document, path: Path, schema: dict[str, Any]) -> None:
    for key in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(schema.get(key) or ()):
            _check_junction(crd, (*path, key, index), child)


def _check_schema(crd: Document, path: Path, schema: Any) -> None:
    if not isinstance(schema, dict):
        _refuse(crd, path, "has a schema that is no mapping")
    for key in _FORBIDDEN:
        if key in schema:
            _refuse(crd, (*path, key), f"is not structural: {key} is not allowed")
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("type") not in _TYPES and not ("type" not in schema and free):
        _refuse(crd, (*path, "type"), "is not structural: a schema has no type")
    if schema.get("type") == "array" and "items" not in schema:
        _refuse(crd, path, "is not structural: a list has no items")
    if schema.get("properties") and schema.get("additionalProperties"):
        _refuse(crd, path, "is not structural: properties and additionalProperties exclude one another")
    if schema.get("uniqueItems") is True:
        _refuse(crd, (*path, "uniqueItems"), "is not structural: uniqueItems is not allowed")
    for name, child in (schema.get("properties") or {}).items():
        _check_schema(crd, (*path, "properties", name), child)
    for key in ("items", "additionalProperties"):
        if key in schema and not (key == "additionalProperties" and isinstance(schema[key], bool)):
            _check_schema(crd, (*path, key), schema[key])
    if "not" in schema:
        _check_junction(crd, (*path, "not"), schema["not"])
    _check_junctions(crd, path, schema)


def check(crd: Document) -> None:
    """Refuse what no pack can be made of.

    Raises:
        InputError: No CRD of apiextensions.k8s.io/v1, something that it must have is missing, or a schema that is not
            structural; with the place.
    """
    if crd.kind != "CustomResourceDefinition":
        _refuse(crd, ("kind",), f"is no CustomResourceDefinition but '{crd.kind or 'without a kind'}'")
    if crd.api_version != _API_VERSION:
        _refuse(crd, ("apiVersion",), f"is of {crd.api_version or 'no version'}; Kubernetes takes {_API_VERSION} only")
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
        schema = _want(crd, version, (*place, "schema"), dict)
        root = _want(crd, schema, (*place, "schema", "openAPIV3Schema"), dict)
        _check_schema(crd, (*place, "schema", "openAPIV3Schema"), root)
