"""Trees with parts in them: the object that they stand for, and where each of its fields came from."""

from __future__ import annotations

from typing import Any

import pytest

from generator.outcome import Child, Origin, Part
from generator.outcome.merging import laid_over
from generator.outcome.part import grown, plain
from generator.reading.documents import Document

USER = Document({"spec": {"model": {"env": [{"name": "A", "value": "1"}, {"name": "B"}], "image": None}}}, "isvc.yaml")
MODEL = Part.of(USER).get("spec", "model")
assert MODEL


def brought(value: Any) -> Part:
    """What a platform brings."""
    return Part.brought(value, "the runtime")


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("spec", "model", "env", 1, "name"), "B"),
        (("spec", "model", "image"), None),
        (("spec", "model", "env", 2), None),
        (("spec", "nothing", "below"), None),
        (("spec", "model", "env", "name"), None),
    ],
)
def test_a_part_is_read_down_to_what_stands_there(steps: tuple[str | int, ...], value: object) -> None:
    found = Part.of(USER).get(*steps)
    assert (found.value if found else None) == value
    assert found is None or found.origin == Origin(USER, steps)


def test_a_tree_becomes_an_object_without_what_is_none() -> None:
    tree = {"kind": "Pod", "spec": {"env": MODEL.get("env"), "nodeName": None, "containers": [brought({"a": 1})]}}
    assert plain(tree) == {
        "kind": "Pod",
        "spec": {"env": [{"name": "A", "value": "1"}, {"name": "B"}], "containers": [{"a": 1}]},
    }
    assert grown(tree).data == plain(tree)


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        (("spec", "env", 0, "value"), "isvc.yaml: spec.model.env[0].value"),
        (("spec", "env"), "isvc.yaml: spec.model.env"),
        (("spec", "containers", 0, "a"), "the runtime: a"),
        (("spec",), "KServe 0.20.0"),
        (("kind",), "KServe 0.20.0"),
    ],
)
def test_each_field_of_a_child_knows_where_it_came_from(path: tuple[str | int, ...], origin: str) -> None:
    tree = {"kind": "Pod", "spec": {"env": MODEL.get("env"), "containers": [brought({"a": 1})]}}
    assert str(Child.of(tree, "KServe 0.20.0").origin(path)) == origin


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ({"a": 1, "b": {"c": 1}}, {"b": {"d": 2}}, {"a": 1, "b": {"c": 1, "d": 2}}),
        ({"args": ["a", "b"]}, {"args": ["c"]}, {"args": ["c"]}),
        (
            {"env": [{"name": "A", "value": "0"}, {"name": "C"}]},
            {"env": [{"name": "B"}, {"name": "A", "value": "1"}]},
            {"env": [{"name": "B"}, {"name": "A", "value": "1"}, {"name": "C"}]},
        ),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({"a": 1}, None, {"a": 1}),
        (None, {"a": 1}, {"a": 1}),
        ({"env": "no list"}, {"env": [{"name": "A"}]}, {"env": [{"name": "A"}]}),
    ],
)
def test_objects_are_laid_over_one_another(base: Any, over: Any, merged: object) -> None:
    lower, upper = brought(base) if base else None, Part.of(Document(over, "f")) if over else None
    assert plain(laid_over(lower, upper)) == merged


@pytest.mark.parametrize(
    ("lower", "upper", "merged"),
    [
        ("AC", "B", "BAC"),
        ("AC", "BA", "BAC"),
        ("ABCD", "CXB", "ACXBD"),
        ("ABCD", "DA", "BCDA"),
        ("", "BA", "BA"),
    ],
)
def test_lists_have_the_order_that_go_gives_them(lower: str, upper: str, merged: str) -> None:
    base, over, found = ({"env": [{"name": name} for name in one]} for one in (lower, upper, merged))
    assert plain(laid_over(base, over)) == found  # as StrategicMergePatch of k8s.io/apimachinery v0.35.0 answered


def test_what_is_laid_over_keeps_the_origin_of_both_sides() -> None:
    runtime = brought({"env": [{"name": "B", "value": "0"}, {"name": "C"}], "image": "server:1"})
    child = Child.of(laid_over(runtime, MODEL), "KServe")
    assert child.data == {
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "0"}, {"name": "C"}],
        "image": "server:1",
    }
    assert str(child.origin(("env", 0))) == "isvc.yaml: spec.model.env[0]"
    assert str(child.origin(("env", 1, "name"))) == "isvc.yaml: spec.model.env[1].name"
    assert str(child.origin(("env", 1, "value"))) == "the runtime: env[0].value"
    assert str(child.origin(("image",))) == "the runtime: image"
