"""What the API server changes before it validates: nulls are dropped, defaults are filled in.

Source: ``pkg/apiserver/schema/defaulting/{prunenulls,algorithm}.go`` of k8s.io/apiextensions-apiserver.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from generator.schemas import NO_DEFAULT

if TYPE_CHECKING:
    from generator.schemas import KindSchema, Schema


def _default(schema: Schema) -> Any:
    """A default of null counts as none (Go keeps it as nil)."""
    return None if schema.default is NO_DEFAULT else copy.deepcopy(schema.default)


def has_default(schema: Schema) -> bool:
    """Whether a missing field is filled in; a default of null counts as none (Go keeps it as nil)."""
    return schema.default is not NO_DEFAULT and schema.default is not None


def _filled(value: Any, schema: Schema | None) -> Any:
    """A copy of a value with nulls dropped and defaults filled in, as deep as a schema is known."""
    if schema is None:
        return value
    if isinstance(value, dict):
        return _filled_mapping(value, schema)
    if isinstance(value, list) and schema.items is not None:
        items = schema.items
        return [_filled(_default(items) if item is None and not items.nullable else item, items) for item in value]
    return value


def _filled_mapping(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    result = {}
    for key, child in value.items():
        inner = schema.properties.get(key) or schema.values
        if child is None and inner is not None and not inner.nullable:
            if has_default(inner):
                result[key] = _filled(_default(inner), inner)
            continue
        result[key] = _filled(child, inner)
    for key, inner in schema.properties.items():
        if key not in result and has_default(inner):
            result[key] = _filled(_default(inner), inner)
    return result


def prepared(data: dict[str, Any], kind: KindSchema, old: dict[str, Any] | None = None) -> dict[str, Any]:
    """The object as validation sees it; ``data`` itself is left as it is.

    Where the status is a subresource, it is gone: the API server drops it when an object is created, and an update
    keeps the one that is there.

    Args:
        data: The object.
        kind: The kind's schema.
        old: The object that it takes the place of, itself prepared by ``stored``; None at creation.
    """
    result = stored(data, kind)
    if kind.kind.status:
        result.pop("status", None)
        if old is not None and "status" in old:
            result["status"] = old["status"]
    return result


def stored(data: dict[str, Any], kind: KindSchema) -> dict[str, Any]:
    """An object that is there, with its status: nulls are dropped, defaults filled in."""
    result = _filled_mapping(data, kind.schema)
    for field in ("apiVersion", "kind", "metadata"):
        if field in data:
            result[field] = data[field]
    return result
