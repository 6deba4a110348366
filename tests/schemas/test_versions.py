"""Releases compare as numbers."""

from __future__ import annotations

import itertools

import pytest

from generator.schemas.versions import Version, names_patch, parse_version


@pytest.mark.parametrize(
    ("text", "version", "shown"),
    [
        ("0.20", Version(0, 20), "0.20.0"),
        ("0.20.0", Version(0, 20, 0), "0.20.0"),
        ("v1.5.2", Version(1, 5, 2), "1.5.2"),
        ("2.7.0-rc1", Version(2, 7, 0, 2, 1), "2.7.0-rc1"),
        ("1.19.0-rc.1", Version(1, 19, 0, 2, 1), "1.19.0-rc1"),
        ("1.0.0-alpha2", Version(1, 0, 0, 0, 2), "1.0.0-alpha2"),
    ],
)
def test_parsing_and_showing(text: str, version: Version, shown: str) -> None:
    assert parse_version(text) == version
    assert str(version) == shown
    assert parse_version(shown) == version


@pytest.mark.parametrize("text", ["", "1", "x.y", "0.20.0.1", "0.20-final", "latest", "1.2.3-rc1x", "9999999999.1"])
def test_what_is_no_release(text: str) -> None:
    with pytest.raises(ValueError, match="no release"):
        parse_version(text)


def test_order_is_that_of_numbers_and_a_candidate_comes_before_its_release() -> None:
    texts = ["0.9.1", "0.20.0-alpha1", "0.20.0-beta1", "0.20.0-rc1", "0.20.0-rc2", "0.20.0", "0.20.1", "1.0"]
    versions = [parse_version(text) for text in texts]
    assert all(before < after for before, after in itertools.pairwise(versions))
    assert [version.final for version in versions].count(False) == 4


@pytest.mark.parametrize(("text", "full"), [("0.20", False), ("0.20.0", True), ("2.7.0-rc1", True), ("x", False)])
def test_whether_a_patch_is_named(text: str, full: bool) -> None:
    assert names_patch(text) is full
