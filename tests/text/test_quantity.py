"""Quantities in the form that the API server writes back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text.quantity import canonical, parse, read, stored, value

FORMS = {
    "1000m": "1", "0.5": "500m", "500m": "500m", "2": "2", "0": "0", "0m": "0", "1024Mi": "1Gi", "1.5Gi": "1536Mi",
    "0.5Gi": "512Mi", "1000Mi": "1000Mi", "2048Ki": "2Mi", "512": "512", "1e3": "1e3", "1E3": "1e3", "12e6": "12e6",
    "1000": "1k", "1000k": "1M", "0.1": "100m", "100n": "100n", "0.0000000001": "1n", "1Ki": "1Ki", "0.5Ki": "512",
    "+1": "1", "-1": "-1", ".5": "500m", "1.": "1", "3E": "3E", "1500Gi": "1500Gi", "1048576": "1048576", "81.11Mi": "85049999360m",
    "1000E": "1e21", "9999Ei": "9223372036854775807", "1e30": "1e30", "1500000000e-9": "1500e-3", "-0.5Gi": "-512Mi",
}  # fmt: skip


@pytest.mark.parametrize(("text", "form"), FORMS.items())
def test_canonical_form(text, form):
    assert canonical(text) == form


@pytest.mark.parametrize("text", ["", "x", "1KiB", "1 Gi", "Gi", "1..2", "0x1", "1e", "--1", "½", "١"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="no quantity"):
        canonical(text)


@given(st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,3})?(Ki|Mi|Gi|m|k|M|G|)", fullmatch=True))
def test_the_canonical_form_is_a_fixed_point_of_the_same_value(text):
    form = canonical(text)
    assert canonical(form) == form
    assert abs(value(form) - value(text)) < Decimal(1)


@pytest.mark.parametrize(
    "text", ["1e28", "1e308", "1.7976931348623157e+308", "9" * 40, "9" * 5000, "0." + "9" * 5000 + "Ki"]
)
def test_numbers_of_any_size_are_held_exactly(text):
    held = read(text)
    assert held is not None
    assert held.number > 0
    assert parse(str(held)).number == held.number
    assert isinstance(held.scaled(-3), int)


@pytest.mark.parametrize("text", ["1e2147483647", "1e-2147483647", "9" * 5000 + "e2000000000"])
def test_a_far_exponent_costs_nothing(text):
    held = read(text)
    assert held is not None
    assert held.rounded().scaled(0) in (0, 1)
    assert len(str(held)) < 6000


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, "0"), (1, "1"), (1.5, "1.5"), (1e20, "1e20"), (1e21, "1e21"), (0.1, "0.1"), (" 2Gi ", "2Gi"),
        ("\u00a02Gi\u3000", "2Gi"), ("1e4294967296", "1"), ("e003", "0"), (".", "0"), ("+", "0"), ("Ki", "0"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_the_api_server_does(value, number):
    assert read(value).number == parse(number).number


@pytest.mark.parametrize(
    "value",
    ["2Gi\n", "\n2Gi", "\t2Gi", "2Gi\r", "2\nGi", "2Gi\u2028", "1e99999999999999999999", "Pi", ".Ei", "e-10", "", " ",
     True, [], {}, "\u0663"],
)  # fmt: skip
def test_what_is_no_quantity_is_none(value):
    assert read(value) is None


def test_what_is_too_large_is_counted_by_what_go_leaves_of_it():
    assert [read(text).scaled(0) for text in ("1e30", "1000E", "10E", "100000000000000000000")] == [
        0, 0, 0, 7766279631452241920,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "written"),
    [("0.5", "500m"), (1e308, "100e306"), ("1e400", "10e399"), ("-", "0"), (None, "0"), ("much", "much"), ([], [])],
)
def test_what_the_api_server_reads_is_handed_on_whoever_would_write_it_so(value, written):
    assert stored(value) == written
