"""JSON for people: what any JSON reader reads back, in few lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text.json import dumps

value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value)
def test_every_value_reads_back(thing):
    assert json.loads(dumps(thing)) == thing


def test_a_list_of_numbers_is_one_line():
    assert dumps({"b": [[0.5, 1], [2, 3]], "a": []}) == '{\n  "a": [],\n  "b": [\n    [0.5, 1],\n    [2, 3]\n  ]\n}'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused(number):
    with pytest.raises(ValueError, match="JSON"):
        dumps({"a": [[number]]})
