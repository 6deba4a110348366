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
ENOUGH = 0.95
ALL = os.environ.get("SERINUS_LAB") == "all"


@pytest.mark.lab
@pytest.mark.parametrize("name", variants.VARIANTS)
def test_children_computed_are_children_made(name, tmp_path):
    if name not in variants.FIRST and not ALL:
        pytest.skip("SERINUS_LAB=all runs it")
    before = proven.read().get(name)
    if before is None and not WRITES:
        pytest.skip("not proven yet: python -m proof tells what is missing")
    if not (SHARED / "corpus").is_dir():
        pytest.skip("no corpus beside the project")
    variant = variants.VARIANTS[name]
    with variant.started(tmp_path) as lab:
        found = prove(lab, variant, recordings.recorded(lab, variant))
    assert not found.faults, told(name, found)
    if WRITES:
        proven.write(name, summary(found))
    elif before:
        # Numbers move with the examples, and with what is said to be unknown: that must not grow unseen.
        assert found.documents >= ENOUGH * before["documents"], told(name, found)


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
