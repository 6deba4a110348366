"""YAML with comments: the same values as without, and each comment at its place."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as some

from generator.text.commented import block

VALUES = some.recursive(
    some.text() | some.integers() | some.booleans() | some.none(),
    lambda below: some.lists(below, max_size=3) | some.dictionaries(some.text(max_size=5), below, max_size=3),
    max_leaves=8,
)
OBJECTS = some.dictionaries(some.text(max_size=5), VALUES, min_size=1, max_size=4)


@given(OBJECTS, some.text())
def test_comments_change_no_value(value: dict[str, Any], words: str) -> None:
    assert yaml.safe_load(block(value, lambda _: words)) == value
    assert yaml.safe_load(block(value, lambda _: "")) == value


def test_a_comment_stands_in_the_line_of_its_place() -> None:
    places = {("a",): "of a", ("b", 0): "of the item", ("b", 0, "c"): "of\nc", ("b", 1): "of a scalar"}
    text = block({"a": {"x": 1}, "b": [{"c": 2, "d": [3]}, 4], "e": {}}, lambda path: places.get(path, ""))
    assert text.split("\n") == [
        "a:  # of a",
        "  x: 1",
        "b:",
        "  -  # of the item",
        "    c: 2  # of c",
        "    d:",
        "      - 3",
        "  - 4  # of a scalar",
        "e: {}",
    ]
