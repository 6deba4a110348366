"""YAML-safe values: every reader gets the very string back, and no value changes a document's shape."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.text.yaml import Yaml, block, literal, scalar
from hostile import HOSTILE, Exact

text = st.text(st.characters(exclude_categories=["Cs"]))
tree = st.recursive(
    text | st.integers(-(2**63), 2**63) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_string_comes_back_as_the_same_string(value):
    written = scalar(value)
    assert "\n" not in written
    assert yaml.load(f"a: {written}\nb: 1\n", Exact) == {"a": value, "b": 1}  # noqa: S506 (a subclass of the safe loader)


@given(text)
def test_every_string_comes_back(value):
    assert yaml.load(f"- {scalar(value)}\n- end\n", Exact) == [value, "end"]  # noqa: S506


@given(tree)
def test_every_tree_comes_back(value):
    assert yaml.load(f"a:\n  {block({'b': value}, 2)}\nc: 1\n", Exact) == {"a": {"b": value}, "c": 1}  # noqa: S506


@given(tree)
def test_the_json_subset_of_quoted_strings_is_plain_to_other_readers(value):
    if isinstance(value, str) and scalar(value).startswith('"') and "\\x" not in scalar(value):
        assert json.loads(scalar(value)) == value


@pytest.mark.parametrize("value", [None, object(), {}, b"x"])
def test_what_is_no_single_value_is_refused(value):
    with pytest.raises(TypeError):
        scalar(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_no_file_can_hold_is_refused(value):
    with pytest.raises(ValueError, match=r"manifest|file"):
        scalar(value)


def test_what_is_yaml_already_is_left_alone():
    assert scalar(Yaml("a: b")) == "a: b"


@given(
    st.lists(
        st.sampled_from(["a", " ", "\n", "\n", "#", ": ", "- ", "'", '"', "{", "\t", "é", "|", "---", "\r"]),
        max_size=12,
    ).map("".join)
    | text
)
def test_a_files_text_comes_back_as_it_was(value):
    written = literal(value, 4)
    assert yaml.safe_load(f"a:\n  f: {written}\n  b: 1\n") == {"a": {"f": value, "b": 1}} or not written.startswith("|")


def test_a_files_text_stands_as_it_is():
    assert literal("a {\n  b: 1\n}\n", 4) == "|\n    a {\n      b: 1\n    }"
    assert literal("a", 4) == "a"
    assert literal("a\n\n", 4) == '"a\\n\\n"'
