"""Quantities in the form that the API server writes back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.text.quantity import canonical, value

FORMS = {
    "1000m": "1", "0.5": "500m", "500m": "500m", "2": "2", "0": "0", "0m": "0", "1024Mi": "1Gi", "1.5Gi": "1536Mi",
    "0.5Gi": "512Mi", "1000Mi": "1000Mi", "2048Ki": "2Mi", "512": "512", "1e3": "1e3", "1E3": "1e3", "12e6": "12e6",
    "1000": "1k", "1000k": "1M", "0.1": "100m", "100n": "100n", "0.0000000001": "1n", "1Ki": "1Ki", "0.5Ki": "512",
    "+1": "1", "-1": "-1", ".5": "500m", "1.": "1", "3E": "3E", "1500Gi": "1500Gi", "1048576": "1048576", "81.11Mi": "85050k",
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
