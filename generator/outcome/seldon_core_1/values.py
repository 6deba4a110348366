"""Texts as Go writes them, and lists of variables as the operator changes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.outcome.part import opened, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.outcome.part import Part, Tree

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def go_json(value: Any) -> str:
    """JSON as Go's ``json.Marshal`` writes it: no blanks, HTML's characters escaped, the keys of a map in order."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(_ESCAPED.get(each, each) for each in text)


def parameters(parts: Iterable[Part], *more: Mapping[str, str]) -> str:
    """A unit's parameters as its server gets them."""
    own = [{key: each.text(key) for key in ("name", "value", "type")} for each in parts]
    return go_json([*own, *more])


def variable(name: str, value: Tree) -> dict[str, Tree]:
    """An environment variable."""
    return {"name": name, "value": value}


def with_variable(env: list[Tree], one: dict[str, Tree], *, override: bool) -> list[Tree]:
    """A list with one more variable, as the operator's own function gives it.

    Without ``override`` a list that has the variable already is lost altogether: the function has no value to return
    then (utils/utils.go, ``SetEnvVar``).
    """
    places = [number for number, each in enumerate(env) if name_of(each) == one["name"]]
    if not places:
        return [*env, one]
    return [*env[: places[-1]], one, *env[places[-1] + 1 :]] if override else []


def name_of(tree: Tree) -> str | None:
    """The name of a variable, a port, a volume or a container; None where it has none, or none that is text."""
    fields = opened(tree)
    found = value_of(fields.get("name")) if isinstance(fields, dict) else None
    return found if isinstance(found, str) else None


def items(tree: Tree) -> list[Tree]:
    """The items of a list that may be a Part, or missing."""
    found = opened(tree)
    return list(found) if isinstance(found, list) else []


def field(tree: Tree, name: str) -> Tree:
    """A field of an object that may be a Part; None where it isn't there."""
    fields = opened(tree)
    return fields.get(name) if isinstance(fields, dict) else None
