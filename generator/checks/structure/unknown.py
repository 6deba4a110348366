"""Strict decoding: unknown fields, as the API server's pruning finds them.

Source: ``pkg/apiserver/schema/pruning/algorithm.go`` of k8s.io/apiextensions-apiserver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.structure.metadata import unknown_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.structure.problem import Path
    from generator.schemas import Schema

_OBJECT_FIELDS = frozenset(("apiVersion", "kind", "metadata"))


def _walk(value: Any, schema: Schema | None, path: Path, *, resource: bool) -> Iterator[Path]:
    """The unknown fields in a value of which the schema may be unknown too (below a free key without a schema)."""
    if isinstance(value, dict):
        yield from _mapping(value, schema, path, resource=resource)
    elif isinstance(value, list):
        items = schema.items if schema else None
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                yield from _enter(item, items, (*path, index))


def _enter(value: Any, schema: Schema | None, path: Path) -> Iterator[Path]:
    if schema is not None and schema.preserve:
        yield from _preserved(value, schema, path)
    else:
        yield from _walk(value, schema, path, resource=schema is not None and schema.embedded)


def _preserved(value: Any, schema: Schema | None, path: Path) -> Iterator[Path]:
    """Below ``x-kubernetes-preserve-unknown-fields`` only the fields that have a schema are looked into."""
    if schema is None:
        return
    if isinstance(value, dict):
        if schema.embedded and isinstance(value.get("metadata"), dict):
            yield from unknown_metadata(value["metadata"], (*path, "metadata"))
        for key, child in value.items():
            if schema.embedded and key in _OBJECT_FIELDS:
                continue
            if key in schema.properties:
                yield from _enter(child, schema.properties[key], (*path, key))
            elif schema.additional is not None:
                yield from _enter(child, schema.values, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _preserved(item, schema.items, (*path, index))


def _mapping(value: dict[str, Any], schema: Schema | None, path: Path, *, resource: bool) -> Iterator[Path]:
    if schema is None:
        for key in value:
            yield (*path, key)
        return
    if resource and isinstance(value.get("metadata"), dict):
        yield from unknown_metadata(value["metadata"], (*path, "metadata"))
    properties = schema.properties
    for key, child in value.items():
        if resource and key in _OBJECT_FIELDS:
            continue
        if key in properties:
            if isinstance(child, (dict, list)):
                yield from _enter(child, properties[key], (*path, key))
        elif schema.additional is not None:
            if isinstance(child, (dict, list)):
                yield from _enter(child, schema.values, (*path, key))
        else:
            yield (*path, key)


def unknown_fields(data: dict[str, Any], root: Schema) -> Iterator[Path]:
    """The paths of all unknown fields; nothing below an unknown field is looked at."""
    if root.preserve:
        yield from unknown_metadata(data.get("metadata"), ("metadata",))
        yield from (path for path in _preserved(data, root, ()) if path[:1] != ("metadata",))
    else:
        yield from _mapping(data, root, (), resource=True)
