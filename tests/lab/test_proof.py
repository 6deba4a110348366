"""What is computed of documents is what the platforms' real controllers make of them."""

from __future__ import annotations

import os

import proven
import pytest
import recordings
import variants
from installed import SHARED
from proof import prove, summary, told

from kit import ROOT

WRITES = os.environ.get("SERINUS_GOLDEN") == "write"
ALL = os.environ.get("SERINUS_LAB") == "all"


@pytest.mark.lab
@pytest.mark.parametrize("name", variants.VARIANTS)
def test_children_computed_are_children_made(name, tmp_path):
    if name not in variants.FIRST and not ALL:
        pytest.skip("SERINUS_LAB=all runs it")
    if not (SHARED / "corpus").is_dir():
        pytest.skip("no corpus beside the project")
    variant = variants.VARIANTS[name]
    with variant.started(tmp_path) as lab:
        found = prove(lab, variant, recordings.recorded(lab, variant))
    assert not found.faults, told(name, found)
    if WRITES:
        proven.write(name, summary(found))
    assert summary(found) == proven.read().get(name), "write it with SERINUS_GOLDEN=write"


def test_the_golden_page_says_what_was_counted():
    file = ROOT / "docs" / "outcome.md"
    before, heading, after = file.read_text(encoding="utf-8").partition(proven.HEADING)
    if WRITES:
        after = proven.section().removeprefix(heading)
        file.write_text(before + heading + after, encoding="utf-8")
    assert heading + after == proven.section(), "write it with `make golden`"


def test_every_reason_was_needed_in_the_last_proof():
    needed = {words for numbers in proven.read().values() for words in numbers["explained"]}
    assert {one.words for one in proven.reasons.REASONS} == needed
