"""Values against the schema, as the API server's validator judges them.

Source: ``pkg/validation/validate`` of k8s.io/kube-openapi (types, bounds, alternatives) and
``pkg/apiserver/schema/listtype`` of k8s.io/apiextensions-apiserver (lists of type set and map).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.checks.structure.formats import enforced
from generator.checks.structure.metadata import embedded_problems, type_name
from generator.checks.structure.patterns import matches
from generator.checks.structure.problem import Code, Path, Problem
from generator.checks.structure.suggest import nearest
from generator.text.regex import UnknownError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.schemas import Schema

_SAFE_INTEGER = 2**53 - 1
_WORDS = {"object": "mapping", "array": "list"}


def _is_integral(value: float) -> bool:
    """``swag.IsFloat64AJSONInteger``: within the safe integers, and integral up to a relative error of 1e-9."""
    if abs(value) > _SAFE_INTEGER:
        return False
    whole = float(int(value))
    if value == whole:
        return True
    return value > 0 and whole > 0 and (value - whole) / (value + whole) < 1e-9  # noqa: PLR2004 (swag's epsilon)


def _types(schema: Schema) -> tuple[str, ...]:
    if schema.int_or_string:
        return ("integer", "string")
    return (schema.type,) if schema.type else ()


def _type_fits(value: Any, types: tuple[str, ...], formatted: bool) -> bool:  # noqa: FBT001 (private, two callers' worth)
    if formatted and isinstance(value, (str, list)) and not {"number", "integer"} & set(types):
        # The validator leaves strings, and by accident lists, to the format's own check.
        return True
    if not types:
        return not formatted
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, int):
        return "integer" in types or "number" in types
    if isinstance(value, float):
        return "number" in types or ("integer" in types and _is_integral(value))
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in types


def _same(value: Any, allowed: Any) -> bool:
    """Equality without Python's ``True == 1``."""
    return isinstance(value, bool) == isinstance(allowed, bool) and bool(value == allowed)


def _expected(types: tuple[str, ...]) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types)


def _enum(value: Any, schema: Schema, path: Path) -> Iterator[Problem]:
    allowed = schema.bounds.get("enum")
    if allowed and (value is None or not any(_same(value, one) for one in allowed)):
        choices = [one for one in allowed if isinstance(one, str)]
        near = nearest(value, choices) if isinstance(value, str) else None
        yield Problem(Code.NOT_IN_ENUM, path, values={"value": value, "allowed": tuple(allowed), "nearest": near})


def _text(value: str, schema: Schema, path: Path) -> Iterator[Problem]:
    bounds = schema.bounds
    length = len(value)
    if length > bounds.get("maxLength", length):
        yield Problem(Code.TOO_LONG, path, values={"length": length, "bound": bounds["maxLength"]})
    elif length < bounds.get("minLength", 0):
        yield Problem(Code.TOO_SHORT, path, values={"length": length, "bound": bounds["minLength"]})
    elif bounds.get("pattern"):
        yield from _pattern(value, bounds["pattern"], path)
    check = enforced(bounds.get("format", ""))
    if check and not check(value):
        yield Problem(Code.FORMAT, path, values={"value": value, "format": bounds["format"]})


def _pattern(value: str, pattern: str, path: Path) -> Iterator[Problem]:
    try:
        if not matches(pattern, value):
            yield Problem(Code.PATTERN, path, values={"value": value, "pattern": pattern})
    except UnknownError as error:
        yield Problem(Code.CEL_UNCHECKED, path, values={"rule": f"pattern {pattern}", "error": str(error)})


def _number(value: float, schema: Schema, path: Path) -> Iterator[Problem]:
    bounds = schema.bounds

    def bound(name: str) -> Any:
        # Go compares an integer with the bound's whole part.
        raw = bounds.get(name)
        return int(raw) if raw is not None and isinstance(value, int) else raw

    low, high, factor = bound("minimum"), bound("maximum"), bound("multipleOf")
    over, under = bounds.get("exclusiveMaximum", False), bounds.get("exclusiveMinimum", False)
    if high is not None and (value > high or (over and value == high)):
        yield Problem(Code.ABOVE_MAXIMUM, path, values={"value": value, "bound": high, "exclusive": over})
    if low is not None and (value < low or (under and value == low)):
        yield Problem(Code.BELOW_MINIMUM, path, values={"value": value, "bound": low, "exclusive": under})
    if factor is not None and (factor <= 0 or not _is_multiple(value, factor)):
        yield Problem(Code.NOT_A_MULTIPLE, path, values={"value": value, "bound": factor})


def _is_multiple(value: float, factor: float) -> bool:
    if isinstance(value, int):
        return value % factor == 0
    return _is_integral(1 / factor * value if factor < 1 else value / factor)


def _size(length: int, schema: Schema, path: Path, what: str) -> Iterator[Problem]:
    low, high = schema.bounds.get(f"min{what}"), schema.bounds.get(f"max{what}")
    if high is not None and length > high:
        code = Code.TOO_MANY_ITEMS if what == "Items" else Code.TOO_MANY_PROPERTIES
        yield Problem(code, path, on_key=True, values={"length": length, "bound": high})
    if low is not None and length < low:
        code = Code.TOO_FEW_ITEMS if what == "Items" else Code.TOO_FEW_PROPERTIES
        yield Problem(code, path, on_key=True, values={"length": length, "bound": low})


def _identity(value: Any) -> Any:
    """A hashable stand-in: equal for what the API server takes as equal in lists of type set and map."""
    if isinstance(value, (dict, list)):
        return "compound", json.dumps(value, sort_keys=True)
    return type(value).__name__, value


def _repeats(identities: list[Any]) -> Iterator[int]:
    """The index of the first repetition of each value."""
    seen: dict[Any, int] = {}
    for index, identity in enumerate(identities):
        seen[identity] = seen.get(identity, 0) + 1
        if seen[identity] == 2:  # noqa: PLR2004 (the first repetition)
            yield index


def _uniqueness(value: list[Any], schema: Schema, path: Path) -> Iterator[Problem]:
    if schema.list_type == "set":
        for index in _repeats([_identity(item) for item in value]):
            yield Problem(Code.REPEATED_ITEM, (*path, index), values={"value": value[index]})
    elif schema.list_type == "map":
        wrong = next((i for i, item in enumerate(value) if item is not None and not isinstance(item, dict)), None)
        if wrong is not None:
            if schema.items is None or schema.items.type != "object":
                values = {"expected": "mapping", "found": type_name(value[wrong]), "value": value[wrong]}
                yield Problem(Code.WRONG_TYPE, (*path, wrong), values=values)
            return
        keys = [{key: item[key] for key in schema.list_keys if key in item} if item else {} for item in value]
        identities = [tuple((key, _identity(one)) for key, one in sorted(entry.items())) for entry in keys]
        for index in _repeats(identities):
            yield Problem(Code.REPEATED_KEY, (*path, index), values={"keys": keys[index]})


def _list(value: list[Any], schema: Schema, path: Path) -> Iterator[Problem]:
    if schema.items is not None:
        for index, item in enumerate(value):
            yield from check(item, schema.items, (*path, index))
    yield from _size(len(value), schema, path, "Items")
    if schema.list_type in ("set", "map"):
        yield from _uniqueness(value, schema, path)


def _mapping(value: dict[str, Any], schema: Schema, path: Path) -> Iterator[Problem]:
    yield from _size(len(value), schema, path, "Properties")
    properties, values = schema.properties, schema.values
    for key, child in value.items():
        inner = properties.get(key) or values
        if inner is not None:
            yield from check(child, inner, (*path, key))
        elif schema.additional is False:
            unknown = {"field": key, "nearest": nearest(key, properties), "elsewhere": (), "known": tuple(properties)}
            yield Problem(Code.UNKNOWN_FIELD, (*path, key), on_key=True, values=unknown)
    for key in schema.required:
        if key not in value:
            yield Problem(Code.MISSING_FIELD, (*path, key), values={"field": key})
    if schema.embedded:
        yield from embedded_problems(value, path)


def _alternatives(value: Any, schema: Schema, path: Path) -> Iterator[Problem]:
    for group, exactly_one in ((schema.any_of, False), (schema.one_of, True)):
        if not group or (schema.int_or_string and not exactly_one and _is_int_or_string_pair(group)):
            continue
        faults = [list(check(value, branch, path)) for branch in group]
        fitting = sum(not found for found in faults)
        if not fitting:
            closest = min(faults, key=len)
            values: dict[str, Any] = {"count": len(group), "closest": tuple(closest)}
            yield Problem(Code.NO_ALTERNATIVE, path, on_key=True, values=values)
        elif exactly_one and fitting > 1:
            yield Problem(Code.SEVERAL_ALTERNATIVES, path, on_key=True, values={"count": fitting})
    for branch in schema.all_of:
        yield from check(value, branch, path)
    if schema.not_ is not None and not any(True for _ in check(value, schema.not_, path)):
        yield Problem(Code.FORBIDDEN_FORM, path, on_key=True)


def _is_int_or_string_pair(group: tuple[Schema, ...]) -> bool:
    """The pair that accompanies int-or-string; the type's own check says the same in better words."""
    return sorted(branch.type for branch in group) == ["integer", "string"] and not any(one.bounds for one in group)


def check(value: Any, schema: Schema, path: Path) -> Iterator[Problem]:
    """What is wrong with a value.

    Args:
        value: Nulls are dropped and defaults filled in already.
        schema: What it has to fit.
        path: Where it stands.
    """
    types = _types(schema)
    if value is None:
        if types and not schema.nullable:
            yield Problem(Code.NULL_VALUE, path, values={"expected": _expected(types)})
        yield from _enum(value, schema, path)
        return
    formatted = enforced(schema.bounds.get("format", "")) is not None
    if (types or formatted) and not _type_fits(value, types, formatted):
        expected = _expected(types) or str(schema.bounds["format"])
        values = {"expected": expected, "found": type_name(value), "value": value, "bounds": schema.bounds}
        yield Problem(Code.WRONG_TYPE, path, values=values)
        return
    yield from _alternatives(value, schema, path)
    if isinstance(value, str):
        yield from _text(value, schema, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number(value, schema, path)
    elif isinstance(value, list):
        yield from _list(value, schema, path)
    elif isinstance(value, dict):
        yield from _mapping(value, schema, path)
    yield from _enum(value, schema, path)
