"""The service file's JSON Schema, for editors: made from the same declarations that decode the file."""

from __future__ import annotations

import dataclasses
import functools
import typing
from typing import Any

from generator.decoding.shapes import Bounds, Choices, Described, Form, Pattern, keys_of
from generator.loading.environments import IDENTITY
from generator.service import Service

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The draft that editors' YAML servers know best."""


def schema() -> dict[str, Any]:
    """The schema of a whole service file.

    An environment overlays any part, so it has the same keys with none required, and a null takes a key away.
    """
    whole = _object(Service, partial=False)
    environment = _object(Service, partial=True)
    for fixed in IDENTITY:
        environment["properties"].pop(fixed, None)
    whole["properties"]["environments"] = {
        "type": "object",
        "description": _about(Service, "environments"),
        "additionalProperties": {"anyOf": [environment, {"type": "null"}]},
    }
    return {"$schema": DIALECT, "title": "Serinus service file", **whole}


def _about(cls: type, key: str) -> str:
    return keys_of(cls)[key].shape.about


@functools.cache
def _defaults(cls: type) -> dict[str, Any]:
    plain = (str, int, float, bool)
    return {field.name: field.default for field in dataclasses.fields(cls) if isinstance(field.default, plain)}


def _object(cls: type, *, partial: bool) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, key in keys_of(cls).items():
        made = _type(key.shape, partial=partial)
        if key.shape.about:
            made = {"description": key.shape.about, **made}
        default = _defaults(cls).get(key.field)
        if default not in (None, "") and not partial:
            made["default"] = default
        properties[name] = _or_null(made) if partial or not key.required else made
    result: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    required = [name for name, key in keys_of(cls).items() if key.required]
    if required and not partial:
        result["required"] = required
    return result


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema:
        return schema
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*types, "null"]}


def _type(shape: Described, *, partial: bool) -> dict[str, Any]:
    match shape.form:
        case Form.NODE | Form.DATA:
            return {}
        case Form.OBJECT:
            return _object(typing.cast("type", shape.type), partial=partial)
        case Form.LIST:
            return {"type": "array", "items": _type(shape.inner, partial=False)}
        case Form.MAP:
            names = {"propertyNames": {"pattern": f"^{shape.key_pattern.regex}$"}} if shape.key_pattern else {}
            inner = _type(shape.inner, partial=partial)
            return {"type": "object", "additionalProperties": _or_null(inner) if partial else inner, **names}
        case Form.SCALAR:
            return _scalar(shape)


def _scalar(shape: Described) -> dict[str, Any]:
    if shape.converter:
        types = list(shape.converter.schema)
        return {"type": types if len(types) > 1 else types[0]}
    result: dict[str, Any] = {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[shape.type]}
    for note in shape.notes:
        if isinstance(note, Pattern):
            result["pattern"] = f"^({note.regex})$"
        elif isinstance(note, Choices):
            result["enum"] = list(note.values)
        elif isinstance(note, Bounds):
            result |= {
                key: int(bound) if shape.type is int else bound
                for key, bound in (("minimum", note.minimum), ("maximum", note.maximum))
                if bound is not None
            }
    return result
