"""The official samples: at least 80 % of the valid ones mean after convert and render what they meant before."""

from __future__ import annotations

import re

import pytest

from convert.samples import CORPUS, NEWEST, documents, judged
from generator.convert import Conversion
from generator.reading.documents import format_path

WANTED = 80
"""Percent, of each platform (issue 5)."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is in ../shared, which isn't here")


@pytest.mark.parametrize("platform", NEWEST)
def test_four_of_five_samples_keep_their_meaning(platform, capsys):
    samples = [judged(document, NEWEST[platform][1]) for document in documents(platform)]
    same = sum(not sample.told for sample in samples)
    patched = sum("\npatches:" in sample.outcome.text for sample in samples if not sample.told)
    share = 100 * same / len(samples)
    with capsys.disabled():
        print(f"\n{platform}: {same} of {len(samples)} samples keep their meaning, {share:.1f} %")
        print(f"{platform}: {patched} of these by patches, in words of the platform's own")
    assert share >= WANTED, [f"{sample.document.file}: {sample.told[0]}" for sample in samples if sample.told]


@pytest.mark.parametrize("platform", NEWEST)
def test_what_a_sample_loses_is_told(platform):
    """A difference is never silent: convert lists something as lost, says that render refuses it, or refuses the sample."""
    silent = [
        f"{sample.document.file}: {sample.told}"
        for sample in (judged(document, NEWEST[platform][1]) for document in documents(platform))
        if sample.told
        and isinstance(sample.outcome, Conversion)
        and not sample.outcome.lost
        and not any("refuses" in note for note in sample.outcome.notes)
    ]
    assert silent == []


@pytest.mark.parametrize("platform", NEWEST)
def test_each_difference_is_listed_to_the_user_at_its_place(platform):
    for document in documents(platform):
        sample = judged(document, NEWEST[platform][1])
        if not isinstance(sample.outcome, Conversion):
            continue
        listed = [lost.place.path for lost in sample.outcome.lost]
        for place in sample.places:
            shown = format_path(place) if place else ""
            old = re.sub(r"^spec\.predictor\.model\b", "spec.predictor.FRAMEWORK", shown)
            near = [
                re.sub(r"^spec\.predictor\.(?!model\b)[a-z]+(?=\.|$)", "spec.predictor.FRAMEWORK", each)
                for each in listed
            ]
            assert any(
                one.startswith(other) or other.startswith(one) for one in (shown, old) for other in (*listed, *near)
            ), (document.file, shown, listed)
